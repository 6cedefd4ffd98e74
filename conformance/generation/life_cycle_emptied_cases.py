"""Sessions that end: emptied, cleared, discarded, and what is written after that (SPEC 13.4 and 13.5 steps 2 to 4)."""

from __future__ import annotations

from .cases import Case
from .life_cycle import (
    CLEAR,
    CSRF_TOKEN,
    DISCARD,
    HOST,
    NOTHING,
    NOW,
    ONE,
    POP_FLASH,
    READ,
    REGENERATE,
    RENEW,
    SESSION,
    SID,
    Json,
    Sent,
    begins,
    delete,
    deletes,
    exchange,
    flash,
    keeps,
    put,
)
from .values import CREATED, EMPTY, IDLE, UNTIL, envelope, integer, mapping

EMPTY_SESSION = envelope()
FLASH_ALONE = envelope(flash=[["k", "v"]])
FLASH_TOO = envelope(data=ONE, flash=[["k", "v"]])
BRIEF = envelope(idle=900, until=CREATED + 7200, issued=NOW - 9, persistent=False, data=ONE)
PUT = put("n", integer(1))
OTHER = mapping(("m", None))

# name, clauses, comment, the session that is opened, what the application does, what is sent.
Row = tuple[str, tuple[str, ...], str, Json | None, tuple[Json, ...], Sent]


def list_cases() -> list[Case]:
    return [*_list_emptied(), *_list_cleared(), *_list_discarded(), *_list_discarded_otherwise()]


def _make(topic: str, rows: list[Row]) -> list[Case]:
    return [
        exchange(f"life-{topic}-{name}", clauses, comment, actions, sent, opened=opened)
        for name, clauses, comment, opened, actions, sent in rows
    ]


def _list_emptied() -> list[Case]:
    emptied = ("13.5 step 4",)
    kept = ("13.5 step 3",)
    rows: list[Row] = [
        ("last-key", emptied, "the last key is gone, and the cookie with it", SESSION, (delete("n"),), deletes()),
        ("last-key-and-flash", emptied, "data and flash are gone", FLASH_TOO, (delete("n"), POP_FLASH), deletes()),
        ("last-key-but-flash", kept, "flash is left", FLASH_TOO, (delete("n"),), keeps(FLASH_TOO, data=EMPTY)),
        ("last-key-for-flash", kept, "flash has come instead", SESSION, (delete("n"), flash("k", "v")), keeps(data=EMPTY, flash=[["k", "v"]])),
        ("flash-but-data", kept, "data is left", FLASH_TOO, (POP_FLASH,), keeps(FLASH_TOO, flash=[])),
        ("flash-of-an-empty-session", kept, "opened without data: it may carry the CSRF token of another tab", FLASH_ALONE, (POP_FLASH,), keeps(FLASH_ALONE, flash=[])),
        ("last-key-renewed", emptied, "renew keeps nothing that is empty", SESSION, (delete("n"), RENEW), deletes()),
        ("last-key-regenerated", emptied, "regenerate keeps nothing that is empty", SESSION, (delete("n"), REGENERATE), deletes()),
    ]  # fmt: skip
    return _make("emptied", rows)


def _list_cleared() -> list[Case]:
    deleted, kept, unwritten = ("13.4", "13.5 step 4"), ("13.4", "13.5 step 3"), ("13.3 item 1", "13.5 step 8")
    rows: list[Row] = [
        ("opened", (*deleted, "12.8 item 1"), "nothing is left", SESSION, (CLEAR,), deletes()),
        ("flash", deleted, "flash goes too", FLASH_TOO, (CLEAR,), deletes()),
        ("flash-of-an-empty-session", deleted, "opened without data, but clear was called", FLASH_ALONE, (CLEAR,), deletes()),
        ("empty", unwritten, "what was empty is empty: no write", EMPTY_SESSION, (CLEAR,), NOTHING),
        ("empty-renewed", deleted, "a write, opened without data, but clear was called", EMPTY_SESSION, (CLEAR, RENEW), deletes()),
        ("empty-renewed-first", deleted, "clear was called, whenever it was", EMPTY_SESSION, (RENEW, CLEAR), deletes()),
        ("empty-regenerated", deleted, "the same with regenerate", EMPTY_SESSION, (CLEAR, REGENERATE), deletes()),
        ("empty-filled-first", unwritten, "what came is gone again", EMPTY_SESSION, (PUT, CLEAR), NOTHING),
        ("new", unwritten, "a new session is empty already", None, (CLEAR,), NOTHING),
        ("new-filled-first", unwritten, "what came to a new session is gone again", None, (PUT, CLEAR), NOTHING),
        ("then-write", kept, "the same session with other content", SESSION, (CLEAR, put("m", None)), keeps(data=OTHER)),
        ("then-flash", kept, "the same session with flash", SESSION, (CLEAR, flash("k", "v")), keeps(data=EMPTY, flash=[["k", "v"]])),
        ("then-same-write", unwritten, "the content is what it was", SESSION, (CLEAR, PUT), NOTHING),
        ("then-csrf-token", kept, "the CSRF token needs the sid", SESSION, (CLEAR, CSRF_TOKEN), keeps(data=EMPTY)),
        ("after-csrf-token", ("13.4", "13.5 step 3"), "clear leaves the sid, so that the CSRF token counts", SESSION, (CSRF_TOKEN, CLEAR), keeps(data=EMPTY)),
        ("after-write-and-discard", ("13.5 step 2",), "a clear of what replaced the session is no write", SESSION, (DISCARD, CLEAR), deletes()),
    ]  # fmt: skip
    return _make("clear", rows)


