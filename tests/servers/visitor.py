"""A browser of the tests: HTTP clients for HTTP/1.1 and HTTP/2 with one cookie jar. Knows no tests."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from http.cookiejar import CookieJar
from typing import Any, NamedTuple

import httpx
from h2.connection import H2Connection
from h2.events import DataReceived, StreamEnded
from server_list import SERVERS

# What a server may take to answer, in seconds.
PATIENCE = 120
# Plain http needs none, but making one for each client takes longer than a request.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
COOKIE = "__Host-session"


class Way(NamedTuple):
    """A way to reach a server: its name and the version of HTTP."""

    server: str
    http2: bool = False

    def __str__(self) -> str:
        return f"{self.server}-h2" if self.http2 else self.server

    @property
    def headers(self) -> dict[str, str]:
        return {} if SERVERS[self.server].keeps_connections else {"Connection": "close"}

    @property
    def partner(self) -> Way:
        """A server of the other kind, with which it shares a visitor."""
        return Way("gunicorn-sync" if SERVERS[self.server].interface in ("ASGI", "proxy") else "uvicorn-h11")


def find_ways(names: list[str]) -> list[Way]:
    return [Way(name, http2) for name in names for http2 in (False, True) if not http2 or SERVERS[name].http2]


def open_client(*, http2: bool, cookies: CookieJar | None = None) -> httpx.Client:
    """An HTTP client of one version; HTTP/2 with prior knowledge, over plain TCP."""
    return httpx.Client(verify=NO_TLS, http1=not http2, http2=http2, cookies=cookies, timeout=PATIENCE)


def give_fields(request: httpx.Request, cookies: list[bytes]) -> None:
    """Replaces the Cookie fields of a request by one field for each of ``cookies``."""
    others = [(name, value) for name, value in request.headers.raw if name.lower() != b"cookie"]
    request.headers = httpx.Headers(others + [(b"Cookie", cookie) for cookie in cookies])


def get_at_once(url: str, path: str, cookies: list[bytes]) -> list[bytes]:
    """The bodies of GET requests in streams of one HTTP/2 connection, all sent before the first answer is read."""
    address = httpx.URL(url)
    connection = H2Connection()
    connection.initiate_connection()
    bodies: dict[int, bytes] = {}
    for cookie in cookies:
        stream = connection.get_next_available_stream_id()
        bodies[stream] = b""
        fields = {":method": "GET", ":scheme": "http", ":authority": address.netloc.decode(), ":path": path}
        connection.send_headers(stream, [*fields.items(), ("cookie", cookie.decode())], end_stream=True)
    pending = set(bodies)
    with socket.create_connection((address.host, address.port), timeout=PATIENCE) as line:
        while pending:
            line.sendall(connection.data_to_send())
            received = line.recv(65536)
            if not received:
                raise ConnectionError(f"{len(pending)} of {len(bodies)} streams got no answer")
            for event in connection.receive_data(received):
                if isinstance(event, DataReceived):
                    bodies[event.stream_id] += event.data
                elif isinstance(event, StreamEnded):
                    pending.discard(event.stream_id)
    return list(bodies.values())


class Browser:
    """One visitor. Sends cookies of others before and after ours: over HTTP/2 each in a field of its own.

    Like Chromium and Firefox it sends Secure cookies to loopback hosts. The cookie jar of Python's library takes such
    cookies there but does not send them, so they are made plain as they come in.
    """

    def __init__(self) -> None:
        self.jar = CookieJar()
        self.urls: dict[str, str] = {}
        self._clients: dict[bool, httpx.Client] = {}

    def visit(self, urls: dict[str, str]) -> None:
        """Goes to the servers at these URLs, with the cookies that it has."""
        self.urls = urls
        for http2 in (False, True):
            client = self._clients[http2] = open_client(http2=http2, cookies=self.jar)
            client.event_hooks = {
                "request": [self._split_cookies if http2 else self._add_cookies],
                "response": [self._make_plain],
            }

    def close(self) -> None:
        """Ends all connections: Granian does not end before them."""
        for client in self._clients.values():
            client.close()

    def _gather(self, request: httpx.Request) -> Iterator[bytes]:
        yield b"before=1"
        for name, value in request.headers.raw:
            if name.lower() == b"cookie":
                yield value
        yield b"after=2"

    def _add_cookies(self, request: httpx.Request) -> None:
        give_fields(request, [b"; ".join(self._gather(request))])

    def _split_cookies(self, request: httpx.Request) -> None:
        # RFC 9113 8.2.3
        give_fields(request, list(self._gather(request)))
        # A body, though empty, would come in a frame of its own. One that comes after the response of an application
        # which did not wait for it makes Hypercorn 0.18 drop the connection (KeyError in its h2.py).
        if request.headers.get("content-length") == "0":
            del request.headers["content-length"]

    def _make_plain(self, response: httpx.Response) -> None:
        for cookie in self.jar:
            cookie.secure = False

    def send(
        self, way: Way, method: str, path: str, *, headers: Mapping[str, str | bytes] | None = None, **options: Any
    ) -> httpx.Response:
        fields: Any = {**way.headers, **(headers or {})}
        return self._clients[way.http2].request(method, self.urls[way.server] + path, headers=fields, **options)

    def get(self, way: Way, path: str = "/me", **options: Any) -> httpx.Response:
        return self.send(way, "GET", path, **options).raise_for_status()

    def post(self, way: Way, path: str, *, follow_redirects: bool = False, **query: str) -> httpx.Response:
        return self.send(way, "POST", path, params=query, follow_redirects=follow_redirects)

    def read(self, way: Way, what: str = "user") -> Any:
        return self.get(way).json()[what]

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self.jar}

    def give_cookie(self, name: str, value: str) -> None:
        """A cookie that the visitor brings along."""
        httpx.Cookies(self.jar).set(name, value, domain="127.0.0.1")
