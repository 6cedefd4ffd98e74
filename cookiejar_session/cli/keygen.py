"""The command ``keygen``: makes a key."""

from __future__ import annotations

import argparse
import sys

from ..errors import ConfigError
from ..keys.key import Key
from ..keys.ring_text import parse_entry
from .argument_values import UsageError
from .output import print_json, print_note

DESCRIPTION = """\
Make a new random key. Print its key text on standard output and its key id on
standard error. The key text is secret: put it in COOKIEJAR_SESSION_KEYS, or in
the file that COOKIEJAR_SESSION_KEYS_FILE names. The key id is public.

To replace the keys of running servers, use "keyring rotate" instead."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--from", dest="start", metavar="TIME", help="the key seals from this time on, such as 2027-01-31T00:00:00Z"
    )
    parser.add_argument("--until", metavar="TIME", help="from this time on, the key neither seals nor opens")


def run(options: argparse.Namespace) -> int:
    """Print a new key and its key id."""
    key = Key.generate()
    times = {"from": options.start, "until": options.until}
    text = key.to_text() + "".join(f"@{name}={time}" for name, time in times.items() if time is not None)
    try:
        # parse_entry() raises ConfigError for times that no reader of the ring accepts.
        parse_entry(text, 0)
    except ConfigError as exc:
        raise UsageError(str(exc)) from None
    if options.json:
        print_json({"key_id": key.key_id.hex(), "key_text": text})
        return 0
    print(text)
    # If standard output cannot be written, flush() raises an error here. Then the key id is not printed,
    # and the status is 1.
    sys.stdout.flush()
    print_note(f"key id {key.key_id.hex()}")
    return 0
