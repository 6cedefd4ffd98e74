"""Sessions that came under a previous name, and the purposes of names (SPEC 3.5, 11.5, 11.6 and 12.6)."""

from __future__ import annotations

from typing import Any

from .cases import Case
from .keys import B
from .read_questions import HOST, OLD, OLDER, ask, issue, name_values, seal
from .values import attributes

_OLD, _OLDER = issue(100, who=1), issue(200, who=2)
_OWN = issue(50, who=3)
_IN_OLD, _IN_OLDER = seal(_OLD, purpose="old"), seal(_OLDER, purpose="older")
# Unreadable ones, each for another reason.
_UNKNOWN_KEY, _NOT_AUTHENTIC, _EXPIRED_OLDER = (
    seal(_OWN, key=B),
    seal(_OWN, purpose="x"),
    seal(issue(0, idle=9), purpose="older"),
)

_Row = tuple[str, tuple[str, ...], str, str | list[str], dict[str, Any] | str | None, str | None]


def list_previous_cases() -> list[Case]:
    return [*_list_names(), *_list_reasons(), *_list_same_names(), *_list_purposes()]


def _ask(row: _Row, **more: Any) -> Case:
    name, clauses, comment, fields, found, under = row
    return ask(name, clauses, comment, fields, found, name=under, flags=("previous",), **more)


def _list_names() -> list[Case]:
    rows: list[_Row] = [
        ("previous-name", ("11.5",), "nothing under the own name", f"old={_IN_OLD}", _OLD, "old"),
        ("own-name-first", ("11.5",), "the own name goes before, however old its token", f"old={_IN_OLD}; {HOST}={seal(_OWN)}", _OWN, HOST),
        ("own-name-unreadable", ("11.5",), "what is unreadable under the own name does not stop the search", f"{HOST}={_UNKNOWN_KEY}; old={_IN_OLD}", _OLD, "old"),
        ("own-name-empty", ("11.5",), "nor does an empty value", f"{HOST}=; old={_IN_OLD}", _OLD, "old"),
        ("previous-in-their-order", ("11.5",), "the order of the configuration, not of the header nor of issued", f"older={_IN_OLDER}; old={_IN_OLD}", _OLD, "old"),
        ("previous-second", ("11.5",), "the second name, when nothing came under the first", f"older={_IN_OLDER}", _OLDER, "older"),
        ("previous-second-after-unreadable", ("11.5",), "the second name, when nothing is accepted under the first", f"old=x; older={_IN_OLDER}", _OLDER, "older"),
        ("previous-newest", ("11.5", "11.4 step 3"), "within one name the newest wins", name_values(_IN_OLD, seal(_OLDER, purpose="old"), name="old"), _OLDER, "old"),
        ("previous-four-each", ("11.5", "11.4 step 2"), "the four are counted for each name", f"{name_values(*[_NOT_AUTHENTIC] * 4)}; old={_IN_OLD}", _OLD, "old"),
        ("previous-sixteen-each", ("11.5", "11.4 step 1"), "the 16 are counted for each name", f"{name_values(*['x'] * 17)}; {name_values(*['x'] * 15, _IN_OLD, name='old')}", _OLD, "old"),
        ("previous-other-name", ("11.5",), "a name that is not configured is not tried", f"oldest={seal(_OLD, purpose='oldest')}", None, None),
        ("previous-other-case", ("11.5", "11.1 step 4"), "case counts", f"OLD={_IN_OLD}", None, None),
    ]  # fmt: skip
    digits = ("previous-names-of-digits", ("11.5",), "names of digits, which PHP makes integers as keys of an array", f"7={seal(_OLD, purpose='7')}", _OLD, "7")  # fmt: skip
    numbered = _ask(digits, previous=[attributes(name="07"), attributes(name="7")])
    return [*(_ask(row, previous=[OLD, OLDER]) for row in rows), numbered]


