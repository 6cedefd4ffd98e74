"""Parsing the Cookie header field: the values of all cookies with one name (SPEC 11.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def scan_cookies(header: str, name: str) -> list[str]:
    """Return the values of all cookies called ``name`` in a Cookie field value, in order (SPEC 11.1).

    Only the text around the name is examined, so that other cookies cost little and cannot change the result.
    """
    values: list[str] = []
    wanted = f"{name}="
    start = header.find(wanted)
    while start >= 0:
        # The name begins a piece if there are only blanks between it and the ";" before it.
        before = start
        while before > 0 and header[before - 1] in " \t":
            before -= 1
        start += len(wanted)
        if before == 0 or header[before - 1] == ";":
            end = header.find(";", start)
            value = header[start:] if end < 0 else header[start:end]
            # No token contains a comma; a comma begins another header field, which an adapter joined (SPEC 11.3).
            values.append(value.partition(",")[0].strip(" \t"))
            if end < 0:
                break
            start = end
        start = header.find(wanted, start)
    return values


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

    Each octet becomes one character. Names are matched in any case.
    """
    return b"; ".join([value for name, value in headers if name.lower() == b"cookie"]).decode("latin-1")
