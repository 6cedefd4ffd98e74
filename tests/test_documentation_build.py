"""What builds the documentation: links between files become links between pages, and the built pages are checked.

``tox -e docs`` builds the pages themselves.
"""

from __future__ import annotations

import zlib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from documents import ROOT

SOURCE = "https://forge.example/project/blob/main/"


def load(path: str) -> ModuleType:
    spec = spec_from_file_location(Path(path).stem, ROOT / "docs" / path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LINKS = load("extensions/repository_links.py")
CHECK = load("check_pages.py")


@pytest.mark.parametrize(
    ("file", "page", "text", "expected"),
    [
        ("docs/how-to/keys.md", None, "[a](../../SPEC.md)", "[a](../reference/spec.md)"),
        ("docs/how-to/keys.md", None, "[a](../../SPEC.md#8-open)", "[a](../reference/spec.md#8-open)"),
        ("docs/how-to/keys.md", None, "[a](cookies.md)", "[a](cookies.md)"),
        ("docs/how-to/keys.md", None, "[a](../../tox.ini)", f"[a]({SOURCE}tox.ini)"),
        ("CHANGELOG.md", "docs/reference/changelog.md", "[a](docs/how-to/flask.md)", "[a](../how-to/flask.md)"),
        ("conformance/README.md", "docs/reference/conformance.md", "[a](../SPEC.md)", "[a](spec.md)"),
        ("conformance/README.md", "docs/reference/conformance.md", "[a](run.py)", f"[a]({SOURCE}conformance/run.py)"),
        ("docs/start.md", None, "[a](https://example.com/x.md)", "[a](https://example.com/x.md)"),
        ("docs/start.md", None, "[a](#here)", "[a](#here)"),
        ("docs/start.md", None, "![a](../README.md)", "![a](../README.md)"),
        ("docs/start.md", None, "`[a](../README.md)`", "`[a](../README.md)`"),
        ("docs/start.md", None, "```md\n[a](../README.md)\n```", "```md\n[a](../README.md)\n```"),
        ("docs/start.md", None, "[a](../missing.md)", "[a](../missing.md)"),
    ],
    ids=[
        "page-of-a-file",
        "anchor",
        "page",
        "file-without-a-page",
        "included",
        "included-beside",
        "included-file",
        "web",
        "anchor-alone",
        "picture",
        "code",
        "block",
        "missing",
    ],
)
def test_link_to_a_file_leads_to_its_page(file: str, page: str | None, text: str, expected: str) -> None:
    assert LINKS.rewrite_links(text, file=file, page=page or file, source=SOURCE) == expected


def test_file_that_a_page_includes_is_listed_with_this_page() -> None:
    for file, page in LINKS.INCLUDED.items():
        assert ROOT.joinpath(file).is_file()
        if file != "README.md":
            assert ROOT.joinpath(page).read_text() == f"```{{include}} ../../{file}\n```\n"


def test_source_is_the_address_in_pyproject() -> None:
    assert LINKS.read_source_address().startswith("https://")
    assert LINKS.read_source_address().endswith("/blob/main/")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Built pages without a fault."""
    tmp_path.joinpath("index.html").write_text(
        '<h1 id="top">A</h1><a href="b.html#more">b</a><a href="#top">top</a><a href="https://example.com/">c</a>'
    )
    tmp_path.joinpath("b.html").write_text('<h2 id="more">B</h2><img src="picture.svg"><a href="index.html">a</a>')
    tmp_path.joinpath("picture.svg").write_text("<svg/>")
    return tmp_path


def test_good_links_have_no_fault_and_addresses_are_listed(folder: Path) -> None:
    assert CHECK.find_faults(folder) == ([], ["https://example.com/"])


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('<a href="c.html">c</a>', "b.html: c.html: there is no such file"),
        ('<a href="index.html#no">c</a>', "b.html: index.html#no: the page has no such anchor"),
        ('<a href="#no">c</a>', "b.html: #no: the page has no such anchor"),
        ('<img src="no.svg">', "b.html: no.svg: there is no such file"),
        ('<b id="more">1</b><i id="more">2</i>', "b.html: two elements have the id 'more'"),
    ],
    ids=["file", "anchor", "anchor-of-this-page", "picture", "id"],
)
def test_fault_is_found(folder: Path, page: str, fault: str) -> None:
    folder.joinpath("b.html").write_text(page)
    faults, _ = CHECK.find_faults(folder)
    assert fault in faults


def write_inventory(path: Path, names: list[str]) -> None:
    head = b"# Sphinx inventory version 2\n# Project: a\n# Version: 1\n# The remainder is compressed using zlib.\n"
    lines = "".join(f"{name} py:class 1 api.html#$ -\n" for name in names)
    path.write_bytes(head + zlib.compress(lines.encode()))


def test_name_that_the_reference_lacks_is_found(tmp_path: Path) -> None:
    names = [name for module in CHECK.MODULES for name in CHECK.list_public_names(module)]
    assert "cookiejar_session.Session.regenerate" in names
    assert "cookiejar_session.Session.clear" in names
    assert "cookiejar_session.testing.sign_in" in names
    write_inventory(tmp_path / "objects.inv", names)
    assert CHECK.find_missing_names(tmp_path / "objects.inv") == []
    write_inventory(tmp_path / "objects.inv", names[1:])
    assert CHECK.find_missing_names(tmp_path / "objects.inv") == names[:1]
