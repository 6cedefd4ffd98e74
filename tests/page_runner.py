"""Runs the blocks of a page, from its first to its last.

- The Python blocks of a page are one program. pytest runs the program, so a block may be a test itself. If the
  paragraph before a block ends with the name of a file, as in "`app.py`:", the block is that file. The program imports
  it, or pytest runs it if its name begins with ``test_``.
- A block of sh runs in the folder of these files. Lines with ``pip install`` are compared with pyproject.toml.
- Blocks of json, toml, yaml and ini are parsed. Blocks of text and http show something, and are no code.
- A block of another language fails, unless the paragraph before it begins with "Not run in the tests: " and gives the
  reason.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import yaml
from documents import ROOT, Block

import cookiejar_session
from cookiejar_session import Key

SHOWN = {"text", "http"}
PARSED = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
    "ini": lambda text: configparser.ConfigParser(interpolation=None).read_string(text),
}
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
        # Of the plugins that are installed, the pages need only our own. Hypothesis alone takes a second to start.
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
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


def run_blocks(blocks: Iterable[Block], folder: Path) -> None:
    """Run the blocks of a page, from the first to the last."""
    program: list[str] = []
    tests: list[str] = []
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
            module = block.file_name.removesuffix(".py")
            if module.startswith("test_"):
                tests.append(block.file_name)
            else:
                program += [""] * (block.line - len(program)) + [f"import {module}"]
        elif block.language == "python":
            # The lines have the numbers that they have on the page.
            program += [""] * (block.line - len(program)) + block.text.splitlines()
        elif block.language not in SHOWN:
            raise AssertionError(f"line {block.line}: no test runs a block of {block.language!r}")
    if program:
        tests.append("test_page.py")
        folder.joinpath("test_page.py").write_text("\n".join([*program, ""]))
    if tests:
        options = ["-q", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder), "-p", "no:cacheprovider"]
        options += ["-p", "pytest_cookiejar_session"]
        run([sys.executable, "-m", "pytest", *options, *tests], folder)
