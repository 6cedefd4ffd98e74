"""The command line's entry point: reads the arguments and runs one command.

The module of a command is imported when the command is used: most commands need PyNaCl, and importing PyNaCl takes
longer than printing the help.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..errors import CookiejarError
from .argument_values import UsageError
from .output import PROGRAM, VERSION, print_error
from .secret_arguments import KEY_AS_ARGUMENT, has_key

DESCRIPTION = "Encrypted cookie sessions, shared by WSGI and ASGI applications."
EXIT_STATUS = """\
exit status:
  0  it was done, or nothing is wrong
  1  it was refused or failed, or something is wrong; standard error says what
  2  the command line is wrong"""

# Each command, the module that has it, and what it does.
COMMANDS = {
    "keygen": ("keygen", "make a key"),
    "keyring show": ("keyring_show", "show the state of each key"),
    "keyring rotate": ("keyring_rotate", "replace a key without logging anybody out"),
    "inspect": ("inspect_token", "say what is in a session cookie"),
    "open": ("open_token", "print the envelope of a token as JSON"),
    "seal": ("seal", "make a token from an envelope in JSON"),
    "mint": ("mint", "make the cookie of a new session, for scripts and tests"),
    "check": ("check", "say what is wrong or risky in a configuration"),
    "conformance": ("conformance", "run the conformance suite against this installation"),
    "completion": ("completion", "print completions for a shell"),
    "demo": ("demo", "serve the demonstration on this machine"),
}
GROUPS = {"keyring": "show the keys, or rotate them"}
# These commands have no --json: the demonstration prints a log, and completion prints a script.
_WITHOUT_JSON = {"completion", "demo"}


def build_parser(wanted: str | None = None) -> argparse.ArgumentParser:
    """Return the parser. Only the command ``wanted`` gets its arguments. If it is None, every command gets them.

    The help lists the other commands too, but their modules are not imported.
    """
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description=DESCRIPTION,
        epilog=EXIT_STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {VERSION}", help="show the version and exit")
    commands = _add_subparsers(parser)
    groups: dict[str, Any] = {}
    for name, (module, summary) in COMMANDS.items():
        group, _, inner = name.rpartition(" ")
        if group and group not in groups:
            groups[group] = _add_subparsers(
                commands.add_parser(group, help=GROUPS[group], description=f"{GROUPS[group].capitalize()}.")
            )
        command = (groups[group] if group else commands).add_parser(
            inner, help=summary, epilog=EXIT_STATUS, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if wanted in (None, name):
            _complete(command, name, import_module(f".{module}", __package__))
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if has_key(given):
        print_error(KEY_AS_ARGUMENT)
        return 2
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison]
        # Standard output was closed before Python started. print() would do nothing, and a new key would be lost.
        print_error("standard output is closed")
        return 1
    options = build_parser(_find_command(given)).parse_args(given)
    try:
        status: int = options.run(options)
        # Without this, Python would notice a full disk or a closed pipe only at its end, after the status is decided.
        sys.stdout.flush()
    except CookiejarError as exc:
        print_error(str(exc))
        return 2 if isinstance(exc, UsageError) else 1
    except KeyboardInterrupt:
        print_error("interrupted")
        return 1
    except BrokenPipeError:
        # The program that reads our output, such as head, has stopped reading. When Python exits, it writes the rest of
        # the output, and that would fail again.
        _silence_output()
        return 1
    except OSError as exc:
        _silence_output()
        # An error of writing the output names no file.
        if exc.filename is None:
            print_error(f"standard output: {exc.strerror or exc}")
        else:
            print_error(f"{exc.filename}: {exc.strerror or exc}")
        return 1
    return status


def _add_subparsers(parser: argparse.ArgumentParser) -> Any:
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True)


def _complete(command: argparse.ArgumentParser, name: str, module: Any) -> None:
    command.description = module.DESCRIPTION
    module.add_arguments(command)
    if name not in _WITHOUT_JSON:
        command.add_argument("--json", action="store_true", help="print JSON on standard output")
    command.set_defaults(run=module.run)


def _find_command(arguments: Sequence[str]) -> str:
    """Return the command that the arguments name, or an empty text."""
    for length in (2, 1):
        name = " ".join(arguments[:length])
        if name in COMMANDS:
            return name
    return ""


def _silence_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
