"""What the session asks of a request, read from a WSGI environ or an ASGI scope. Knows nothing of sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Protocol

from ..record import Record

# Chromium and Firefox treat these as trustworthy, so that Secure cookies work over plain http.
_find_local = re.compile(r"(localhost|[^:]*\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d*)?", re.IGNORECASE).fullmatch
# However it is written: a name is looked up, which costs less than to make it one of lower case.
_COOKIE = frozenset(map(bytes, product(*zip(b"cookie", b"COOKIE", strict=True))))
_FORWARDED = "forwarded", "x-forwarded-proto", "x-forwarded-ssl", "x-forwarded-scheme"
_FORWARDED_VARIABLES = tuple(f"HTTP_{name.upper().replace('-', '_')}" for name in _FORWARDED)


class Request(Protocol):
    """One request; each method reads what it needs from the request and nothing else."""

    def read_cookies(self) -> str: ...
    def is_insecure(self) -> bool: ...


class ScopeRequest(Record, frozen=True):
    """A request as an ASGI scope."""

    _scope: Mapping[str, Any]

    def read_cookies(self) -> str:
        """All Cookie field values joined with "; " (SPEC 11.1), one character an octet."""
        headers = self._scope.get("headers", ())
        try:
            fields = [value for name, value in headers if name in _COOKIE]
        except TypeError:
            # A bytearray has no hash.
            fields = [value for name, value in headers if bytes(name) in _COOKIE]
        return b"; ".join(fields).decode("latin-1")

    def is_insecure(self) -> bool:
        """Whether it came over plain http, for a host that is not local, and through no proxy that says otherwise."""
        if self._scope.get("scheme", "http") in ("https", "wss"):
            return False
        host = next(self._get_fields("host"), "localhost")
        return not _find_local(host) and not any(next(self._get_fields(name), "") for name in _FORWARDED)

    def _get_fields(self, wanted: str) -> Iterator[str]:
        name = wanted.encode()
        return (value.decode("latin-1") for key, value in self._scope.get("headers", ()) if key.lower() == name)


class EnvironRequest:
    """A request as a WSGI environ (PEP 3333), as it is at construction: an environ may be used again.

    The environ holds the exchange, so that what the exchange holds is what is needed of the environ, and not itself.
    """

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._cookies: str = environ.get("HTTP_COOKIE", "")
        self._scope: Mapping[str, Any] | None = environ.get("asgi.scope")
        is_secure = environ.get("wsgi.url_scheme") == "https" or any(map(environ.get, _FORWARDED_VARIABLES))
        self._plain_host: str | None = None if is_secure else environ.get("HTTP_HOST", "localhost")

    def read_cookies(self) -> str:
        """The Cookie field value; the original fields where an adapter joined several with "," (SPEC 11.3)."""
        return self._cookies if self._scope is None else ScopeRequest(self._scope).read_cookies()

    def is_insecure(self) -> bool:
        """Whether it came over plain http, for a host that is not local, and through no proxy that says otherwise."""
        return self._plain_host is not None and not _find_local(self._plain_host)
