"""The command ``open``: prints the envelope of a token as JSON."""

from __future__ import annotations

import argparse
import time

from ..errors import ConfigError, TokenError
from ..headers.set_cookie import CookieAttributes
from ..wire.envelope import Envelope
from ..wire.opening import open_token
from .argument_values import UsageError
from .json_values import to_json
from .keys_source import KEYS_HELP, add_keys_option, read_keys
from .output import print_json
from .token_input import add_token_argument, read_tokens

DESCRIPTION = f"""\
Open a token, and print its envelope as JSON, with its sid and its values. To
look at a session, use "inspect", which masks them.

TOKEN is a token, or a header or a cookie jar with one. A token that a server
would refuse is refused, with status 1 and the reason.

{KEYS_HELP}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_token_argument(parser)
    add_keys_option(parser)
    parser.add_argument("--cookie", metavar="NAME", help="the name of the cookie, if the text does not say it")
    parser.add_argument("--purpose", metavar="TEXT", help="what it is sealed for, if not for the cookie's name")


def run(options: argparse.Namespace) -> int:
    """Print the envelope of a token."""
    now = int(time.time())
    if options.keys_file == options.token == "-":
        raise UsageError("standard input has the token, so it cannot have the keys too; name a file")
    keyring = read_keys(options.keys_file, now=now).keyring
    found = read_tokens(options.token, options.cookie)
    if len(found) > 1:
        raise ConfigError(f"there are {len(found)} tokens; name one with --cookie, or use inspect")
    name = found[0].name or options.cookie or CookieAttributes().name
    purpose = name if options.purpose is None else options.purpose
    try:
        envelope = open_token(found[0].token, keyring=keyring, purpose=purpose, now=now)
    except TokenError as exc:
        raise ConfigError(f"{exc}; inspect says more") from None
    print_json(write_envelope(envelope))
    return 0


def write_envelope(envelope: Envelope) -> dict[str, object]:
    """Return an envelope as a dict that can be written as JSON."""
    fields = {name: to_json(getattr(envelope, name)) for name in envelope.__struct_fields__}
    return {**fields, "sid": envelope.sid.hex()}
