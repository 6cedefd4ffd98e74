"""The sessions of both applications, and what they answer."""

import json
import time
from contextvars import ContextVar
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

from cookiejar_session import CookieSessions, Event, Keyring, Policy

# The events of the current request. A response carries them to the drill in the field Drill-Events.
events: ContextVar[list[str]] = ContextVar("events")


def note_event(event: Event) -> None:
    noted = events.get(None)
    if noted is not None:
        noted.append(f"{event.kind}={event.reason or event.key_id}")


keyring = Keyring.from_environment()
# A token is renewed 5 seconds after it was issued, at the first request that reads the session.
POLICY = Policy(idle_timeout=timedelta(minutes=10), renew_after=timedelta(seconds=5))
sessions = CookieSessions(keyring, policy=POLICY, on_event=note_event)


def answer(path: str, query: str, session: Any) -> bytes:
    """Return the body of the response, as JSON: who is signed in, and the count of the session."""
    if path == "/ring":
        return json.dumps([repr(entry) for entry in keyring.ring(int(time.time())).entries]).encode()
    if path == "/sign-in":
        session.regenerate()
        session["user"], session["count"] = parse_qs(query)["name"][0], 0
    elif path == "/poll":
        session.keep_expiry()
    elif path == "/increment" and "user" in session:
        session["count"] += 1
    return json.dumps([session.get("user"), session.get("count")]).encode()


def list_fields(body: bytes) -> list[tuple[str, str]]:
    return [("content-type", "application/json"), ("content-length", str(len(body)))]
