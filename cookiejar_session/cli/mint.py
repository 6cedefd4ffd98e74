"""The command ``mint``: makes the cookie of a new session, for scripts and tests."""

from __future__ import annotations

import argparse
import time

from ..cookie_sessions import CookieSessions
from ..errors import ConfigError
from ..headers.set_cookie import CookieAttributes
from ..session.minted_cookie import mint_cookie
from .application import load_settings
from .argument_values import UsageError
from .json_values import parse_json
from .keys_source import KEYS_HELP, add_keys_option, read_keys
from .seal import print_token
from .token_input import read_input

DESCRIPTION = f"""\
Make the cookie of a new session. Read its data as a JSON object from standard
input; bytes are {{"$bytes": "base64"}}. Print the token, or a Cookie header
field.

With --application, the cookie is as that application would set it. Without, it
has the default attributes and lifetimes, or the name of --cookie.

{KEYS_HELP}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--application", metavar="MODULE:OBJECT", help="an application with sessions, as for check")
    add_keys_option(source)
    parser.add_argument("--cookie", metavar="NAME", help="the name of the cookie, without --application")
    parser.add_argument("--header", action="store_true", help="print a Cookie header field, not the token alone")


def run(options: argparse.Namespace) -> int:
    """Print the cookie of a new session."""
    now = int(time.time())
    if options.application is not None:
        settings = load_settings(options.application)
    elif options.keys_file == "-":
        raise UsageError("standard input has the data, so it cannot have the keys too; name a file")
    else:
        keyring = read_keys(options.keys_file, now=now).keyring
        try:
            # The default attributes are valid for every name, with and without the prefix __Host-.
            cookie = CookieAttributes(name=options.cookie or CookieAttributes().name)
        except ConfigError as exc:
            raise UsageError(str(exc)) from None
        settings = CookieSessions(keyring, cookie=cookie).settings
    data = parse_json(read_input().encode("latin-1").decode("utf-8", "replace"), "the data")
    minted = mint_cookie(settings, data, flash=(), persistent=None, created_at=None, now=now)
    print_token(options, minted.name, minted.token)
    return 0
