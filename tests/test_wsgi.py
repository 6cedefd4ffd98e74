"""The WSGI wrapper by itself: what PEP 3333 asks of middleware. What both stacks share is in test_traps.py."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest
from garbage import name_garbage

from cookiejar_session import CookieAttributes, CookieSessions, Session
from cookiejar_session.nested_wrappers import PLACE
from cookiejar_session.wsgi import SessionMiddleware

Sessions = CookieSessions[Any]
Make = Callable[..., Sessions]
HEADERS = [("Content-Type", "text/plain")]
ERROR_BODY = b"Internal Server Error"


class Server:
    """A WSGI server that notes each call; ``gives_write=False`` is how some adapters are."""

    def __init__(self, *, gives_write: bool = True) -> None:
        self.gives_write = gives_write
        self.starts: list[tuple[Any, ...]] = []
        self.written: list[bytes] = []

    def start_response(self, *arguments: Any) -> Any:
        self.starts.append(arguments)
        if len(arguments) == 3 and self.written:
            raise arguments[2][1]
        return self.written.append if self.gives_write else None

    @property
    def set_cookies(self) -> list[str]:
        return [value for name, value in self.starts[-1][1] if name == "set-cookie"]


@pytest.fixture
def sessions(make_sessions: Make, clock: Any) -> Sessions:
    return make_sessions()


@pytest.fixture
def environ(wsgi_harness: Any) -> dict[str, Any]:
    made: dict[str, Any] = wsgi_harness.stack.make_request()
    return made


@pytest.fixture
def server() -> Server:
    return Server()


def too_large(session: Session[Any]) -> None:
    session["blob"] = "x" * 4000


# What is returned


@pytest.mark.parametrize("kind", [list, tuple])
def test_wsgi_sequence_is_returned_unwrapped(
    sessions: Sessions, environ: dict[str, Any], server: Server, kind: type
) -> None:
    body = kind([b"a", b"b"])

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", HEADERS)
        return body

    assert sessions.wsgi(app)(environ, server.start_response) is body
    assert len(server.set_cookies) == 1


def test_wsgi_file_wrapper_is_returned_unwrapped(sessions: Sessions, environ: dict[str, Any], server: Server) -> None:
    environ["wsgi.file_wrapper"] = FileWrapper
    file = FileWrapper(io.BytesIO(b"content"))

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", HEADERS)
        return file

    assert sessions.wsgi(app)(environ, server.start_response) is file
    assert len(server.set_cookies) == 1


def test_wsgi_file_wrapper_that_is_a_function_hides_nothing(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    environ["wsgi.file_wrapper"] = lambda file: iter(file.readlines())

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", HEADERS)
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](io.BytesIO(b"content"))
        return wrapped

    assert list(sessions.wsgi(app)(environ, server.start_response)) == [b"content"]


# When headers go out


@pytest.mark.parametrize(
    "chunks",
    [[b"", b"", b"late"], [b"now"], [b"", b""], []],
    ids=["first-chunks-empty", "chunk", "empty-chunks-only", "no-chunk"],
)
def test_wsgi_headers_go_out_with_the_first_chunk_that_is_not_empty_or_at_the_end(
    sessions: Sessions, environ: dict[str, Any], server: Server, chunks: list[bytes]
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", HEADERS)
        yield from chunks

    iterable = iter(sessions.wsgi(app)(environ, server.start_response))
    assert server.starts == []
    assert next(iterable, b"") == b"".join(chunks)
    assert len(server.set_cookies) == 1


def test_wsgi_session_and_headers_may_change_until_a_chunk_is_not_empty(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    exc_info = raise_and_catch()

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        write = start_response("200 OK", HEADERS)
        write(b"")
        yield b""
        sessions.get(environ)["n"] = 1
        start_response("404 Not Found", HEADERS, exc_info)
        assert server.starts == []
        yield b"gone"
        yield b""
        yield b"!"

    assert list(sessions.wsgi(app)(environ, server.start_response)) == [b"gone", b"", b"!"]
    assert [start[0] for start in server.starts] == ["404 Not Found"]
    assert (len(server.set_cookies), server.written) == (1, [])


def test_wsgi_empty_chunk_that_is_written_after_the_headers_passes(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        write = start_response("200 OK", HEADERS)
        for chunk in (b"", b"one", b""):
            write(chunk)
        return []

    assert list(sessions.wsgi(app)(environ, server.start_response)) == []
    assert server.written == [b"one", b""]


@pytest.mark.parametrize(
    "chunks",
    [[b"", b"late"], [b"now", b"", b"late"], [b""], []],
    ids=["first-chunk-empty", "chunk", "empty-chunk-only", "no-chunk"],
)
def test_wsgi_headers_that_the_application_gave_are_out_when_the_call_returns(
    sessions: Sessions, environ: dict[str, Any], server: Server, chunks: list[bytes]
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", HEADERS)
        return iter(chunks)

    # Granian reads status and headers before it iterates.
    iterable = sessions.wsgi(app)(environ, server.start_response)
    assert len(server.set_cookies) == 1
    # Empty chunks before the headers have no effect, so they are left out.
    assert list(iterable) == (chunks if chunks and chunks[0] else [chunk for chunk in chunks if chunk])


def test_wsgi_commit_that_fails_as_the_call_returns_answers_a_plain_500_alone(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        too_large(sessions.get(environ))
        start_response("200 OK", HEADERS)
        return iter([b"secret", b"secret"])

    iterable = sessions.wsgi(app)(environ, server.start_response)
    assert [start[0] for start in server.starts] == ["500 Internal Server Error"]
    assert list(iterable) == [ERROR_BODY]


def test_wsgi_write_sends_headers_first(sessions: Sessions, environ: dict[str, Any], server: Server) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        write = start_response("200 OK", HEADERS)
        sessions.get(environ)["n"] = 1
        write(b"one")
        assert len(server.set_cookies) == 1
        write(b"two")
        return []

    body = list(sessions.wsgi(app)(environ, server.start_response))
    assert (server.written, body, len(server.starts)) == ([b"one", b"two"], [], 1)


@pytest.mark.parametrize("rest", [[b"two"], (chunk for chunk in [b"two"])], ids=["list", "generator"])
def test_wsgi_body_follows_what_was_written(
    sessions: Sessions, environ: dict[str, Any], server: Server, rest: Iterable[bytes]
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", HEADERS)(b"one")
        return rest

    body = list(sessions.wsgi(app)(environ, server.start_response))
    assert (server.written, body, len(server.starts)) == ([b"one"], [b"two"], 1)


def test_wsgi_server_that_gives_no_write_gets_headers_once(sessions: Sessions, environ: dict[str, Any]) -> None:
    server = Server(gives_write=False)

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", HEADERS)
        yield b"one"
        yield b"two"

    assert list(sessions.wsgi(app)(environ, server.start_response)) == [b"one", b"two"]
    assert len(server.starts) == 1


def test_wsgi_body_before_start_response_raises(sessions: Sessions, environ: dict[str, Any], server: Server) -> None:
    iterable = sessions.wsgi(lambda environ, start_response: iter([b"early"]))(environ, server.start_response)
    with pytest.raises(AssertionError, match="before start_response"):
        next(iter(iterable))


def test_wsgi_start_response_may_be_called_in_the_iterable(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("201 Created", HEADERS)
        yield b"made"

    assert list(sessions.wsgi(app)(environ, server.start_response)) == [b"made"]
    assert server.starts[0][0] == "201 Created"


# start_response again


def raise_and_catch() -> Any:
    try:
        raise LookupError("no such page")
    except LookupError:
        return sys.exc_info()


def test_wsgi_start_response_twice_without_exc_info_raises(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", HEADERS)
        start_response("404 Not Found", HEADERS)
        return []

    with pytest.raises(AssertionError, match="called twice without exc_info"):
        sessions.wsgi(app)(environ, server.start_response)


def test_wsgi_start_response_with_exc_info_replaces_headers_before_commit(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    exc_info = raise_and_catch()

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", [*HEADERS, ("X-Page", "1")])
        start_response("404 Not Found", HEADERS, exc_info)
        return [b"gone"]

    sessions.wsgi(app)(environ, server.start_response)
    (status, headers, passed), *others = server.starts
    assert (status, passed, others) == ("404 Not Found", exc_info, [])
    assert "X-Page" not in dict(headers)
    assert len(server.set_cookies) == 1


def test_wsgi_start_response_with_exc_info_after_commit_lets_the_server_raise(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    exc_info = raise_and_catch()

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", HEADERS)(b"some")
        start_response("500 Oh", HEADERS, exc_info)
        yield b""

    with pytest.raises(LookupError):
        list(sessions.wsgi(app)(environ, server.start_response))
    assert server.starts[-1] == ("500 Oh", HEADERS, exc_info)


# close()


class Body:
    """An iterable that notes its close()."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = iter(chunks)
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        self.closed += 1


