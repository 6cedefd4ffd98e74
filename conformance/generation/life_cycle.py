"""One exchange as a vector: a request, the calls of the application, its response, and the cookie that is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import octets
from .cases import Case, accept, refuse
from .keys import A, ring
from .messagepack import write_envelope
from .values import CREATED, UNTIL, attributes, envelope, integer, mapping, policy

Json = dict[str, Any]
Fields = tuple[tuple[str, str], ...]

HOST = "__Host-session"
COOKIE = attributes()
SID = octets.SID.hex()
LIFETIME = UNTIL - CREATED
# SPEC 12.4
MAX_AGE_LIMIT = 34_560_000

# When exchanges take place: long after 300 seconds, long before a tenth of the idle timeout.
NOW = CREATED + 1000
ONE = mapping(("n", integer(1)))
SESSION = envelope(data=ONE)

READ: Json = {"do": "read"}
POP_FLASH: Json = {"do": "pop-flash"}
REGENERATE: Json = {"do": "regenerate"}
RENEW: Json = {"do": "renew"}
CLEAR: Json = {"do": "clear"}
DISCARD: Json = {"do": "discard"}
CSRF_TOKEN: Json = {"do": "csrf-token"}


def put(key: str, value: Any) -> Json:
    return {"do": "set", "key": key, "value": value}


def delete(key: str) -> Json:
    return {"do": "delete", "key": key}


def flash(category: str, value: Any) -> Json:
    return {"do": "flash", "category": category, "value": value}


def set_lifetime(*, idle: int | None = None, absolute: int | None = None, persistent: bool | None = None) -> Json:
    return {"do": "set-lifetime", "idle": idle, "absolute": absolute, "persistent": persistent}


@dataclass(frozen=True, slots=True)
class Sent:
    """What an exchange sends of ours: a token with this envelope, else perhaps a deletion, else nothing.

    ``dropped`` are previous attributes that are deleted beside it, ``old_sids`` what a new sid must not be.
    """

    envelope: Json | None = None
    is_deletion: bool = False
    dropped: tuple[Json, ...] = ()
    key: bytes = A
    old_sids: tuple[str, ...] = ()


NOTHING = Sent()
# A write that fails.
FAILS = None


def sets(sealed: Json, *dropped: Json, key: bytes = A, old_sids: tuple[str, ...] = ()) -> Sent:
    return Sent(sealed, dropped=dropped, key=key, old_sids=old_sids)


def deletes(*dropped: Json) -> Sent:
    return Sent(is_deletion=True, dropped=dropped)


def issue_again(opened: Json = SESSION, **changes: Any) -> Json:
    """The envelope of the session that was opened, issued now."""
    return {**opened, "issued": NOW, **changes}


def keeps(opened: Json = SESSION, **changes: Any) -> Sent:
    """A later token of the session that was opened."""
    return sets(issue_again(opened, **changes))


def begins(*old_sids: str, **changes: Any) -> Sent:
    """The first token of a session that begins now, under the default policy."""
    times = {"created": NOW, "issued": NOW, "until": NOW + LIFETIME}
    return sets(envelope(sid="new", **{**times, **changes}), old_sids=old_sids)


def begins_again(opened: Json = SESSION, *, key: bytes = A, **changes: Any) -> Sent:
    """A token of the session that was opened, after regenerate."""
    lifetime = opened["until"] - opened["created"]
    times = {"created": NOW, "issued": NOW, "until": NOW + lifetime}
    return sets({**opened, "sid": "new", **times, **changes}, key=key, old_sids=(opened["sid"],))


def seal(sealed: Json = SESSION, *, key: bytes = A, purpose: str = HOST) -> str:
    return octets.seal(write_envelope(sealed), key=key, purpose=purpose)


def render_set_cookie(cookie: Json, value: str, max_age: int | None) -> str:
    """The field as SPEC 12.3 has it."""
    words = (("secure", "Secure"), ("httponly", "HttpOnly"))
    parts = [f"{cookie['name']}={value}", f"Path={cookie['path']}"]
    parts += [] if cookie["domain"] is None else [f"Domain={cookie['domain']}"]
    parts += [word for name, word in words if cookie[name]]
    parts += [] if cookie["samesite"] is None else [f"SameSite={cookie['samesite']}"]
    parts += ["Partitioned"] if cookie["partitioned"] else []
    parts += [] if max_age is None else [f"Max-Age={max_age}"]
    return "; ".join(parts)


def _count_max_age(sealed: Json, now: int) -> int | None:
    # SPEC 12.4
    expires = min(sealed["issued"] + sealed["idle"], sealed["until"])
    return min(expires - now, MAX_AGE_LIMIT) if sealed["persistent"] else None


def _render_sent(sent: Sent, cookie: Json, now: int) -> list[str]:
    # SPEC 12.7 and 12.8
    dropped = [render_set_cookie(each, "", 0) for each in sent.dropped]
    if sent.envelope is not None:
        return [render_set_cookie(cookie, "{token}", _count_max_age(sent.envelope, now)), *dropped]
    return [render_set_cookie(cookie, "", 0), *dropped] if sent.is_deletion else []


def _describe_token(sent: Sent) -> Json | None:
    if sent.envelope is None:
        return None
    token = {"key_id": octets.key_id(sent.key).hex(), "envelope": sent.envelope}
    return {**token, "old_sids": list(sent.old_sids)} if sent.envelope["sid"] == "new" else token


def exchange(
    case_id: str,
    clauses: tuple[str, ...],
    comment: str,
    actions: Iterable[Json],
    sent: Sent | None,
    *,
    opened: Json | None = SESSION,
    key: bytes = A,
    cookies: Fields | None = None,
    keyring: str = "",
    cookie: Json = COOKIE,
    purpose: str | None = None,
    previous: tuple[Json, ...] = (),
    rules: Json | None = None,
    limit: int = 2660,
    opened_at: int = NOW,
    sealed_at: int | None = None,
    status: int = 200,
    response: Fields = (),
    vary: tuple[str, ...] | None = None,
    cache_control: tuple[str, ...] | None = None,
    others: Fields = (),
    flags: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
) -> Case:
    """The cookies are ``cookies``, pairs of name and value, or else one token of ``opened``, if any, under ``key``.

    ``vary`` and ``cache_control`` are those of a response that says nothing of either, where they are left out.
    """
    actions = list(actions)
    if cookies is None:
        value = "" if opened is None else seal(opened, key=key, purpose=purpose or cookie["name"])
        cookies = ((cookie["name"], value),) if value else ()
    header = "; ".join(f"{name}={value}" for name, value in cookies)
    question: Json = {
        "keyring": keyring or ring(A),
        "cookie": cookie,
        "purpose": purpose,
        "previous": list(previous),
        "policy": policy(**(rules or {})),
        "max_token_characters": limit,
        "cookie_headers": [header.encode().hex()] if header else [],
        "opened_at": opened_at,
        "actions": actions,
        "status": status,
        "response": [list(pair) for pair in response],
        "sealed_at": opened_at if sealed_at is None else sealed_at,
    }
    if sent is None:
        failing = clauses if "13.8" in clauses else (*clauses, "13.8")
        return Case(case_id, failing, comment, question, refuse(), flags, needs)
    set_cookies = _render_sent(sent, cookie, max(opened_at, question["sealed_at"]))
    if vary is None:
        vary = ("Cookie",) if actions else ()
    if cache_control is None:
        cache_control = ("private",) if set_cookies else ()
    expect = accept(
        set_cookies=set_cookies,
        vary=list(vary),
        cache_control=list(cache_control),
        others=[list(pair) for pair in others],
        token=_describe_token(sent),
    )
    return Case(case_id, clauses, comment, question, expect, flags, needs)
