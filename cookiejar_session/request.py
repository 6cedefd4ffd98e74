"""What the session asks of a request, read from a WSGI environ or an ASGI scope. Knows nothing of sessions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

# Chromium and Firefox treat these as trustworthy, so that Secure cookies work over plain http.
_find_local = re.compile(r"(localhost|[^:]*\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d*)?", re.IGNORECASE).fullmatch
_FORWARDED = "forwarded", "x-forwarded-proto", "x-forwarded-ssl", "x-forwarded-scheme"


class Fingerprint(NamedTuple):
    """What tells two requests apart, as far as an adapter between two stacks keeps it."""

    method: str
    paths: frozenset[str]
    query: str
    client: str | None
    client_port: str | None
    cookies: str

    def matches(self, other: Fingerprint) -> bool:
        """Whether both may be views of one request: what both know must agree."""
        ports = {self.client_port, other.client_port} - {None}
        return (
            self.method == other.method
            and not self.paths.isdisjoint(other.paths)
            and self.query == other.query
            and self.client == other.client
            and len(ports) < 2
            and self.cookies == other.cookies
        )


class Request(Protocol):
    """One request; each method reads what it needs from the request and nothing else."""

    def read_cookies(self) -> str: ...
    def is_insecure(self) -> bool: ...
    def take_fingerprint(self) -> Fingerprint: ...


class ScopeRequest:
    """A request as an ASGI scope."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self._scope = scope

    def read_cookies(self) -> str:
        """All Cookie field values joined with "; " (SPEC 11.1), one character an octet."""
        return "; ".join(self._get_fields("cookie"))

    def is_insecure(self) -> bool:
        """Whether it came over plain http, for a host that is not local, and through no proxy that says otherwise."""
        secure = self._scope.get("scheme", "http") in ("https", "wss")
        host = next(self._get_fields("host"), "localhost")
        return not secure and not _find_local(host) and not any(next(self._get_fields(name), "") for name in _FORWARDED)

    def take_fingerprint(self) -> Fingerprint:
        scope = self._scope
        client = scope.get("client") or (None, None)
        path, root = scope.get("path", ""), scope.get("root_path", "")
        return Fingerprint(
            method=scope.get("method", "GET"),
            paths=frozenset((path, root + path)),
            query=scope.get("query_string", b"").decode("latin-1"),
            client=client[0],
            client_port=None if client[1] is None else str(client[1]),
            cookies=_squeeze(self._get_fields("cookie")),
        )

    def _get_fields(self, wanted: str) -> Iterator[str]:
        name = wanted.encode()
        return (value.decode("latin-1") for key, value in self._scope.get("headers", ()) if key.lower() == name)


class EnvironRequest:
    """A request as a WSGI environ (PEP 3333)."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def read_cookies(self) -> str:
        """The Cookie field value; the original fields where an adapter joined several with "," (SPEC 11.3)."""
        scope = self._environ.get("asgi.scope")
        if scope is not None:
            return ScopeRequest(scope).read_cookies()
        cookies: str = self._environ.get("HTTP_COOKIE", "")
        return cookies

    def is_insecure(self) -> bool:
        """Whether it came over plain http, for a host that is not local, and through no proxy that says otherwise."""
        environ = self._environ
        secure = environ.get("wsgi.url_scheme", "http") == "https"
        host = environ.get("HTTP_HOST", "localhost")
        forwarded = any(environ.get(f"HTTP_{name.upper().replace('-', '_')}") for name in _FORWARDED)
        return not secure and not _find_local(host) and not forwarded

    def take_fingerprint(self) -> Fingerprint:
        environ = self._environ
        path, root = _decode_path(environ.get("PATH_INFO", "")), _decode_path(environ.get("SCRIPT_NAME", ""))
        return Fingerprint(
            method=environ.get("REQUEST_METHOD", "GET"),
            paths=frozenset((path, root + path)),
            query=environ.get("QUERY_STRING", ""),
            client=environ.get("REMOTE_ADDR"),
            client_port=environ.get("REMOTE_PORT"),
            cookies=_squeeze([environ.get("HTTP_COOKIE", "")]),
        )


def _decode_path(text: str) -> str:
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


def _squeeze(fields: Iterable[str]) -> str:
    # Adapters join several Cookie fields with "," or "; ": all that may stand between two cookies is left out.
    return re.sub(r"[;, \t]+", "", "".join(fields))
