"""Run one script over both stacks, and check each Set-Cookie. A pytest plugin that conftest.py registers.

A script is a function of the Session. The harness builds a WSGI or ASGI application from it, wraps the application,
sends it one request and returns the response. Each test names the cause (``cause``) of a Set-Cookie of ours; without
one, no such Set-Cookie may be sent. The ledger records all exchanges. At the end of the run it fails if an exchange set
another cookie than its cause allows, and it prints the counts.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from asgiref.testing import ApplicationCommunicator

from cookiejar_session import CookieSessions, Session

Script = Callable[[Session[Any]], object]
Headers = list[tuple[str, str]]
Sessions = CookieSessions[Any]

# What an exchange may set, by cause: a token of ours, a deletion, or nothing.
TOKEN_CAUSES = {
    "written": "data or flash changed, or a new session began",
    "asked": "regenerate, renew, set_lifetime or a CSRF token",
    "reseal": "a retired key",
    "renewal": "the age of the token",
    "move": "a previous name",
}
DELETION_CAUSES = {"emptied": "clear, discard or the last key gone", "dead": "a cookie that nobody can read any more"}


@dataclass(kw_only=True)
class Answer:
    """The response of the application, for both stacks. The body is sent chunk by chunk."""

    status: int = 200
    headers: Headers = field(default_factory=lambda: [("Content-Type", "text/plain")])
    body: tuple[bytes, ...] = (b"ok",)

    @classmethod
    def with_headers(cls, *headers: tuple[str, str], **more: Any) -> Answer:
        return cls(headers=[("Content-Type", "text/plain"), *headers], **more)


@dataclass
class Outcome:
    """A response, and the order in which its parts came (WSGI: start, chunk; ASGI: the types of the messages)."""

    status: int
    headers: Headers
    body: bytes
    sequence: list[str]

    def values(self, name: str) -> list[str]:
        """Return all values of one header field."""
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def set_cookies(self) -> list[str]:
        return self.values("set-cookie")

    @property
    def cookie(self) -> str:
        """The Cookie field value of the browser's next request: the cookies that were set, without deleted ones."""
        pairs = (set_cookie.split(";")[0] for set_cookie in self.set_cookies)
        return "; ".join(pair for pair in pairs if not pair.endswith("="))


class Stack(Protocol):
    """WSGI or ASGI."""

    name: str

    def make_app(self, sessions: Sessions, script: Script | None, answer: Answer, after: Script | None) -> Any: ...
    def wrap(self, sessions: Sessions, app: Any) -> Any: ...
    def make_request(self, cookies: tuple[str, ...], **options: Any) -> dict[str, Any]: ...
    def serve(self, app: Any, request: dict[str, Any]) -> Outcome: ...


