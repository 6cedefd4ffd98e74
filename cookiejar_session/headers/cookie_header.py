"""Parsing the Cookie header field: the values of all cookies with one name (SPEC 11.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

# SPEC 11.1: at most this many blanks are trimmed in one place. Otherwise, megabytes of blanks would take a long time.
MAX_BLANKS = 16
_BLANKS = " \t"
_ENDS = tuple(_BLANKS)
# Matches a whole header line, as logs and the tools of a browser show it.
_match_header_line = re.compile(r"\s*(set-)?cookie:\s*(.*?)\s*", re.IGNORECASE | re.DOTALL).fullmatch


def scan_cookies(header: str, name: str, *, limit: int | None = None) -> list[str]:
    """Return the values of the cookies called ``name`` in a Cookie field value, in order (SPEC 11.1).

    With ``limit``, the scan stops after that many values. It then takes at most three times as long as
    ``header.split(";")``, since the regular expression only examines the text after each ";".
    """
    values: list[str] = []
    text = f";{header}"
    find_start = _compile_start(name)
    found = find_start(text)
    while found is not None and len(values) != limit:
        start = found.end()
        piece_end = text.find(";", start)
        end = len(text) if piece_end < 0 else piece_end
        # No token contains a comma. A comma separates two header fields that an adapter joined (SPEC 11.3).
        comma = text.find(",", start, end)
        if comma >= 0:
            end = comma
        if text.endswith(_ENDS, start, end):
            # Only the last characters are stripped here, so a long value is copied only once, by append().
            tail = text[max(start, end - MAX_BLANKS) : end]
            end += len(tail.rstrip(_BLANKS)) - len(tail)
        values.append(text[start:end])
        found = None if piece_end < 0 else find_start(text, piece_end)
    return values


@lru_cache(maxsize=64)
def _compile_start(name: str) -> Callable[..., re.Match[str] | None]:
    """Return a search function for the start of a piece: everything before the value (SPEC 11.1 steps 2 to 5)."""
    blanks = f"[{_BLANKS}]{{0,{MAX_BLANKS}}}+"
    return re.compile(rf";{blanks}{re.escape(name)}={blanks}").search


def remove_field_name(text: str) -> str:
    """Return the Cookie field value of a line such as ``Cookie: ...`` or ``Set-Cookie: ...``; else ``text`` itself."""
    line = _match_header_line(text)
    if line is None:
        return text
    # In a Set-Cookie line, the attributes follow the first ";".
    return line[2].partition(";")[0] if line[1] else line[2]


def read_cookie_field(environ: Mapping[str, Any]) -> str:
    """Return the Cookie field value of a WSGI environ.

    An ASGI adapter may have joined several fields with ",". If the environ holds the ASGI scope, the original fields
    are read from there (SPEC 11.3).
    """
    scope = environ.get("asgi.scope")
    if scope is not None:
        return join_cookie_fields(scope.get("headers", ()))
    cookies: str = environ.get("HTTP_COOKIE", "")
    return cookies


def join_cookie_fields(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return all Cookie field values of ASGI headers, joined with "; " (SPEC 11.1 step 1).

    Each octet becomes one character. Upper and lower case in names are treated as equal.
    """
    # The length of the name is compared first. So fields other than Cookie take only a quarter of the time.
    fields = [value for name, value in headers if len(name) == 6 and name.lower() == b"cookie"]
    return b"; ".join(fields).decode("latin-1")