def _list_reasons() -> list[Case]:
    rows: list[_Row] = [
        ("reason-of-a-previous-name", ("11.6",), "nothing came under the own name", "old=x", "malformed", None),
        ("reason-own-name-first", ("11.6",), "the current name comes first, at any place in the header", f"old=x; {HOST}={_UNKNOWN_KEY}", "unknown-key", None),
        ("reason-own-name-last-value", ("11.6",), "all of the own name go before", f"old=x; {HOST}={_NOT_AUTHENTIC}; {HOST}={_UNKNOWN_KEY}", "not-authentic", None),
        ("reason-previous-in-their-order", ("11.6",), "the order of the configuration, not of the header", f"older={_EXPIRED_OLDER}; old=x", "malformed", None),
        ("reason-second-previous-name", ("11.6",), "the second name, when nothing came under the first", f"older={_EXPIRED_OLDER}", "expired", None),
    ]  # fmt: skip
    return [_ask(row, previous=[OLD, OLDER]) for row in rows]


def _list_same_names() -> list[Case]:
    own = seal(_OWN)
    deeper = attributes(name="old", path="/app")
    like_named = attributes(name="s", path="/app")
    return [
        ask("previous-name-twice", ("11.5",), "two previous sets of one name: its first place in the list counts", f"older={_IN_OLDER}; old={_IN_OLD}", _OLD, name="old", previous=[OLD, OLDER, deeper], flags=("previous",)),
        ask("previous-like-named", ("11.5", "12.6"), "a set of the current name adds no name", f"s={seal(_OWN, purpose='s')}", _OWN, cookie=attributes(name="s"), previous=[like_named], flags=("previous",)),
        ask("previous-like-named-first", ("11.5", "11.6"), "the current name stays the first, and alone", f"old=x; s={_UNKNOWN_KEY}", "unknown-key", cookie=attributes(name="s"), previous=[OLD, like_named], flags=("previous",)),
        ask("previous-differs-in-case", ("11.5", "11.1 step 4"), "names that differ in case are two names", f"S={own}; s=x", _OWN, name="S", cookie=attributes(name="s"), previous=[attributes(name="S")], purpose=HOST, flags=("previous",)),
    ]  # fmt: skip


def _list_purposes() -> list[Case]:
    shared = seal(_OLD, purpose="shop")
    nothing, accented = seal(_OLD, purpose=""), seal(_OLD, purpose="caf\u00e9")
    rows: list[tuple[str, str, str, dict[str, Any] | str, str | None, str | None]] = [
        ("name-is-the-purpose", "without an explicit purpose the name is it", f"{HOST}={seal(_OWN)}", _OWN, HOST, None),
        ("another-names-token", "a token moved from one name to another", f"{HOST}={_IN_OLD}", "not-authentic", None, None),
        ("own-token-under-a-previous-name", "a previous name is its own purpose", f"old={seal(_OWN)}", "not-authentic", None, None),
        ("explicit", "an explicit purpose in place of the name", f"s={shared}", _OLD, "s", "shop"),
        ("explicit-under-a-previous-name", "an explicit purpose holds for previous names, too", f"old={shared}", _OLD, "old", "shop"),
        ("explicit-not-the-name", "the name is no purpose beside it", f"s={seal(_OWN, purpose='s')}", "not-authentic", None, "shop"),
        ("explicit-not-the-previous-name", "nor is the previous name", f"old={_IN_OLD}", "not-authentic", None, "shop"),
        ("explicit-in-capitals", "a purpose is not folded", f"s={shared}", "not-authentic", None, "Shop"),
        ("explicit-not-ascii", "any Unicode text", f"s={accented}", _OLD, "s", "caf\u00e9"),
        ("explicit-empty", "an empty purpose is one, and not the name", f"s={nothing}", _OLD, "s", ""),
    ]  # fmt: skip
    return [
        ask(f"purpose-{name}", ("3.5", "12.6"), comment, fields, found, name=under, cookie=attributes(name=HOST if purpose is None else "s"), purpose=purpose, previous=[OLD], flags=("previous",) if fields.startswith("old=") else ())
        for name, comment, fields, found, under, purpose in rows
    ]  # fmt: skip