def test_wsgi_close_reaches_the_iterable_though_nothing_was_iterated(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    body = Body(b"unread")

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", HEADERS)
        return body

    sessions.wsgi(app)(environ, server.start_response).close()  # type: ignore[attr-defined]
    assert body.closed == 1


def test_wsgi_close_is_there_though_the_iterable_has_none(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", HEADERS)
        return iter([b"x"])

    iterable = sessions.wsgi(app)(environ, server.start_response)
    assert list(iterable) == [b"x"]
    iterable.close()  # type: ignore[attr-defined]
    assert environ[PLACE][0].is_finished


def test_wsgi_saving_does_not_depend_on_close(sessions: Sessions, environ: dict[str, Any], server: Server) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", HEADERS)
        yield b"x"

    iterable = sessions.wsgi(app)(environ, server.start_response)
    assert list(iterable) == [b"x"]
    assert len(server.set_cookies) == 1


def test_wsgi_close_reaches_a_file_that_the_server_refused_headers_for(
    sessions: Sessions, environ: dict[str, Any]
) -> None:
    environ["wsgi.file_wrapper"] = FileWrapper
    file = io.BytesIO(b"content")

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", HEADERS)
        return FileWrapper(file)

    def refuse(*arguments: Any) -> Any:
        raise ValueError("bad header")

    with pytest.raises(ValueError, match="bad header"):
        sessions.wsgi(app)(environ, refuse)
    assert file.closed


@pytest.mark.parametrize("returned", [None, 5])
def test_wsgi_application_that_returns_no_iterable_leaves_no_exchange_behind(
    sessions: Sessions, environ: dict[str, Any], server: Server, returned: Any
) -> None:
    with pytest.raises(TypeError):
        sessions.wsgi(lambda environ, start_response: returned)(environ, server.start_response)
    assert environ[PLACE][0].is_finished


def test_wsgi_application_that_raises_leaves_no_exchange_behind(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise LookupError("no such page")

    with pytest.raises(LookupError):
        sessions.wsgi(app)(environ, server.start_response)
    assert environ[PLACE][0].is_finished


def test_wsgi_body_that_breaks_off_leaves_no_exchange_behind(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", HEADERS)
        yield b"x"
        raise LookupError("no such page")

    with pytest.raises(LookupError):
        list(sessions.wsgi(app)(environ, server.start_response))
    assert environ[PLACE][0].is_finished


def test_wsgi_body_that_breaks_off_before_its_first_chunk_sends_no_headers(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", HEADERS)
        raise LookupError("no such page")
        yield b""

    with pytest.raises(LookupError):
        list(sessions.wsgi(app)(environ, server.start_response))
    # So that the server can still answer an error of its own.
    assert server.starts == []


def test_wsgi_exchange_of_an_outer_scope_is_found(
    sessions: Sessions, environ: dict[str, Any], server: Server, wsgi_harness: Any
) -> None:
    seen: list[Any] = []

    def inner(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.append(sessions.get(environ))
        start_response("200 OK", HEADERS)
        return []

    def outer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.append(sessions.get(environ))
        mounted = wsgi_harness.stack.make_request(path="/other")
        mounted["asgi.scope"] = {PLACE: environ[PLACE]}
        return sessions.wsgi(inner)(mounted, start_response)

    sessions.wsgi(outer)(environ, server.start_response)
    assert seen[0] is seen[1]


def test_wsgi_wrappers_around_each_other_leave_no_cycle(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", HEADERS)
        return iter([b"x"])

    other = CookieSessions[Any](sessions.settings.keyring, cookie=CookieAttributes(name="__Host-other"))

    def serve() -> None:
        iterable = wrapped(dict(environ), server.start_response)
        assert list(iterable) == [b"x"]
        iterable.close()  # type: ignore[attr-defined]

    wrapped = sessions.wsgi(other.wsgi(app))
    assert name_garbage(serve) == []


@pytest.mark.parametrize("touches", [False, True], ids=["untouched", "written"])
@pytest.mark.parametrize("make_body", [list, iter, None], ids=["list", "iterator", "raises"])
def test_wsgi_request_leaves_nothing_for_the_garbage_collector(
    sessions: Sessions, environ: dict[str, Any], server: Server, touches: bool, make_body: Any
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if touches:
            sessions.get(environ)["n"] = 1
        if make_body is None:
            raise LookupError
        start_response("200 OK", HEADERS)
        body: Iterable[bytes] = make_body([b"x"])
        return body

    def serve() -> None:
        with contextlib.suppress(LookupError):
            iterable = wrapped(dict(environ), server.start_response)
            assert list(iterable) == [b"x"]
            getattr(iterable, "close", lambda: None)()

    wrapped = sessions.wsgi(app)
    assert name_garbage(serve) == []


# A commit that fails


def test_wsgi_commit_that_fails_answers_a_plain_500_for_a_list(
    sessions: Sessions, environ: dict[str, Any], server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        too_large(sessions.get(environ))
        start_response("200 OK", [*HEADERS, ("X-Secret", "1")])
        return [b"secret", b"secret"]

    body = list(sessions.wsgi(app)(environ, server.start_response))
    assert body == [ERROR_BODY]
    assert server.starts == [
        ("500 Internal Server Error", [("content-type", "text/plain"), ("content-length", str(len(ERROR_BODY)))])
    ]
    assert "SessionTooLargeError" in caplog.text


def test_wsgi_commit_that_fails_in_write_sends_nothing_more(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        too_large(sessions.get(environ))
        write = start_response("200 OK", HEADERS)
        write(b"secret")
        write(b"secret")
        return iter([b"secret"])

    body = list(sessions.wsgi(app)(environ, server.start_response))
    assert (server.written, body) == ([ERROR_BODY], [])


def test_wsgi_commit_that_fails_in_write_sends_nothing_of_a_list(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        too_large(sessions.get(environ))
        start_response("200 OK", HEADERS)(b"secret")
        return [b"secret"]

    body = list(sessions.wsgi(app)(environ, server.start_response))
    assert (server.written, body, len(server.starts)) == ([ERROR_BODY], [], 1)


def test_wsgi_commit_that_fails_in_write_during_iteration_sends_nothing_more(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        too_large(sessions.get(environ))
        start_response("200 OK", HEADERS)(b"secret")
        yield b"secret"

    body = list(sessions.wsgi(app)(environ, server.start_response))
    assert (server.written, body) == ([ERROR_BODY], [])


def test_wsgi_commit_that_fails_on_an_empty_body_answers_a_plain_500(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        too_large(sessions.get(environ))
        start_response("204 No Content", [])
        return iter([])

    assert list(sessions.wsgi(app)(environ, server.start_response)) == [ERROR_BODY]
    assert server.starts[0][0] == "500 Internal Server Error"


def test_wsgi_commit_that_fails_still_closes_the_iterable(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    body = Body(b"secret")

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        too_large(sessions.get(environ))
        start_response("200 OK", HEADERS)
        return body

    iterable = sessions.wsgi(app)(environ, server.start_response)
    assert list(iterable) == [ERROR_BODY]
    iterable.close()  # type: ignore[attr-defined]
    assert body.closed == 1


# Around it


def test_wsgi_wrapper_is_a_correct_server_to_the_application(make_sessions: Make, wsgi_harness: Any) -> None:
    # publish=False: wsgiref takes only environ keys with a dot for extensions.
    sessions = make_sessions(publish=False)

    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", list(HEADERS))
        yield b"x"

    outcome = wsgi_harness.serve(sessions, sessions.wsgi(validator(app)), cause="written")
    assert outcome.body == b"x"


def test_wsgi_class_takes_sessions_by_keyword(sessions: Sessions, wsgi_harness: Any) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["cookiejar_session.session"]["n"] = 1
        start_response("200 OK", HEADERS)
        return [b"x"]

    assert wsgi_harness.serve(sessions, SessionMiddleware(app, sessions=sessions), cause="written").cookie


@pytest.mark.parametrize("publishes", [True, False])
def test_wsgi_publishes_where_frameworks_look(
    make_sessions: Make, environ: dict[str, Any], server: Server, publishes: bool
) -> None:
    sessions = make_sessions(publish=publishes)
    environ["webob.adhoc_attrs"] = adhoc = {"user": "alice"}
    seen: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        places = environ.get("cookiejar_session.session"), environ.get("bottle.request.ext.session")
        seen.extend([sessions.get(environ), *places, environ["webob.adhoc_attrs"].get("session")])
        start_response("200 OK", HEADERS)
        return []

    sessions.wsgi(app)(environ, server.start_response)
    session, *places = seen
    assert [place is session for place in places] == [publishes] * 3
    assert adhoc == {"user": "alice"}


def test_wsgi_late_nested_change_is_logged_when_the_body_ends(
    sessions: Sessions, environ: dict[str, Any], server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        session = sessions.get(environ)
        session["cart"] = []
        start_response("200 OK", HEADERS)
        yield b"x"
        session["cart"].append("late")

    with caplog.at_level(logging.ERROR, "cookiejar_session"):
        list(sessions.wsgi(app)(environ, server.start_response))
    assert "the change is lost" in caplog.text


def test_wsgi_inner_wrapper_shares_the_session_and_sets_no_cookie_of_its_own(
    sessions: Sessions, wsgi_harness: Any
) -> None:
    seen: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.extend([environ["cookiejar_session.session"], sessions.get(environ)])
        sessions.get(environ)["n"] = 1
        start_response("200 OK", HEADERS)
        return [b"x"]

    outcome = wsgi_harness.serve(sessions, sessions.wsgi(sessions.wsgi(app)), cause="written")
    assert len(outcome.set_cookies) == 1
    assert seen[0] is seen[1]


def test_wsgi_environ_that_is_used_again_gets_an_exchange_of_its_own(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = str(sessions.get(environ).get("user")).encode()
        start_response("200 OK", HEADERS)
        return [body]

    bodies = []
    for user in ("alice", "bob"):
        environ["HTTP_COOKIE"] = sessions.mint({"user": user}).header
        bodies += sessions.wsgi(app)(environ, server.start_response)
    del environ["HTTP_COOKIE"]
    bodies += sessions.wsgi(app)(environ, server.start_response)
    assert bodies == [b"alice", b"bob", b"None"]


def test_wsgi_cookies_are_those_of_the_call_though_the_environ_changes(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["HTTP_COOKIE"] = sessions.mint({"user": "bob"}).header
        body = sessions.get(environ)["user"].encode()
        start_response("200 OK", HEADERS)
        return [body]

    environ["HTTP_COOKIE"] = sessions.mint({"user": "alice"}).header
    assert list(sessions.wsgi(app)(environ, server.start_response)) == [b"alice"]


def test_wsgi_retry_after_an_error_saves_what_the_second_attempt_wrote(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    attempts = iter([LookupError("first"), None])

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sessions.get(environ)["user"] = "alice"
        error = next(attempts)
        if error is not None:
            raise error
        start_response("200 OK", HEADERS)
        return []

    wrapped = sessions.wsgi(app)
    with pytest.raises(LookupError):
        wrapped(environ, server.start_response)
    wrapped(environ, server.start_response)
    assert len(server.set_cookies) == 1


def test_wsgi_failed_commit_of_a_head_request_has_no_body(
    sessions: Sessions, environ: dict[str, Any], server: Server
) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sessions.get(environ)["big"] = "x" * 5000
        start_response("200 OK", HEADERS)
        return []

    environ["REQUEST_METHOD"] = "HEAD"
    assert list(sessions.wsgi(app)(environ, server.start_response)) == []
    assert server.starts[-1][0] == "500 Internal Server Error"


@pytest.mark.parametrize("make", [list, tuple, lambda fields: dict(fields).items()])
def test_wsgi_header_fields_may_come_in_any_iterable(sessions: Sessions, environ: dict[str, Any], make: Any) -> None:
    sent: list[Any] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        sessions.get(environ)["n"] = 1
        start_response("200 OK", make([("Content-Type", "text/plain")]))
        return [b"ok"]

    sessions.wsgi(app)(environ, lambda *response: sent.append(response))
    ((status, fields),) = sent
    names = [name.lower() for name, _ in fields]
    assert (status, names) == ("200 OK", ["content-type", "vary", "cache-control", "set-cookie"])
