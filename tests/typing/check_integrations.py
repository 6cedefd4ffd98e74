"""The types of the integrations and of the helpers for tests. mypy and pyright read this file, nothing runs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, assert_type

from fastapi import Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

import cookiejar_session.integrations.starlette
from cookiejar_session import CookieSessions, Keyring, MintedCookie, Reason, Session, SessionStats
from cookiejar_session.integrations.fastapi import SessionDependency, add_error_handlers, session_dependency
from cookiejar_session.integrations.opentelemetry import TokenSizeHistogram, observe_sessions
from cookiejar_session.integrations.prometheus import CookieSessionsCollector, CookieSessionsMetrics
from cookiejar_session.testing import minted_cookie, sign_in


@dataclass
class Visitor:
    user_id: int


plain = CookieSessions(Keyring.generate())
typed = CookieSessions(Keyring.generate(), data_type=Visitor)

CurrentSession = Annotated[Session[Visitor], Depends(session_dependency(typed))]
SignedIn = Annotated[Session[Visitor], Depends(session_dependency(typed, required=lambda session: bool(session.data)))]

app = FastAPI()
app.add_middleware(typed.asgi)
add_error_handlers(app, typed)

starlette = Starlette()
starlette.add_middleware(plain.asgi)
cookiejar_session.integrations.starlette.add_error_handlers(
    starlette, plain, respond=lambda text, status: JSONResponse({"error": text}, status)
)


@app.get("/")
def show(session: CurrentSession) -> str:
    assert_type(session.data, Visitor | None)
    return "" if session.data is None else str(session.data.user_id)


@app.websocket("/feed")
async def feed(websocket: WebSocket, session: SignedIn) -> None:
    await websocket.accept()
    assert_type(session, Session[Visitor])


assert_type(session_dependency(plain, required="user"), SessionDependency[None])
assert_type(session_dependency(typed), SessionDependency[Visitor])


def refuse_wrong_arguments() -> None:
    session_dependency(plain.get)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType, reportUnknownArgumentType]
    minted_cookie(typed, 3)  # type: ignore[misc] # pyright: ignore[reportArgumentType]


client = TestClient(app, base_url="https://testserver")
assert_type(sign_in(client, Visitor(7), sessions=typed), MintedCookie)
assert_type(minted_cookie(typed, Visitor(7), age=timedelta(days=1)), MintedCookie)

# Counts and metrics
assert_type(plain.stats(), SessionStats)
assert_type(plain.stats().refused[Reason.EXPIRED], int)
assert_type(plain.stats().keys[0].last_opened_at, int | None)
metrics = CookieSessionsMetrics()
CookieSessions(Keyring.generate(), on_event=metrics.record)
metrics.add(typed)
CookieSessionsCollector(plain, typed)
CookieSessions(Keyring.generate(), on_event=TokenSizeHistogram().record)
observe_sessions(plain, typed)