def _list_discarded() -> list[Case]:
    deleted = ("13.5 step 2", "13.4")
    anew = ("13.4", "13.5 step 3")
    rows: list[Row] = [
        ("opened", (*deleted, "12.8 item 1"), "the cookie is deleted", SESSION, (DISCARD,), deletes()),
        ("empty", deleted, "a session without content too", EMPTY_SESSION, (DISCARD,), deletes()),
        ("new", deleted, "also where no cookie came", None, (DISCARD,), deletes()),
        ("then-read", deleted, "reading what is new is no write", SESSION, (DISCARD, READ), deletes()),
        ("after-write", deleted, "what was written before is gone", SESSION, (put("m", None), DISCARD), deletes()),
        ("after-write-to-a-new-one", deleted, "what was written before is gone", None, (PUT, DISCARD), deletes()),
        ("then-write", anew, "a token of a new session", SESSION, (DISCARD, put("m", None)), begins(SID, data=OTHER)),
        ("then-same-write", ("13.3 item 1", "13.5 step 3"), "the very content of before is a write to the new session", SESSION, (DISCARD, PUT), begins(SID, data=ONE)),
        ("then-flash", anew, "flash of a new session", SESSION, (DISCARD, flash("k", "v")), begins(SID, flash=[["k", "v"]])),
        ("flash-gone-too", anew, "flash of before is gone", FLASH_TOO, (DISCARD, put("m", None)), begins(SID, data=OTHER)),
        ("own-times-gone", ("13.4", "13.1"), "the new session has the policy's times and persistent", BRIEF, (DISCARD, PUT), begins(SID, data=ONE)),
        ("then-write-and-discard", deleted, "the last discard counts", SESSION, (DISCARD, PUT, DISCARD), deletes()),
        ("between-writes", anew, "only what is written since counts", SESSION, (put("m", None), DISCARD, PUT), begins(SID, data=ONE)),
        ("then-written-and-emptied", deleted, "what came is gone again", SESSION, (DISCARD, PUT, delete("n")), deletes()),
        ("then-renew", ("13.5 step 4",), "a write of nothing", SESSION, (DISCARD, RENEW), deletes()),
        ("empty-then-renew", ("13.5 step 4",), "it is the new session that is written, and that was not opened with empty data", EMPTY_SESSION, (DISCARD, RENEW), deletes()),
        ("new-then-renew", ("13.5 step 4",), "a write of nothing, where no cookie came", None, (DISCARD, RENEW), deletes()),
        ("then-csrf-token-and-clear", ("13.5 step 3",), "the CSRF token asked of the new session is kept", SESSION, (DISCARD, CSRF_TOKEN, CLEAR), begins(SID)),
        ("then-clear-and-renew", ("13.5 step 4",), "a write, but nothing is left to keep", SESSION, (DISCARD, CLEAR, RENEW), deletes()),
    ]  # fmt: skip
    return _make("discard", rows)


def _list_discarded_otherwise() -> list[Case]:
    unreadable = ((HOST, "cj2.later"),)
    end = CREATED + IDLE
    old = envelope(data=ONE, issued=UNTIL - 60)
    return [
        exchange("life-discard-unreadable", ("13.6", "13.5 step 2"), "what is to be preserved goes when the application discards", (DISCARD,), deletes(), cookies=unreadable, flags=("preserve",)),
        exchange("life-discard-unreadable-then-write", ("13.6", "13.5 step 3"), "and is replaced when it writes after that", (DISCARD, PUT), begins(data=ONE), cookies=unreadable, flags=("preserve",)),
        exchange("life-discard-expired", ("13.5 step 2",), "an expired cookie is deleted as well", (DISCARD,), deletes(), opened_at=end, flags=("time",)),
        exchange("life-discard-at-the-end", ("13.5 step 2", "9.7"), "a deletion needs no seal: it is sent at the absolute end too", (DISCARD,), deletes(), opened=old, opened_at=UNTIL - 1, sealed_at=UNTIL, flags=("time", "edge")),
        exchange("life-clear-at-the-end", ("13.5 step 4", "9.7"), "nor does a deletion of what was emptied", (CLEAR,), deletes(), opened=old, opened_at=UNTIL - 1, sealed_at=UNTIL, flags=("time", "edge")),
    ]  # fmt: skip
