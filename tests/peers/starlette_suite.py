"""Starlette's tests of its session middleware. Ours takes its place, with Starlette's arguments translated."""

from __future__ import annotations

import hashlib
import time
from datetime import timedelta
from typing import Any

from peer import Peer

import cookiejar_session
from cookiejar_session import CookieAttributes, CookieSessions, Keyring, Policy
from cookiejar_session.asgi import SessionMiddleware

FILE = "tests/middleware/test_session.py"
AGES = "max_age=0 and max_age=-1 make sessions that have ended; Policy refuses them when the application starts"
SPELLING = "expects the attribute's name in small letters; browsers ignore the case, and we write it as RFC 6265 does"
ORDER = "expects another attribute behind Max-Age; browsers ignore the order, and Max-Age is our last"

PEER = Peer(
    name="starlette",
    versions={"1.10.0": 17},
    tests=(FILE,),
    deselected={
        f"{FILE}::test_session_expires": AGES,
        f"{FILE}::test_session_zero_max_age": AGES,
        f"{FILE}::test_session_cookie_subpath": SPELLING,
        f"{FILE}::test_domain_cookie": SPELLING,
        f"{FILE}::test_partitioned_session[asyncio-True]": SPELLING,
        f"{FILE}::test_partitioned_session[trio-True]": SPELLING,
        # What else it tests (update, view, clear) is in test_secure_session too.
        f"{FILE}::test_session": ORDER,
    },
)


class TranslatedMiddleware(SessionMiddleware):
    """Our middleware with the arguments of Starlette's."""

    def __init__(
        self,
        app: Any,
        secret_key: str,
        *,
        max_age: int | None = 14 * 24 * 60 * 60,
        path: str = "/",
        same_site: str = "lax",
        https_only: bool = False,
        domain: str | None = None,
        partitioned: bool = False,
    ) -> None:
        cookie = CookieAttributes(
            name="session",
            path=path,
            domain=domain,
            secure=https_only,
            samesite=same_site.title(),  # type: ignore[arg-type]
            partitioned=partitioned,
        )
        policy = Policy(persistent=False) if max_age is None else Policy(idle_timeout=timedelta(seconds=max_age))
        super().__init__(app, sessions=CookieSessions(make_keyring(secret_key), cookie=cookie, policy=policy))


class TranslatedSession(cookiejar_session.Session[None]):
    """Our session with the constructor and the two attributes of Starlette's."""

    __slots__ = ("was_asked_for",)

    def __init__(self, data: dict[str, str]) -> None:
        sessions = CookieSessions(make_keyring("example"))
        super().__init__(sessions.settings, sessions.mint(data).header, time.time())
        self.was_asked_for = False

    def mark_accessed(self) -> None:
        self.was_asked_for = True
        super().mark_accessed()

    @property
    def modified(self) -> bool:
        return self.is_modified

    @property
    def accessed(self) -> bool:
        """Starlette counts a request that asks for ``request.session``, and a change, but no reading method."""
        return self.was_asked_for or self.is_modified


def make_keyring(secret_key: str) -> Keyring:
    return Keyring.parse("hex:" + hashlib.sha256(secret_key.encode()).hexdigest())


def put_in_place() -> None:
    from starlette.middleware import sessions

    sessions.SessionMiddleware = TranslatedMiddleware  # type: ignore[assignment, misc]
    sessions.Session = TranslatedSession  # type: ignore[assignment, misc]
