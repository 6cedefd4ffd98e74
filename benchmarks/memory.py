"""Memory: what a session adds to a request in flight, by tracemalloc. Knows nothing of time."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

from cookiejar_session import CookieSessions, Keyring

from .asgi_stacks import make_scope
from .contents import CONTENTS, TYPICAL
from .stacks import run_to_end
from .tables import Table

REQUESTS = 500


def make_table() -> Table:
    """Return the table: the octets of a request in flight with a session less those of one without."""
    sessions = CookieSessions(Keyring.generate())
    bare = measure_held(_hold_bare, cookie=sessions.mint(TYPICAL).header)
    rows = {}
    for kind, content in CONTENTS.items():
        cookie = sessions.mint(content).header
        untouched = measure_held(sessions.asgi(_hold), cookie=cookie)
        opened = measure_held(sessions.asgi(_hold_opened), cookie=cookie)
        rows[f"{kind} session"] = (untouched - bare, opened - bare)
    columns = ("untouched", "opened")
    note = f"The mean of {REQUESTS} requests in flight at once; a bare request holds {bare:,} octets."
    return Table("memory", "What a session adds to a request in flight", "octets", columns, rows, (note,))


def measure_held(app: Any, *, cookie: str, requests: int = REQUESTS) -> int:
    """Return the octets that one request in flight holds: the mean over ``requests`` at once."""
    scope = make_scope(cookie)
    _run(app, scope, [])  # objects that all requests share are made now and not counted
    held: list[Any] = []
    gc.collect()
    tracemalloc.start()
    try:
        for _ in range(requests):
            _run(app, scope, held)
        gc.collect()
        return round(tracemalloc.get_traced_memory()[0] / requests)
    finally:
        tracemalloc.stop()


def _run(app: Any, scope: dict[str, Any], held: list[Any]) -> None:
    async def send(message: Any) -> None:
        """Send nothing. The response has not started."""

    run_to_end(app({**scope, "held": held}, None, send))


async def _hold_bare(scope: Any, receive: Any, send: Any) -> None:
    scope["held"].append(scope)


async def _hold(scope: Any, receive: Any, send: Any) -> None:
    scope["held"].append((scope, scope["session"]))


async def _hold_opened(scope: Any, receive: Any, send: Any) -> None:
    session = scope["session"]
    if session["user_id"] != TYPICAL["user_id"]:
        raise AssertionError("the session does not hold what was minted")
    scope["held"].append((scope, session))
