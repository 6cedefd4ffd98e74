"""One exchange of a life-cycle case: request, actions of the application, response. Knows nothing of sealing."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from values import read_attributes, read_policy, read_value, write_envelope

from cookiejar_session import CookieSessions, Keyring, Session, TokenError, open_token

Given = dict[str, Any]
Fields = list[tuple[str, str]]


def run_life_cycle(given: Given, *, parse_keyring: Callable[[str, int], Keyring]) -> Given:
    opened_at, sealed_at = given["opened_at"], given["sealed_at"]
    keyring = parse_keyring(given["keyring"], opened_at)
    sessions = CookieSessions(
        keyring,
        cookie=read_attributes(given["cookie"]),
        policy=read_policy(given["policy"]),
        purpose=given["purpose"],
        previous=[read_attributes(attributes) for attributes in given["previous"]],
        max_token_characters=given["max_token_characters"],
    )
    cookies = [bytes.fromhex(octets).decode("latin-1") for octets in given["cookie_headers"]]
    exchange = sessions.begin("; ".join(cookies), now=opened_at)
    for action in given["actions"]:
        act(exchange.session, action)
    fields: Fields = [(name.lower(), value) for name, value in given["response"]]
    after = exchange.finish(fields, status=given["status"], now=sealed_at)
    set_cookies = [value for name, value in after if name == "set-cookie"]
    # The application's own cookies come first.
    set_cookies = set_cookies[sum(name == "set-cookie" for name, _ in fields) :]
    token = _get_token(set_cookies)
    # SPEC 9.7: the second time is never earlier than the first.
    opened = None if token is None else _describe_token(token, sessions, max(opened_at, sealed_at))
    return {**_describe_fields(after, set_cookies, token), "token": opened}


def act(session: Session[Any], action: Given) -> None:
    """What an application does with its session."""
    match action["do"]:
        case "read":
            session.get("")
        case "set":
            session[action["key"]] = read_value(action["value"])
        case "delete":
            session.pop(action["key"], None)
        case "flash":
            session.flash.add(action["category"], read_value(action["value"]))
        case "pop-flash":
            session.flash.pop_all()
        case "regenerate":
            session.regenerate()
        case "renew":
            session.renew()
        case "set-lifetime":
            session.set_lifetime(
                idle_timeout=_read_seconds(action["idle"]),
                absolute_lifetime=_read_seconds(action["absolute"]),
                persistent=action["persistent"],
            )
        case "clear":
            session.clear()
        case "discard":
            session.discard()
        case "csrf-token":
            session.csrf_token()
        case unknown:
            raise ValueError(f"no action is called {unknown}")


def _read_seconds(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _get_token(set_cookies: list[str]) -> str | None:
    """Return the token that was set: only the first of our fields can hold one (SPEC 12.7)."""
    return set_cookies[0].partition(";")[0].partition("=")[2] or None if set_cookies else None


def _describe_token(token: str, sessions: CookieSessions[Any], now: int) -> Given:
    settings = sessions.settings
    try:
        envelope = open_token(token, keyring=settings.keyring, purpose=settings.purpose, now=now)
    except TokenError as exc:
        # A fault, and no refusal of the write.
        raise RuntimeError(f"the token that was set does not open: {exc.reason}") from exc
    key_id = urlsafe_b64decode(token[len("cj1.") :])[:8]
    return {"key_id": key_id.hex(), "envelope": write_envelope(envelope)}


def _describe_fields(after: Fields, set_cookies: list[str], token: str | None) -> Given:
    """Describe the response's header fields: those of the session, and the others as the application gave them."""
    ours = [("set-cookie", value) for value in set_cookies]
    return {
        "set_cookies": [value if token is None else value.replace(token, "{token}", 1) for value in set_cookies],
        "vary": [value for name, value in after if name == "vary"],
        "cache_control": [value for name, value in after if name == "cache-control"],
        "others": [
            [name, value]
            for name, value in after
            if name not in ("vary", "cache-control") and (name, value) not in ours
        ],
    }
