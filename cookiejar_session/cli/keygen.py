"""The command keygen: make a key."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from ..keys.key import Key


def add_command(commands: Any) -> None:
    """Add the command to the subparsers of the command line."""
    parser = commands.add_parser(
        "keygen",
        help="make a key for COOKIEJAR_SESSION_KEYS",
        description="Make a new random key. Print its key text on standard output and its key id on standard error. "
        "The key text is secret: put it in COOKIEJAR_SESSION_KEYS, or in the file that COOKIEJAR_SESSION_KEYS_FILE "
        "names. The key id is public.",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print a new key and its key id."""
    key = Key.generate()
    print(key.to_text())
    print(f"key id {key.key_id.hex()}", file=sys.stderr)
    return 0
