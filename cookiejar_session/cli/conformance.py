"""The command ``conformance``: runs the conformance suite against the installed package."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from ..errors import ConfigError

DESCRIPTION = """\
Run the conformance suite against the package that is installed here. The suite
is the folder "conformance" of the source code, which is not installed:
download the source of the same version. Its program is run.

The status is 0 if every case passed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path("conformance"),
        metavar="FOLDER",
        help="the folder of the suite (default: conformance)",
    )


def run(options: argparse.Namespace) -> int:
    """Run the suite and return 0 if every case passed."""
    folder: Path = options.folder.absolute()
    runner, adapter = folder / "run.py", folder / "ports" / "python" / "adapter.py"
    try:
        missing = next((each for each in (runner, adapter) if not each.is_file()), None)
    except OSError as exc:
        raise ConfigError(f"{options.folder}: {exc.strerror or exc}; name a folder that this user can read") from None
    if missing is not None:
        name = missing.relative_to(folder).as_posix()
        raise ConfigError(f"{options.folder} is not the folder of the conformance suite: it has no {name}")
    command = [sys.executable, str(runner), "--format", "json" if options.json else "text"]
    # Without PYTHONPATH, the adapter imports the installed package, not the package beside the suite.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(  # noqa: S603 - the operator named the folder
        [*command, "--", sys.executable, str(adapter)], env=environment, check=False
    )
    return 0 if done.returncode == 0 else 1
