"""The command ``seal``: makes a token from an envelope in JSON."""

from __future__ import annotations

import argparse
import time
from typing import Any, cast

from ..errors import ConfigError
from ..headers.set_cookie import CookieAttributes
from ..wire.envelope import Envelope
from ..wire.sealing import seal_token
from .argument_values import UsageError
from .json_values import parse_json
from .keys_source import KEYS_HELP, add_keys_option, read_keys
from .output import print_json
from .token_input import read_input

DESCRIPTION = f"""\
Seal an envelope. Read it as JSON from standard input, as "open" prints it, and
print its token. For a new session, use "mint".

The token is issued now, so "issued" may be left out; "flash" too. Bytes are
{{"$bytes": "base64"}}, "sid" is 32 hex digits.

{KEYS_HELP}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_keys_option(parser)
    parser.add_argument(
        "--cookie", metavar="NAME", default=CookieAttributes().name, help="the cookie's name (default: %(default)s)"
    )
    parser.add_argument("--purpose", metavar="TEXT", help="what it is sealed for, if not for the cookie's name")
    parser.add_argument("--header", action="store_true", help="print a Cookie header field, not the token alone")


def run(options: argparse.Namespace) -> int:
    """Print the token of an envelope."""
    now = int(time.time())
    if options.keys_file == "-":
        raise UsageError("standard input has the envelope, so it cannot have the keys too; name a file")
    keyring = read_keys(options.keys_file, now=now).keyring
    envelope = read_envelope(read_input())
    purpose = options.cookie if options.purpose is None else options.purpose
    print_token(options, options.cookie, seal_token(envelope, keyring=keyring, purpose=purpose, now=now))
    return 0


def print_token(options: argparse.Namespace, name: str, token: str) -> None:
    """Print a token: alone, as a Cookie header field, or as JSON."""
    if options.json:
        print_json({"name": name, "token": token, "header": f"{name}={token}"})
    else:
        print(f"Cookie: {name}={token}" if options.header else token)


def read_envelope(text: str) -> Envelope:
    """Return the envelope that JSON describes. Raises ConfigError, whose message shows no value."""
    given = parse_json(text.encode("latin-1").decode("utf-8", "replace"), "the envelope")
    if not isinstance(given, dict):
        raise ConfigError("the envelope must be a JSON object, as open prints it")
    fields = cast("dict[str, Any]", given)
    names = Envelope.__struct_fields__
    missing = [name for name in names if name not in fields and name not in ("issued", "flash")]
    unknown = len([name for name in fields if name not in names])
    if missing or unknown:
        raise ConfigError(
            f"the envelope lacks {', '.join(missing) or 'nothing'} and has {unknown} other fields; it has "
            f"{', '.join(names)}"
        )
    try:
        sid = bytes.fromhex(fields["sid"])
    except (TypeError, ValueError):
        raise ConfigError("the envelope's sid must be 32 hex digits") from None
    values: dict[str, Any] = {"issued": fields["created"], "flash": [], **fields, "sid": sid}
    return Envelope(**values)
