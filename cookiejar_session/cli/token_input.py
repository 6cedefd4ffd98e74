"""Finding tokens in text that people paste: a token, a Cookie or Set-Cookie header, a curl cookie jar, a log line."""

from __future__ import annotations

import argparse
import re
from typing import NamedTuple

from ..errors import ConfigError
from .output import print_warning
from .standard_input import read_standard_input

MAX_INPUT_OCTETS = 1 << 20
_HELP = "what holds the token; standard input if it is - or left out"
# Matches a name before "=" (in a header) or a tab (in a jar of curl), then a token of any version (SPEC 8.2).
_TOKENS = re.compile(r"(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)[=\t][ \"]*)?(cj[0-9]{1,9}[a-z]?\.[A-Za-z0-9_-]*)")


class FoundToken(NamedTuple):
    """A token, and the name of its cookie; None if the text does not give the name."""

    name: str | None
    token: str

    def __repr__(self) -> str:
        return "<FoundToken>"


def add_token_argument(parser: argparse.ArgumentParser) -> None:
    """Add the argument ``TOKEN`` to a command."""
    parser.add_argument("token", nargs="?", default="-", metavar="TOKEN", help=_HELP)


def read_tokens(argument: str, cookie: str | None) -> list[FoundToken]:
    """Return the tokens in ``argument``, or in standard input if ``argument`` is ``-``.

    With ``cookie``, tokens of cookies with another name are left out. Raises ConfigError if no token is left.
    """
    if argument == "-":
        text = read_input()
    else:
        print_warning(
            "a token on the command line can be read by every user of this machine (ps), and the shell keeps it in its "
            "history; give it on standard input"
        )
        text = argument
    found = [FoundToken(*pair) for pair in find_tokens(text) if cookie is None or pair[0] in (None, cookie)]
    if not found:
        raise ConfigError("no token was found; a token begins with cj1. and is the value of the session cookie")
    return found


def find_tokens(text: str) -> list[tuple[str | None, str]]:
    """Return each token in ``text`` with the name of its cookie, or None."""
    return [(found[1], found[2]) for found in _TOKENS.finditer(text)]


def read_input() -> str:
    """Return standard input as text: each octet becomes one character. Raises ConfigError if the input is too long."""
    return read_standard_input(MAX_INPUT_OCTETS).decode("latin-1")
