"""The command ``check``: prints what is wrong or risky in a configuration, before it is deployed."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from ..cookie_sessions import CookieSessions
from ..demo.moments import describe_duration
from ..errors import ConfigError
from ..keys.key_file import is_misplaced_key
from ..keys.keyring import FILE_VARIABLE
from .application import load_settings
from .argument_values import UsageError
from .cookie_findings import check_attributes, check_hosts, check_lifetimes
from .findings import Level
from .key_findings import check_file, check_keyring
from .keys_source import KEYS_HELP, add_keys_option, read_keys
from .output import paint, print_error, print_json, render_table
from .size_findings import check_sizes, list_limits

DESCRIPTION = f"""\
Say what is wrong or risky in a configuration. Run it where the servers run,
with their environment and as their user.

MODULE:OBJECT names a CookieSessions object, or an application with one, as
uvicorn and gunicorn name an application. It is imported, as they import it.
Without it, the keys are checked with the default cookie and lifetimes. An
application reads its keys itself, so give it COOKIEJAR_SESSION_KEYS_FILE and
not --keys-file.

The levels are:
  error    sessions break, or others can take them: status 1
  warning  this may happen: status 0, or 1 with --strict
  note     good to know

{KEYS_HELP}"""

_COLOURS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTE: "dim"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "application",
        nargs="?",
        metavar="MODULE:OBJECT",
        help="such as app:sessions, main:app or main:create_app(); without --keys-file",
    )
    add_keys_option(parser)
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="HOST",
        help="a public host name, such as app.example.com; give it for each that is to share the session",
    )
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")


def run(options: argparse.Namespace) -> int:
    """Print each finding, then the size limits."""
    now = int(time.time())
    if options.application is not None and options.keys_file is not None:
        raise UsageError(
            "check takes MODULE:OBJECT or --keys-file, not both: the application reads its keys itself; leave "
            "--keys-file out, and set COOKIEJAR_SESSION_KEYS_FILE to the file"
        )
    try:
        if options.application is None:
            settings = CookieSessions(read_keys(options.keys_file, now=now).keyring).settings
        else:
            settings = load_settings(options.application)
    except ConfigError:
        _report_file(options.keys_file or os.environ.get(FILE_VARIABLE, ""))
        raise
    limits = list_limits(settings)
    findings = [
        *check_keyring(settings.keyring, idle_timeout=settings.rules.idle, now=now),
        *check_attributes(settings.cookie),
        *check_hosts(settings.cookie, options.host),
        *check_lifetimes(settings.rules, now=now),
        *check_sizes(limits),
    ]
    findings.sort(key=lambda each: list(Level).index(each.level))
    counts = {level: sum(each.level is level for each in findings) for level in Level}
    status = 1 if counts[Level.ERROR] or (options.strict and counts[Level.WARNING]) else 0
    if options.json:
        print_json(
            {
                "findings": [each._asdict() for each in findings],
                "sizes": [each._asdict() for each in limits],
            }
        )
        return status
    rules = settings.rules
    print(
        f"cookie {settings.cookie.name}, idle timeout {describe_duration(rules.idle)}, absolute lifetime "
        f"{describe_duration(rules.absolute)}, tokens of at most {settings.max_token_characters} characters"
    )
    print(f"keys: {settings.keyring.ring(now).describe(now)}\n")
    for each in findings:
        print(f"{paint(each.level, _COLOURS[each.level], sys.stdout)}: {each.message} [{each.code}]")
    print(", ".join(f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts.items()), end="\n\n")
    rows = [["sizes in octets", "limits", "default", "needed", "raised by"]]
    rows += [[each.program, each.limits, str(each.limit), str(each.needed), each.raised_by] for each in limits]
    print("\n".join(render_table(rows)))
    return status


def _report_file(path: str) -> None:
    """Print what is wrong with the mode of a key file. Called when no other check can be made."""
    if not is_misplaced_key(path) and os.path.isfile(path):
        for each in check_file(Path(path)):
            line = f"{each.message} [{each.code}]"
            print_error(line)
