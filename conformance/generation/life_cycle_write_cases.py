"""What the application writes, and what is no write although it looks like one: SPEC 13.1 to 13.3."""

from __future__ import annotations

from typing import Any

from .cases import Case
from .keys import A, B, ring
from .life_cycle import (
    CSRF_TOKEN,
    DISCARD,
    FAILS,
    HOST,
    NOTHING,
    NOW,
    ONE,
    POP_FLASH,
    READ,
    REGENERATE,
    RENEW,
    SESSION,
    Fields,
    Json,
    Sent,
    begins,
    delete,
    exchange,
    flash,
    keeps,
    put,
    seal,
)
from .values import CREATED, EMPTY, IDLE, MAX_TIME, array, attributes, binary, envelope, float64, integer, mapping

TWO = integer(2)
NESTED = mapping(("a", array(integer(1), mapping(("b", None), ("c", True)))), ("z", "x"))
NESTED_TURNED = mapping(("z", "x"), ("a", array(integer(1), mapping(("c", True), ("b", None)))))

# name, comment, the data that is opened, what the application does, the data that is sealed.
ContentRow = tuple[str, str, Json, tuple[Json, ...], Json | None]


def list_cases() -> list[Case]:
    return [
        *_list_untouched(),
        *_list_read(),
        *_list_data(),
        *_list_flash(),
        *_list_new(),
        *_list_csrf(),
        *_list_refused(),
    ]


def _holding(value: Any) -> Json:
    return mapping(("v", value))


def _list_untouched() -> list[Case]:
    public: Fields = (("Cache-Control", "public"), ("Vary", "Accept"), ("X-Served-By", "one"))
    old: Fields = (("old", seal(purpose="old")),)
    previous = (attributes(name="old"),)
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("without-a-cookie", "no cookie came", {"opened": None}),
        ("with-a-good-one", "a good cookie is not even opened", {}),
        ("with-an-unreadable-one", "an unreadable cookie stays", {"cookies": ((HOST, "cj1.rubbish"),)}),
        ("with-an-expired-one", "an expired cookie stays", {"opened_at": CREATED + IDLE}),
        ("with-a-renewal-due", "a renewal is due, but nobody asked for the session", {"opened_at": CREATED + IDLE - 1}),
        ("with-a-reseal-due", "a reseal is due, but nobody asked for the session", {"key": B, "keyring": ring(A, B)}),
        ("with-a-move-due", "a move is due, but nobody asked for the session", {"cookies": old, "previous": previous}),
        ("shared-cacheable", "Cache-Control and Vary are left alone", {"response": public, "cache_control": ("public",), "vary": ("Accept",), "others": (("x-served-by", "one"),)}),
    ]  # fmt: skip
    return [
        exchange(f"life-untouched-{name}", ("13.5 step 1", "13.2"), comment, (), NOTHING, **more)
        for name, comment, more in rows
    ]


def _list_read() -> list[Case]:
    ceilings = {"longest_idle": 200_000, "longest_lifetime": 400_000}
    rows: list[tuple[str, tuple[str, ...], str, dict[str, Any]]] = [
        ("without-a-cookie", ("13.5 step 8", "13.11"), "a new session that is only read: Vary and no more", {"opened": None}),
        ("with-a-good-one", ("13.5 step 8", "13.11"), "nothing is due: Vary and no more", {}),
        ("with-lowered-times", ("9.4", "13.5 step 8"), "lowering by the ceilings alone is no write", {"rules": ceilings, "flags": ("policy",)}),
        ("with-an-empty-session", ("13.5 step 8",), "a session without content is no less a session", {"opened": envelope()}),
        ("with-flash", ("13.5 step 8",), "flash that nobody took stays", {"opened": envelope(flash=[["k", "v"]])}),
    ]  # fmt: skip
    return [
        exchange(f"life-read-{name}", clauses, comment, (READ,), NOTHING, **more)
        for name, clauses, comment, more in rows
    ]


