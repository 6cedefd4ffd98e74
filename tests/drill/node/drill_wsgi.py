"""The WSGI application of the drill."""

from typing import Any

from drill_sessions import answer, events, list_fields, sessions


def respond(environ: Any, start_response: Any) -> Any:
    path = environ["PATH_INFO"]
    body = answer(path, environ["QUERY_STRING"], None if path == "/ring" else sessions.get(environ))
    start_response("200 OK", list_fields(body))
    return [body]


inner = sessions.wsgi(respond)


def app(environ: Any, start_response: Any) -> Any:
    noted: list[str] = []

    def start_with_events(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
        return start_response(status, [*headers, ("drill-events", " ".join(noted))], *more)

    events.set(noted)
    return inner(environ, start_with_events)
