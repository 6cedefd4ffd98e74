"""The command line's entry point: reads the arguments and runs one command."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from . import demo, keygen


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="cookiejar-session", description="Encrypted cookie sessions, shared by WSGI and ASGI applications."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    keygen.add_command(commands)
    demo.add_command(commands)
    options = parser.parse_args(arguments)
    status: int = options.run(options)
    return status