def _list_data() -> list[Case]:
    written: list[ContentRow] = [
        ("another-key", "a key more", ONE, (put("m", TWO),), mapping(("m", TWO), ("n", integer(1)))),
        ("another-value", "another value of a key", ONE, (put("n", TWO),), mapping(("n", TWO))),
        ("nil", "a key that is nil is there", ONE, (put("m", None),), mapping(("m", None), ("n", integer(1)))),
        ("key-deleted", "a key less", mapping(("m", TWO), ("n", integer(1))), (delete("m"),), ONE),
        ("key-renamed", "one key for another", ONE, (delete("n"), put("o", integer(1))), mapping(("o", integer(1)))),
        ("empty-key", "the empty text is a key", ONE, (put("", True),), mapping(("", True), ("n", integer(1)))),
        ("nested", "arrays and maps in one another", ONE, (put("v", NESTED),), mapping(("n", integer(1)), ("v", NESTED))),
        ("deep-change", "a difference far inside", _holding(NESTED), (put("v", mapping(("a", array(integer(1), mapping(("b", None), ("c", False)))), ("z", "x"))),), _holding(mapping(("a", array(integer(1), mapping(("b", None), ("c", False)))), ("z", "x")))),
        ("array-turned", "the order of an array counts", _holding(array(integer(1), TWO)), (put("v", array(TWO, integer(1))),), _holding(array(TWO, integer(1)))),
        ("true-for-1", "true is not 1", _holding(integer(1)), (put("v", True),), _holding(True)),
        ("octets-for-text", "octets are not text", _holding("ab"), (put("v", binary(b"ab")),), _holding(binary(b"ab"))),
        ("decomposed", "text is not normalized", _holding("é"), (put("v", "e\u0301"),), _holding("e\u0301")),
    ]  # fmt: skip
    floats: list[ContentRow] = [
        ("float-for-integer", "1.0 is not 1", _holding(integer(1)), (put("v", float64(1.0)),), _holding(float64(1.0))),
        ("minus-zero", "-0.0 is not 0.0", _holding(float64(0.0)), (put("v", float64(-0.0)),), _holding(float64(-0.0))),
    ]
    unwritten: list[ContentRow] = [
        ("same-value", "the same value written back", ONE, (put("n", integer(1)),), None),
        ("same-map-turned", "the same map, its keys in another order", _holding(NESTED), (put("v", NESTED_TURNED),), None),
        ("key-put-and-deleted", "a key that came and went", ONE, (put("m", TWO), delete("m")), None),
        ("value-changed-and-back", "a value that is what it was", ONE, (put("n", TWO), put("n", integer(1))), None),
        ("key-deleted-and-put", "a key that went and came", ONE, (delete("n"), put("n", integer(1))), None),
        ("key-of-an-empty-session-put-and-deleted", "a key that came and went in a session that was opened without data", EMPTY, (put("m", TWO), delete("m")), None),
    ]  # fmt: skip
    return [
        *(_write_data(row) for row in written),
        *(_write_data(row, needs=("whole-floats",)) for row in floats),
        *(_write_data(row, clauses=("13.3 item 1", "13.5 step 8")) for row in unwritten),
    ]


def _write_data(
    row: ContentRow, *, clauses: tuple[str, ...] = ("13.3 item 1", "13.5 step 3"), needs: tuple[str, ...] = ()
) -> Case:
    name, comment, before, actions, after = row
    opened = envelope(data=before)
    sent = NOTHING if after is None else keeps(opened, data=after)
    return exchange(f"life-write-{name}", clauses, comment, actions, sent, opened=opened, needs=needs)


def _list_flash() -> list[Case]:
    a, b = ["a", integer(1)], ["b", NESTED]
    full = [["k", integer(number)] for number in range(32)]
    rows: list[tuple[str, str, list[Any], tuple[Json, ...], list[Any] | None]] = [
        ("added", "flash is content too", [], (flash("a", integer(1)),), [a]),
        ("added-behind", "a new entry is the last", [a], (flash("b", NESTED),), [a, b]),
        ("same-category", "a category may come twice", [a], (flash("a", integer(1)),), [a, a]),
        ("taken", "what was taken is gone", [a, b], (POP_FLASH,), []),
        ("taken-and-added", "what was taken is gone, what was added stays", [a], (POP_FLASH, flash("b", NESTED)), [b]),
        ("none-to-take", "nothing was there to be taken", [], (POP_FLASH,), None),
        ("added-and-taken", "what came and went", [], (flash("a", integer(1)), POP_FLASH), None),
        ("taken-and-back", "the same flash again", [a], (POP_FLASH, flash("a", integer(1))), None),
        ("thirty-second", "32 are the most", full[:31], (flash("k", integer(31)),), full),
    ]  # fmt: skip
    cases = []
    for name, comment, before, actions, after in rows:
        opened = envelope(data=ONE, flash=before)
        sent = NOTHING if after is None else keeps(opened, flash=after)
        cases.append(exchange(f"life-flash-{name}", ("13.3 item 1",), comment, actions, sent, opened=opened))
    opened = envelope(data=ONE, flash=full)
    pushed = keeps(opened, flash=[*full[1:], ["k", integer(32)]])
    dropped = "the oldest makes room for the thirty-third"
    return [
        *cases,
        exchange(
            "life-flash-thirty-third", ("5.6",), dropped, (flash("k", integer(32)),), pushed, opened=opened, flags=("edge",)
        ),
    ]  # fmt: skip


