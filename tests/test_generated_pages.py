"""The pages and pictures that programs write are in step with their sources."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from documents import ROOT

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