class WsgiStack:
    """WSGI (PEP 3333). wsgiref.validate checks the server and the application."""

    name = "wsgi"

    def make_app(self, sessions: Sessions, script: Script | None, answer: Answer, after: Script | None) -> Any:
        def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
            if script is not None:
                script(sessions.get(environ))
            start_response(f"{answer.status} Status", answer.headers)
            yield from answer.body
            if after is not None:
                after(sessions.get(environ))

        return app

    def wrap(self, sessions: Sessions, app: Any) -> Any:
        return sessions.wsgi(app)

    def make_request(
        self,
        cookies: tuple[str, ...] = (),
        *,
        method: str = "GET",
        path: str = "/",
        query: str = "",
        scheme: str = "https",
        headers: Headers | None = None,
        client: str = "192.0.2.1",
    ) -> dict[str, Any]:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REMOTE_ADDR": client,
            "HTTP_HOST": "app.example",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": scheme,
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr,
        }
        if cookies:
            environ["HTTP_COOKIE"] = "; ".join(cookies)
        for name, value in headers or ():
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
        setup_testing_defaults(environ)
        return environ

    def serve(self, app: Any, request: dict[str, Any], *, validates: bool = True) -> Outcome:
        """A small server: headers go out with the first chunk that is not empty, or at the end."""
        started: list[tuple[str, Headers]] = []
        chunks: list[bytes] = []
        sequence: list[str] = []

        def start_response(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            if exc_info is not None and any(chunks):
                raise exc_info[1]
            assert exc_info is not None or not started, "start_response was called twice"
            started.append((status, headers))
            sequence.append("start")
            return write

        def write(chunk: bytes) -> None:
            assert started, "the body came before start_response"
            chunks.append(chunk)
            sequence.append("chunk")

        iterable = (validator(app) if validates else app)(request, start_response)
        try:
            for chunk in iterable:
                write(chunk)
        finally:
            if hasattr(iterable, "close"):
                iterable.close()
        status, headers = started[-1]
        return Outcome(int(status[:3]), headers, b"".join(chunks), sequence)


class AsgiStack:
    """ASGI 3, driven by asgiref's ApplicationCommunicator."""

    name = "asgi"

    def make_app(self, sessions: Sessions, script: Script | None, answer: Answer, after: Script | None) -> Any:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            if script is not None:
                script(sessions.get(scope))
            headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers]
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            for chunk in answer.body:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if after is not None:
                after(sessions.get(scope))
            await send({"type": "http.response.body", "body": b""})

        return app

    def wrap(self, sessions: Sessions, app: Any) -> Any:
        return sessions.asgi(app)

    def make_request(
        self,
        cookies: tuple[str, ...] = (),
        *,
        method: str = "GET",
        path: str = "/",
        query: str = "",
        scheme: str = "https",
        headers: Headers | None = None,
        client: str = "192.0.2.1",
        type: str = "http",  # noqa: A002 - ASGI's own name
    ) -> dict[str, Any]:
        fields = [("host", "app.example"), *(("cookie", cookie) for cookie in cookies), *(headers or ())]
        return {
            "type": type,
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": scheme,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in fields],
            "client": (client, 50000),
            "server": ("app.example", 443),
        }

    def exchange_messages(
        self, app: Any, scope: dict[str, Any], incoming: Iterable[dict[str, Any]] = ({"type": "http.request"},)
    ) -> list[dict[str, Any]]:
        """Send ``incoming`` to the application and return all its messages."""

        async def run() -> list[dict[str, Any]]:
            communicator = ApplicationCommunicator(app, scope)
            for message in incoming:
                await communicator.send_input(message)
            await communicator.wait(timeout=120)
            outgoing = []
            while not communicator.output_queue.empty():
                outgoing.append(communicator.output_queue.get_nowait())
            return outgoing

        return asyncio.run(run())

    def serve(self, app: Any, request: dict[str, Any]) -> Outcome:
        messages = self.exchange_messages(app, request)
        start = next(message for message in messages if message["type"] == "http.response.start")
        headers = [(name.decode(), value.decode("latin-1")) for name, value in start.get("headers", ())]
        body = b"".join(message.get("body", b"") for message in messages)
        return Outcome(start["status"], headers, body, [message["type"] for message in messages])


