"""Our sessions in the Flask applications that a peer's tests make."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

from flask import Flask, Request

from cookiejar_session import CookieAttributes, CookieSessions, Keyring, Policy
from cookiejar_session.integrations.flask import FlaskSession, FlaskSessions


class TranslatedSessions(FlaskSessions):
    """Our session interface, with sessions that have the application's own settings at the time of the request."""

    def __init__(self) -> None:
        super().__init__(make_sessions("example"))

    def open_session(self, app: Flask, request: Request) -> FlaskSession | None:
        if not app.secret_key:
            return None
        config = app.config
        keys = [app.secret_key, *reversed(config.get("SECRET_KEY_FALLBACKS") or ())]
        sessions = make_sessions(
            *(key if isinstance(key, str) else key.decode() for key in keys),
            name=config["SESSION_COOKIE_NAME"],
            path=config["SESSION_COOKIE_PATH"] or config["APPLICATION_ROOT"],
            domain=(config["SESSION_COOKIE_DOMAIN"] or "").removeprefix(".") or None,
            secure=config["SESSION_COOKIE_SECURE"],
            httponly=config["SESSION_COOKIE_HTTPONLY"],
            samesite=config["SESSION_COOKIE_SAMESITE"],
            partitioned=config.get("SESSION_COOKIE_PARTITIONED", False),
        )
        return FlaskSessions(sessions).open_session(app, request)


def make_sessions(*secret_keys: str, **attributes: Any) -> CookieSessions[None]:
    """Sessions with attributes and a policy as Flask's own session has them."""
    ring = " ".join("hex:" + hashlib.sha256(key.encode()).hexdigest() for key in secret_keys)
    cookie = CookieAttributes(**{"name": "session", "secure": False, "samesite": None, **attributes})
    return CookieSessions(Keyring.parse(ring), cookie=cookie, policy=Policy(persistent=False))


def init_every_app() -> None:
    """Call ``init_app`` for each application, as a user does."""
    ours = FlaskSessions(make_sessions("example"))
    make_app = Flask.__init__

    @functools.wraps(make_app)
    def make_and_init(app: Flask, *args: Any, **kwargs: Any) -> None:
        make_app(app, *args, **kwargs)
        ours.init_app(app)

    Flask.__init__ = make_and_init  # type: ignore[method-assign]