def _list_new() -> list[Case]:
    brief = {"idle_timeout": 900, "absolute_lifetime": 7200, "persistent": False}
    ceilings = {"longest_idle": 900, "longest_lifetime": 7200}
    step = ("13.1", "13.5 step 3")
    rows: list[tuple[str, tuple[str, ...], str, tuple[Json, ...], Sent, dict[str, Any]]] = [
        ("data", (*step, "12.7 item 1", "13.10 item 1"), "a new session with data; the response says nothing of caching", (put("n", integer(1)),), begins(data=ONE), {}),
        ("flash", step, "a new session with flash alone", (flash("a", TWO),), begins(flash=[["a", TWO]]), {}),
        ("own-policy", ("13.1", "9.8"), "its times and persistent are the policy's", (put("n", integer(1)),), begins(data=ONE, idle=900, until=NOW + 7200, persistent=False), {"rules": brief}),
        ("ceilings", ("9.4",), "ceilings apply on reading only, never to a new session", (put("n", integer(1)),), begins(data=ONE), {"rules": ceilings}),
        ("nil", step, "a key that is nil is content", (put("n", None),), begins(data=mapping(("n", None))), {}),
        ("empty-map", step, "a key with an empty map is content", (put("n", EMPTY),), begins(data=mapping(("n", EMPTY))), {}),
        ("key-put-and-deleted", ("13.3 item 1", "13.5 step 8"), "nothing but what came and went", (put("n", None), delete("n")), NOTHING, {}),
        ("flash-added-and-taken", ("13.3 item 1", "13.5 step 8"), "nothing but what came and went", (flash("a", None), POP_FLASH), NOTHING, {}),
        ("renewed-without-content", ("13.5 step 3", "13.5 step 8"), "a new session with nothing in it is not worth a token", (RENEW,), NOTHING, {}),
    ]  # fmt: skip
    return [
        exchange(f"life-new-{name}", clauses, comment, actions, sent, opened=None, **more)
        for name, clauses, comment, actions, sent, more in rows
    ]


def _list_csrf() -> list[Case]:
    empty = envelope()
    asked, unasked = ("13.3 item 3", "13.5 step 3"), ("13.3 item 3", "13.5 step 8")
    rows: list[tuple[str, tuple[str, ...], str, Json | None, tuple[Json, ...], Sent]] = [
        ("of-a-new-session", asked, "a request for a CSRF token makes a new session persist", None, (CSRF_TOKEN,), begins()),
        ("of-a-new-session-with-data", asked, "one token carries both", None, (CSRF_TOKEN, put("n", integer(1))), begins(data=ONE)),
        ("of-an-opened-session", unasked, "a session that has a token needs no other", SESSION, (CSRF_TOKEN,), NOTHING),
        ("of-an-empty-opened-session", unasked, "an empty session that has a token needs no other", empty, (CSRF_TOKEN,), NOTHING),
        ("then-regenerate", ("13.4",), "it was of a sid that is gone: it no longer counts", None, (CSRF_TOKEN, REGENERATE), NOTHING),
        ("after-regenerate", ("13.4",), "it is of the sid at commit", None, (REGENERATE, CSRF_TOKEN), begins()),
        ("then-discard", ("13.4", "13.5 step 2"), "it was of a session that is gone: it no longer counts", SESSION, (CSRF_TOKEN, DISCARD), Sent(is_deletion=True)),
        ("after-discard", ("13.4", "13.3 item 3"), "the session that replaces another is new", SESSION, (DISCARD, CSRF_TOKEN), begins(SESSION["sid"])),
        ("keeps-an-emptied-session", ("13.5 step 3",), "its last key is gone, but the CSRF token needs its sid", SESSION, (delete("n"), CSRF_TOKEN), keeps(data=EMPTY)),
    ]  # fmt: skip
    return [
        exchange(f"life-csrf-{name}", clauses, comment, actions, sent, opened=opened)
        for name, clauses, comment, opened, actions, sent in rows
    ]


def _list_refused() -> list[Case]:
    deep: Any = array()
    for _ in range(15):
        deep = array(deep)
    late = MAX_TIME - 100
    rows: list[tuple[str, str, str, Json, dict[str, Any]]] = [
        ("nan", "6.5 item 1", "a NaN cannot be sealed", put("v", {"float": "7ff8000000000000"}), {}),
        ("key-proto", "6.5 item 2", "no key is called __proto__, not even inside", put("v", mapping(("__proto__", None))), {}),
        ("too-deep", "6.5 item 3", "level 17", put("v", deep), {}),
        ("new-session-beyond-the-last-time", "7.2 step 3", "until of a new session would be beyond 2^48 - 1", put("n", None), {"opened": None, "opened_at": late}),
        ("until-beyond-the-last-time", "7.2 step 3", "until by set_lifetime would be beyond 2^48 - 1", {"do": "set-lifetime", "idle": None, "absolute": 200, "persistent": None}, {"opened": envelope(created=late, issued=late, until=MAX_TIME, data=ONE), "opened_at": late}),
    ]  # fmt: skip
    return [
        exchange(f"life-write-refuse-{name}", (clause,), comment, (action,), FAILS, **more)
        for name, clause, comment, action, more in rows
    ]