class Ledger:
    """Records what each exchange of the run set, and whether that was due."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []

    def record(
        self,
        test: str,
        sessions: Sessions,
        *,
        cookies: tuple[str, ...],
        outcome: Outcome,
        cause: str | None,
        now: int,
    ) -> None:
        """Record one exchange of ``sessions`` and check it."""
        current = sessions.settings.cookie.name
        names = {current, *(each.attributes.name for each in sessions.settings.previous)}
        pairs = [set_cookie.split(";")[0].partition("=") for set_cookie in outcome.set_cookies]
        tokens = [token for name, _, token in pairs if name in names and token]
        deletions = [name for name, _, token in pairs if name in names and not token]
        self.counts[f"{'token' if tokens else 'deletion' if deletions else 'nothing'}: {cause}"] += 1
        fault = self._find_fault(sessions, cookies, tokens, deletions, cause, now)
        if fault is not None:
            self.faults.append(f"{test}: {fault} (cause: {cause}, set: {outcome.set_cookies})")

    def check(self) -> None:
        """Fail if a Set-Cookie was sent that was not due, or was due and not sent."""
        assert not self.faults, "\n".join(["Set-Cookie where none was due, or the reverse:", *self.faults])

    def render(self) -> str:
        total = sum(self.counts.values())
        counts = ", ".join(f"{what} {count}" for what, count in sorted(self.counts.items()))
        return f"{total} exchanges; {counts}; {len(self.faults)} not as due"

    @staticmethod
    def _find_fault(
        sessions: Sessions,
        cookies: tuple[str, ...],
        tokens: list[str],
        deletions: list[str],
        cause: str | None,
        now: int,
    ) -> str | None:
        current = sessions.settings.cookie.name
        if cause is None:
            return "a cookie without cause" if tokens or deletions else None
        header = "; ".join(cookies)
        if cause in DELETION_CAUSES:
            if tokens or deletions[:1] != [current]:
                return "no deletion"
            return None if current in header or sessions.settings.previous else "a deletion of what never came"
        if cause not in TOKEN_CAUSES or len(tokens) != 1:
            return "not one token"
        before, after = sessions.read(header, now=now).session, sessions.read(tokens[0], now=now).session
        # repr: 1, 1.0 and True are equal in Python and not in a token. The size holds what flash takes.
        is_same = before.sid == after.sid and repr((dict(before), before.size)) == repr((dict(after), after.size))
        age = 0 if before.issued_at is None else now - before.issued_at.timestamp()
        idle = (before.expires_at - (before.issued_at or before.created_at)).total_seconds()
        is_sound = {
            "written": not is_same,
            "asked": True,
            "reseal": is_same and age >= 300,
            "renewal": is_same and age >= idle // 10,
            "move": is_same and f"{current}=cj1" not in header,
        }[cause]
        return None if is_sound else "a token for another cause"


class Harness:
    """Sends requests over one stack."""

    def __init__(self, stack: Stack, ledger: Ledger, clock: Any, test: str) -> None:
        self.stack = stack
        self._ledger = ledger
        self._clock = clock
        self._test = test

    def request(
        self,
        sessions: Sessions,
        script: Script | None = None,
        *,
        cookie: str | tuple[str, ...] = (),
        cause: str | None = None,
        answer: Answer | None = None,
        after: Script | None = None,
        **options: Any,
    ) -> Outcome:
        """Send one request to an application that runs ``script``, and ``after`` behind the last chunk.

        ``cookie`` is one Cookie field value or several.
        """
        app = self.stack.make_app(sessions, script, answer or Answer(), after)
        return self.serve(sessions, self.stack.wrap(sessions, app), cookie=cookie, cause=cause, **options)

    def serve(
        self,
        sessions: Sessions,
        app: Any,
        *,
        cookie: str | tuple[str, ...] = (),
        cause: str | None = None,
        **options: Any,
    ) -> Outcome:
        """Send one request to ``app``, which is wrapped already. The cookies are checked for ``sessions``."""
        cookies = (cookie,) if isinstance(cookie, str) and cookie else tuple(cookie)
        outcome = self.stack.serve(app, self.stack.make_request(cookies, **options))
        self._ledger.record(
            self._test, sessions, cookies=cookies, outcome=outcome, cause=cause, now=int(self._clock.now)
        )
        return outcome


LEDGER = pytest.StashKey[Ledger]()


@pytest.fixture(scope="session")
def ledger(pytestconfig: pytest.Config) -> Iterator[Ledger]:
    """The ledger of the run. It fails at the end if an exchange set a cookie that was not due."""
    kept = pytestconfig.stash.setdefault(LEDGER, Ledger())
    yield kept
    kept.check()


@pytest.fixture(params=[WsgiStack, AsgiStack], ids=["wsgi", "asgi"])
def harness(request: pytest.FixtureRequest, ledger: Ledger, clock: Any) -> Harness:
    """A harness for each of the two stacks."""
    return Harness(request.param(), ledger, clock, request.node.nodeid)


@pytest.fixture
def wsgi_harness(request: pytest.FixtureRequest, ledger: Ledger, clock: Any) -> Harness:
    return Harness(WsgiStack(), ledger, clock, request.node.nodeid)


@pytest.fixture
def asgi_harness(request: pytest.FixtureRequest, ledger: Ledger, clock: Any) -> Harness:
    return Harness(AsgiStack(), ledger, clock, request.node.nodeid)


@pytest.fixture
def answer() -> type[Answer]:
    """The class of responses. Test files cannot import it."""
    return Answer


@pytest.fixture
def new_ledger() -> type[Ledger]:
    """For the tests of the ledger itself."""
    return Ledger


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    kept = config.stash.get(LEDGER, None)
    if kept is not None and kept.counts:
        terminalreporter.write_line(f"Set-Cookie: {kept.render()}")
