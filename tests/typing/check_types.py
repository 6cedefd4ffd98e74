"""The types of the public names as a user sees them. mypy and pyright read this file, nothing runs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_type

from starlette.applications import Starlette
from starlette.requests import Request

import cookiejar_session.asgi
from cookiejar_session import (
    CookieSessions,
    Envelope,
    Event,
    Exchange,
    Keyring,
    MintedCookie,
    PlainResponse,
    ReadResult,
    Reason,
    Session,
    TokenError,
    open_token,
    seal_token,
)


@dataclass
class Visitor:
    user_id: int
    theme: str = "light"


keyring = Keyring.generate()
plain = CookieSessions(keyring)
typed = CookieSessions(keyring, data_type=Visitor)
spelled = CookieSessions[Visitor](keyring, data_type=Visitor)

assert_type(plain, CookieSessions[None])
assert_type(typed, CookieSessions[Visitor])
assert_type(spelled, CookieSessions[Visitor])


def handle(request: Request) -> None:
    session = typed.get(request)
    assert_type(session, Session[Visitor])
    assert_type(session.data, Visitor | None)
    assert_type(session["key"], Any)
    session.data = Visitor(user_id=1)
    assert_type(session.flash.get("info"), list[Any])
    assert_type(plain.get(request), Session[None])
    assert_type(session.sid, bytes)
    session |= {"theme": "dark"}


def listen(event: Event) -> None:
    assert_type(event.reason, Reason | None)


def refuse_wrong_arguments() -> None:
    CookieSessions("cjk1_")  # type: ignore[call-overload] # pyright: ignore[reportCallIssue, reportArgumentType]
    typed.get(None).data = "visitor"  # type: ignore[assignment] # pyright: ignore[reportAttributeAccessIssue]
    typed.mint(3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


app = Starlette()
app.add_middleware(cookiejar_session.asgi.SessionMiddleware, sessions=plain)
CookieSessions(keyring, on_event=listen).asgi(app)

minted = typed.mint(Visitor(user_id=1), now=0)
assert_type(minted, MintedCookie)
assert_type(typed.read(minted.header), ReadResult[Visitor])
assert_type(typed.read(minted.header).session.data, Visitor | None)

exchange = typed.begin(minted.header, now=0)
assert_type(exchange, Exchange[Visitor])
assert_type(exchange.session, Session[Visitor])
assert_type(exchange.session.data, Visitor | None)
assert_type(exchange.finish([("Vary", "Accept")]), list[tuple[str, str]])
assert_type(exchange.finish_encoded([(b"vary", b"Accept")], now=1), list[tuple[bytes, bytes]])
assert_type(exchange.fail(ValueError()), PlainResponse)
assert_type(exchange.session.is_accessed, bool)
assert_type(exchange.session.idle_timeout, timedelta)

envelope = open_token(minted.token, keyring=keyring, purpose="", now=0)
assert_type(envelope, Envelope)
assert_type(envelope.data, dict[str, Any])
assert_type(seal_token(envelope, keyring=keyring, purpose="", now=0), str)

try:
    open_token("", keyring=keyring, purpose="", now=0)
except TokenError as exc:
    assert_type(exc.reason, Reason)
