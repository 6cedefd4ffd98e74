"""The pages and pictures that programs write are in step with their sources."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from documents import PAGES, ROOT

PROGRAMS = ("reference/man_page.py", "reference/messages.py", "pictures/draw.py")
MESSAGES = (ROOT / "docs/reference/messages.md").read_text()


@pytest.mark.parametrize("program", PROGRAMS)
def test_page_in_git_is_what_its_program_writes(program: str) -> None:
    command = [sys.executable, str(ROOT / "docs" / program), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def load(program: str) -> ModuleType:
    spec = spec_from_file_location("program", ROOT / "docs" / program)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("program", ["pictures/draw.py", "reference/messages.py"])
def test_stale_page_is_named(program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    module = load(program)
    if program == "pictures/draw.py":
        module.FOLDER = tmp_path
        tmp_path.joinpath("a.txt").write_text("size 10 10\nabout nothing\n")
        tmp_path.joinpath("a.svg").write_text("old")
    else:
        module.PAGE = tmp_path / "a.svg"
    assert module.main(["--check"]) == 1
    assert "is not what" in capsys.readouterr().err
    assert module.main([]) == 0
    assert module.main(["--check"]) == 0


# Wider than a system font writes a letter on average: 15 pixels in bold, and 13 pixels.
LETTER = {"first": 9.0, "label": 7.2}
NAMESPACE = "{http://www.w3.org/2000/svg}"
PICTURES = sorted(path.stem for path in ROOT.joinpath("docs/pictures").glob("*.svg"))


def read_picture(name: str) -> ElementTree.Element:
    return ElementTree.fromstring(ROOT.joinpath(f"docs/pictures/{name}.svg").read_text())  # noqa: S314


@pytest.mark.parametrize("name", PICTURES)
def test_picture_is_readable_on_a_phone_in_light_and_dark(name: str) -> None:
    picture = read_picture(name)
    assert int(picture.attrib["width"]) <= 420
    assert "prefers-color-scheme: dark" in (picture.findtext(f"{NAMESPACE}style") or "")
    assert ROOT.joinpath(f"docs/pictures/{name}.txt").is_file()


@pytest.mark.parametrize("name", PICTURES)
def test_text_of_a_picture_fits_into_its_box_and_the_box_into_the_picture(name: str) -> None:
    picture = read_picture(name)
    size = (0, 0, int(picture.attrib["width"]), int(picture.attrib["height"]))
    boxes = [
        tuple(int(each.attrib[key]) for key in ("x", "y", "width", "height"))
        for each in picture.iter(f"{NAMESPACE}rect")
        if each.attrib["class"] != "card"
    ]
    for text in picture.iter(f"{NAMESPACE}text"):
        kind, *left = text.attrib["class"].split()
        x, y, width = int(text.attrib["x"]), int(text.attrib["y"]), LETTER[kind] * len(text.text or "")
        first, last = (x, x + width) if left else (x - width / 2, x + width / 2)
        around = (
            [size]
            if left
            else [box for box in boxes if box[0] <= x <= box[0] + box[2] and box[1] < y < box[1] + box[3]]
        )
        assert len(around) == 1, text.text
        assert around[0][0] <= first, text.text
        assert last <= around[0][0] + around[0][2], text.text
    for box in boxes:
        assert 0 <= box[0] < box[0] + box[2] <= size[2]
        assert 0 <= box[1] < box[1] + box[3] <= size[3]


@pytest.mark.parametrize("name", PICTURES)
def test_page_describes_the_picture_as_the_picture_does(name: str) -> None:
    title = read_picture(name).findtext(f"{NAMESPACE}title")
    pages = [ROOT.joinpath(path).read_text() for path in PAGES]
    assert [page for page in pages if re.search(rf"!\[{re.escape(title or '')}\]\([\w./]*{name}\.svg\)", page)]


def test_label_of_a_vertical_arrow_is_beside_the_line() -> None:
    boxes = "box a plain 0 0 100 50 A\nbox b plain 0 100 100 50 B\n"
    drawn = load("pictures/draw.py").Picture(f"{boxes}arrow a bottom b top then\n").render()
    assert '<path class="line" d="M50 50' in drawn
    assert '<text class="label left" x="60" y="79">then</text>' in drawn


def test_each_message_has_a_remedy() -> None:
    rows = [line for line in MESSAGES.splitlines() if line.startswith("| `")]
    assert len(rows) > 200
    for row in rows:
        message, kind, remedy = re.split(r"(?<!\\) \| ", row.strip("| "))
        assert message.strip("`… ")
        assert kind.strip()
        assert remedy.strip("… ")


def read_messages(source: str, module: ModuleType) -> list[str]:
    reader = module.MessageReader("keys/key.py", ModuleType("made_up"))
    reader.visit(ast.parse(source))
    return [f"{each.kind}: {each.found} -> {each.remedy}" for each in reader.messages]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('raise ConfigError(f"bad {name}; use x")', "ConfigError: bad … -> use x"),
        ('log.warning("%s is old; renew it", name)', "warning: %s is old -> renew it"),
        ('log_request(carrier, logging.ERROR, "late; be early")', "error: late -> be early"),
    ],
)
def test_message_and_its_remedy_are_found(source: str, expected: str) -> None:
    assert read_messages(source, load("reference/messages.py")) == [expected]


def test_message_without_a_remedy_fails() -> None:
    module = load("reference/messages.py")
    read_messages('raise ConfigError("it is broken")', module)
    with pytest.raises(SystemExit, match=r"REMEDIES lacks one for:\nkeys/key.py: it is broken$"):
        module.render_page()
