"""The ASGI application of the drill."""

from typing import Any

from drill_sessions import answer, events, list_fields, sessions


async def respond(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    path = scope["path"]
    body = answer(path, scope["query_string"].decode(), None if path == "/ring" else sessions.get(scope))
    headers = [(name.encode(), value.encode()) for name, value in list_fields(body)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


inner = sessions.asgi(respond)


async def app(scope: Any, receive: Any, send: Any) -> None:
    noted: list[str] = []

    async def send_with_events(message: Any) -> None:
        if message["type"] == "http.response.start":
            field = (b"drill-events", " ".join(noted).encode())
            message = {**message, "headers": [*message["headers"], field]}
        await send(message)

    events.set(noted)
    await inner(scope, receive, send_with_events)
