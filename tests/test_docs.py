"""Every block of code in README.md and docs/ runs in a test, or says why not.

A page has a test file of its own (OWN_TESTS), or the tests here run it from its first line to its last:

- The Python blocks of a page are one program. pytest runs the program, so a block may be a test itself. If the
  paragraph before a block ends with the name of a file, as in "`app.py`:", the block is that file, and the program
  imports it.
- A block of sh runs in the folder of these files. Lines with ``pip install`` are compared with pyproject.toml.
- Blocks of json and toml are parsed. Blocks of text and http show something, and are no code.
- A block of another language needs a test file, or a paragraph before it that begins with "Not run in the tests: " and
  gives the reason.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from documents import PAGES, ROOT, Block, Page, list_blocks

import cookiejar_session
from cookiejar_session import Key

TESTS = Path(__file__).parent
OWN_TESTS = {
    "README.md": "test_readme.py",
    "docs/start.md": "test_first_minutes.py",
    "docs/how-to/command-line.md": "test_command_line.py",
    "docs/how-to/django.md": "integrations/test_django_guide.py",
    "docs/how-to/fastapi.md": "integrations/test_fastapi_docs.py",
    "docs/how-to/flask.md": "integrations/test_framework_docs.py",
    "docs/how-to/libraries.md": "peers/examples.py",
    "docs/how-to/quart.md": "integrations/test_framework_docs.py",
    "docs/how-to/recipes.md": "test_recipes.py",
    "docs/how-to/testing.md": "test_testing_docs.py",
}
SHOWN = {"text", "http"}
PARSED = {"json": json.loads, "toml": tomllib.loads}
# In seconds, for a page.
PATIENCE = 120
PROJECT = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8"))


def make_environment(folder: Path) -> dict[str, str]:
    """Return an environment with a key, in which Python finds the package and the files of the page."""
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("COOKIEJAR_SESSION", "PYTEST"))
    }
    installed = Path(cookiejar_session.__file__).parent.parent
    return environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join(map(str, (folder, installed))),
        "COOKIEJAR_SESSION_KEYS": Key.generate().to_text(),
    }


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env=make_environment(folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    # 5: pytest found no test, so the program was only run.
    accepted = {0, 5} if "pytest" in command else {0}
    assert done.returncode in accepted, done.stdout + done.stderr


def check_install(line: str) -> None:
    """Check that a line that installs packages names our extras, and packages that the tests have."""
    words = re.findall(r"[\"']?([\w.-]+)(?:\[([\w,-]+)\])?[\"']?", line.partition("pip install")[2])
    names = {name.lower() for name, _ in words if not name.startswith("-")}
    extras = {extra for _, found in words for extra in found.split(",") if extra}
    groups = [each for group in ("test", "peers") for each in PROJECT["dependency-groups"][group]]
    known = {re.split(r"[\[<>=; ]", each)[0] for each in groups} | {"cookiejar-session", ".", ".."}
    assert names <= known, f"{sorted(names - known)} is not in the groups test and peers of pyproject.toml"
    assert extras <= PROJECT["project"]["optional-dependencies"].keys()


def run_blocks(blocks: list[Block], folder: Path) -> None:
    """Run the blocks of a page, from the first to the last."""
    program: list[str] = []
    for block in blocks:
        if not block.is_run:
            continue
        if block.language in PARSED:
            PARSED[block.language](block.text)
        elif block.language == "sh":
            lines = block.text.splitlines()
            for line in lines:
                if "pip install" in line:
                    check_install(line)
            rest = "\n".join(line for line in lines if "pip install" not in line)
            run(["sh", "-e", "-c", rest], folder)
        elif block.language == "python" and block.file_name is not None:
            folder.joinpath(block.file_name).write_text(block.text)
            if "/" not in block.file_name:
                # A line number of the page for each line, also of this one.
                program += [""] * (block.line - len(program)) + [f"import {block.file_name.removesuffix('.py')}"]
        elif block.language == "python":
            # The lines have the numbers that they have on the page.
            program += [""] * (block.line - len(program)) + block.text.splitlines()
        elif block.language not in SHOWN:
            raise AssertionError(f"line {block.line}: no test runs a block of {block.language!r}")
    if program:
        file = folder / "test_page.py"
        file.write_text("\n".join([*program, ""]))
        options = ["-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), "-p", "no:cacheprovider"]
        run([sys.executable, "-m", "pytest", *options, str(file)], folder)


@pytest.mark.parametrize("path", [path for path in PAGES if path not in OWN_TESTS and Page(path).blocks])
def test_blocks_of_the_page_run(path: str, tmp_path: Path) -> None:
    run_blocks(Page(path).blocks, tmp_path)


def is_covered_here(block: Block) -> bool:
    """Whether the tests of this file are enough for a block of any page."""
    is_install = block.language == "sh" and all("pip install" in line for line in block.text.splitlines())
    return is_install or block.language in SHOWN | PARSED.keys()


@pytest.mark.parametrize("path", OWN_TESTS)
def test_test_file_of_the_page_has_each_of_its_blocks(path: str) -> None:
    blocks = Page(path).list_blocks_without_test(TESTS / OWN_TESTS[path])
    assert [block for block in blocks if not is_covered_here(block)] == []


@pytest.mark.parametrize("path", PAGES)
def test_packages_that_a_page_installs_are_those_of_the_tests(path: str) -> None:
    for block in Page(path).blocks:
        for line in block.text.splitlines():
            if block.language == "sh" and "pip install" in line:
                check_install(line)


@pytest.mark.parametrize("path", PAGES)
def test_each_block_names_its_language(path: str) -> None:
    assert [block for block in Page(path).blocks if not block.language] == []


@pytest.mark.parametrize("path", PAGES)
def test_shell_commands_that_do_not_run_have_no_fault_of_syntax(path: str, tmp_path: Path) -> None:
    for block in Page(path).blocks:
        if block.language == "sh":
            run(["sh", "-n", "-c", block.text], tmp_path)


# The file of an included page is where its text is written.
@pytest.mark.parametrize("path", [*PAGES, "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "SPEC.md"])
def test_files_that_a_page_links_to_exist(path: str) -> None:
    page = ROOT / path
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


# The runner itself


def write(*blocks: str) -> list[Block]:
    return list_blocks("\n\n".join(blocks))


@pytest.mark.parametrize(
    "block",
    [
        "```python\nraise ValueError\n```",
        "```python\ndef test_falls():\n    assert 1 == 2\n```",
        "It is `app.py`:\n\n```python\nraise ValueError\n```",
        "```sh\nfalse\ntrue\n```",
        "```sh\npython -m pip install 'cookiejar-session[tulip]'\n```",
        "```sh\npip install not-a-package-of-ours\n```",
        "```json\n{\n```",
        "```rust\nfn main() {}\n```",
    ],
    ids=["raises", "test-fails", "file-raises", "command-fails", "extra", "package", "json", "language"],
)
def test_false_block_fails(block: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, ValueError)):
        run_blocks(write(block), tmp_path)


def test_later_block_has_the_names_and_files_of_earlier_ones(tmp_path: Path) -> None:
    run_blocks(
        write(
            "It is `shop.py`:\n\n```python\nitems = 3\n```",
            "```python\ncount = 4\n```",
            "```sh\ntest -f shop.py && python -c 'import shop' > done.txt\n```",
            "```python\nfrom pathlib import Path\n\nimport shop\n\n\n"
            "def test_all():\n    assert shop.items + count == 7\n    assert Path('done.txt').is_file()\n```",
            "Not run in the tests: it needs an account.\n\n```python\nraise ValueError\n```",
        ),
        tmp_path,
    )


def test_error_has_the_line_of_the_page(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"test_page\.py:5"):
        run_blocks(write("# Title", "```python\n\nraise ValueError\n```"), tmp_path)


def test_reason_belongs_to_the_next_block_alone() -> None:
    blocks = write("Not run in the tests: why.", "```sh\nfalse\n```", "```sh\nfalse\n```")
    assert [block.is_run for block in blocks] == [False, True]
