"""A question of op read and its answer: tokens that can be told apart, and the header fields they come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import octets
from .cases import Case, accept, refuse
from .keys import A, ring
from .messagepack import write_envelope
from .values import CREATED, attributes, envelope, policy

HOST = "__Host-session"
NOW = CREATED + 1000

# The default attributes with other names, as previous ones.
OLD, OLDER = attributes(name="old"), attributes(name="older")


def issue(after: int, **changes: Any) -> dict[str, Any]:
    """An envelope issued ``after`` seconds after CREATED. Its sid is of ``who``, to distinguish it from its equals."""
    who = changes.pop("who", after % 256)
    return envelope(sid=bytes([who] * 16).hex(), issued=CREATED + after, **changes)


def seal(sealed: dict[str, Any], *, key: bytes = A, purpose: str = HOST) -> str:
    return octets.seal(write_envelope(sealed), key=key, purpose=purpose)


def name_values(*values: str, name: str = HOST) -> str:
    """A Cookie header field of these values, all of one name."""
    return "; ".join(f"{name}={value}" for value in values)


def ask(
    case_id: str,
    clauses: Sequence[str],
    comment: str,
    fields: str | list[str],
    found: dict[str, Any] | str | None,
    *,
    name: str | None = None,
    cookie: dict[str, Any] | None = None,
    previous: Sequence[dict[str, Any]] = (),
    purpose: str | dict[str, str] | None = None,
    rules: dict[str, Any] | None = None,
    keyring: str = ring(A),
    now: int = NOW,
    flags: Sequence[str] = (),
    needs: Sequence[str] = (),
) -> Case:
    """``found`` is the envelope accepted under ``name`` (the cookie's own, if left out), the reason, or None."""
    cookie = cookie or attributes()
    question = {
        "keyring": keyring,
        "cookie": cookie,
        "purpose": purpose,
        "previous": list(previous),
        "policy": rules or policy(),
        "now": now,
        "cookie_headers": [
            field.encode("latin-1").hex() for field in ([fields] if isinstance(fields, str) else fields)
        ],
    }
    if isinstance(found, str):
        expect = refuse(found)
    elif found is None:
        expect = accept(name=None, envelope=None)
    else:
        expect = accept(name=name or cookie["name"], envelope=found)
    return Case(f"read-{case_id}", tuple(clauses), comment, question, expect, tuple(flags), tuple(needs))
