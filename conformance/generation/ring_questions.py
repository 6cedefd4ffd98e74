"""A question of op parse-ring and its answer. Knows nothing of what a ring text must look like."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from .cases import Case, accept, refuse
from .keys import PUBLISHED, hex_key
from .octets import key_id
from .values import CREATED

NOW = CREATED
# What is asked of an accepted ring: a moment, and the names of the keys that open at it, the one that seals with a "*".
Moment = tuple[int, str]


def render_time(moment: int) -> str:
    """A moment as ring text writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def name_keys(text: str) -> str:
    """``text`` with {a}, {b}, … as the hex forms of the keys of these names, {now} and {now+1}, … as times.

    One character of ring text is one octet here.
    """
    moments = {f"now{shift:+}": render_time(NOW + shift) for shift in (-2, -1, 1, 2, 3)}
    keys = {name: hex_key(key) for name, key in PUBLISHED.items()}
    for name, written in {**keys, **moments, "now": render_time(NOW)}.items():
        text = text.replace("{" + name + "}", written)
    return text


def take_ring(
    case_id: str,
    clauses: Sequence[str],
    comment: str,
    text: str,
    *moments: Moment,
    now: int = NOW,
    is_file: bool = False,
    flags: Sequence[str] = (),
) -> Case:
    """A case whose ring is accepted, and does at ``moments`` what they say."""
    question = _ask(text, now, is_file, allow_published=True, moments=[moment for moment, _ in moments])
    return Case(case_id, clauses, comment, question, accept(moments=[_answer(*each) for each in moments]), flags)


def refuse_ring(
    case_id: str,
    clauses: Sequence[str],
    comment: str,
    text: str,
    *,
    now: int = NOW,
    is_file: bool = False,
    allow_published: bool = True,
    flags: Sequence[str] = (),
) -> Case:
    question = _ask(text, now, is_file, allow_published=allow_published, moments=[])
    return Case(case_id, clauses, comment, question, refuse(), flags)


def _ask(
    text: str, now: int, is_file: bool, *, allow_published: bool, moments: list[int]
) -> dict[str, str | bool | int | list[int]]:
    return {
        "ring": name_keys(text).encode("latin-1").hex(),
        "is_file": is_file,
        "allow_published": allow_published,
        "now": now,
        "moments": moments,
    }


def _answer(moment: int, opens: str) -> dict[str, int | str | list[str]]:
    names = opens.split()
    (primary,) = (name for name in names if name.endswith("*"))
    ids = [key_id(PUBLISHED[name.removesuffix("*")]).hex() for name in names]
    return {"now": moment, "primary": ids[names.index(primary)], "opens": ids}
