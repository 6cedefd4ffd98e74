"""Cookies that do not open: which of them an exchange deletes, which it leaves for another reader (SPEC 13.5 step 7)."""

from __future__ import annotations

from . import octets
from .cases import Case
from .keys import A, B
from .life_cycle import (
    CSRF_TOKEN,
    HOST,
    NOTHING,
    NOW,
    ONE,
    READ,
    REGENERATE,
    SESSION,
    SID,
    Json,
    Sent,
    begins,
    deletes,
    exchange,
    keeps,
    put,
    seal,
)
from .plaintexts import build, hold
from .values import CREATED, attributes, envelope, integer

# Of other software, as all values that do not begin like a token.
FOREIGN = "rubbish"
MALFORMED = "cj1.rubbish"
TOO_LONG = "cj1." + "A" * 3969
UNKNOWN_VERSION = "cj2.AAAA"
UNKNOWN_KEY = seal(key=B)
OTHER_PURPOSE = seal(purpose="another")
EXPIRED = seal({**SESSION, "idle": 60})
ENDED = seal({**SESSION, "until": NOW})
REVOKED = seal({**SESSION, "created": CREATED - 1})
AHEAD = seal({**SESSION, "issued": NOW + 61})
BAD_PADDING = octets.seal_padded(build() + bytes(6), key=A, purpose=HOST)
BAD_ENCODING = octets.seal(hold(b"\xc1"), key=A, purpose=HOST)
BAD_ENVELOPE = octets.seal(build(sid=b"\xc4\x00"), key=A, purpose=HOST)

# name, what is wrong with the cookie, its value, and whether another reader may be able to read it (SPEC 10.1).
UNREADABLE = [
    ("unknown-version", "a version to come", UNKNOWN_VERSION, True),
    ("malformed-token", "begins like a token, and has no legal length", MALFORMED, False),
    ("malformed-prefix-alone", "a prefix and nothing else", "cj1.", False),
    ("foreign", "no token at all", FOREIGN, True),
    ("foreign-empty", "an empty value", "", True),
    ("foreign-quoted", "a good token in quotation marks", f'"{seal()}"', True),
    ("foreign-flask", "Flask's session", "eyJ1c2VyIjoiYWRhIn0.aAbBcC.0123456789abcdefghijklmnopq", True),
    ("foreign-json", "JSON", '{"user":"ada"}', True),
    ("foreign-long", "more than 3,972 characters that do not begin like a token", "A" * 3973, True),
    ("foreign-no-digit", "cj and a dot", "cj." + "A" * 128, True),
    ("foreign-no-dot", "cj1 without a dot", "cj1", True),
    ("foreign-two-letters", "two letters after the digits", "cj1ab.", True),
    ("foreign-ten-digits", "ten digits", "cj1234567890.", True),
    ("foreign-capitals", "the prefix in capitals", "CJ1.", True),
    ("foreign-blank-inside", "a token in the middle of a value", f"x {seal()}", True),
    ("unknown-version-with-a-letter", "digits, a letter and a dot", "cj12x.", True),
    ("too-long", "3,973 characters", TOO_LONG, False),
    ("unknown-key", "a key that is not in the ring", UNKNOWN_KEY, True),
    ("not-authentic", "a token of another purpose", OTHER_PURPOSE, False),
    ("bad-padding", "padding without its 0x80", BAD_PADDING, True),
    ("bad-encoding", "data that breaks the MessagePack profile", BAD_ENCODING, True),
    ("bad-envelope", "a sid of no octets", BAD_ENVELOPE, True),
    ("not-yet-valid", "issued 61 seconds ahead", AHEAD, True),
    ("expired-idle", "past its idle timeout", EXPIRED, True),
    ("expired-absolute", "at its absolute end", ENDED, True),
    ("revoked", "created before not_before", REVOKED, False),
]
NOT_BEFORE = {"not_before": CREATED}


def list_cases() -> list[Case]:
    return [*_list_read(), *_list_several(), *_list_written(), *_list_with_accepted(), *_list_previous()]


def _came(*values: str, name: str = HOST) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for value in values)


def _list_read() -> list[Case]:
    return [
        exchange(
            f"life-unreadable-{name}",
            ("10.1", "13.6", "13.5 step 7") if preserved else ("10.1", "13.5 step 7"),
            f"{comment}: {'left for another reader' if preserved else 'deleted'}",
            (READ,),
            NOTHING if preserved else deletes(),
            cookies=_came(value),
            rules=NOT_BEFORE,
            flags=("preserve",),
        )
        for name, comment, value, preserved in UNREADABLE
    ]


def _list_several() -> list[Case]:
    # Four that pass SPEC 8.2 step 7 and are opened; a fifth is left unread.
    four = (OTHER_PURPOSE,) * 4
    rows: list[tuple[str, str, tuple[str, ...], Sent, tuple[str, ...]]] = [
        ("all-dead", "none that anybody can read", (MALFORMED, TOO_LONG, OTHER_PURPOSE), deletes(), ()),
        ("last-preserved", "the last is to be preserved, and so all are", (MALFORMED, OTHER_PURPOSE, UNKNOWN_KEY), NOTHING, ()),
        ("first-preserved", "the first is to be preserved, and so all are", (UNKNOWN_VERSION, MALFORMED, OTHER_PURPOSE), NOTHING, ()),
        ("expired-preserved", "one is expired, and so all are preserved", (MALFORMED, EXPIRED, OTHER_PURPOSE), NOTHING, ()),
        ("foreign-preserved", "one is of other software, and so all are preserved", (MALFORMED, FOREIGN, OTHER_PURPOSE), NOTHING, ()),
        ("four-dead", "four that nobody can read, all opened", four, deletes(), ("edge",)),
        ("all-preserved", "all are to be preserved", (UNKNOWN_KEY, BAD_PADDING), NOTHING, ()),
        ("fourth-preserved", "of those that are opened the fourth still counts", (*four[:3], BAD_ENCODING), NOTHING, ("edge",)),
        ("fifth-unread", "the fifth is left unread, and so nothing is deleted", (*four, OTHER_PURPOSE), NOTHING, ("edge",)),
        ("fifth-unread-good", "the fifth, a good token, is left unread and not deleted", (*four, seal()), NOTHING, ("edge",)),
        ("fifth-malformed", "what is refused without opening is not left unread", (*four, MALFORMED), deletes(), ("edge",)),
        ("sixteen-dead", "16 values are judged", (MALFORMED,) * 16, deletes(), ("edge",)),
        ("seventeen-dead", "the 17th is left unread, and so nothing is deleted", (MALFORMED,) * 17, NOTHING, ("edge",)),
        ("seventeenth-good", "the 17th, a good token, is left unread and not deleted", (*(MALFORMED,) * 16, seal()), NOTHING, ("edge",)),
        ("fifth-unknown-key", "what is not even to be opened counts however many there are", (*four, UNKNOWN_KEY), NOTHING, ("edge",)),
    ]  # fmt: skip
    return [
        exchange(f"life-unreadable-several-{name}", ("11.4", "13.5 step 7"), comment, (READ,), sent, cookies=_came(*values), flags=("preserve", "same-named", *flags))
        for name, comment, values, sent, flags in rows
    ]  # fmt: skip


def _list_written() -> list[Case]:
    change = put("n", integer(1))
    write, read = ("13.6", "13.5 step 3"), ("13.5 step 7",)
    rows: list[tuple[str, tuple[str, ...], str, tuple[str, ...], tuple[Json, ...], Sent]] = [
        ("preserved", write, "a write replaces what was to be preserved", (UNKNOWN_KEY,), (change,), begins(data=ONE)),
        ("dead", ("13.5 step 3", "13.1"), "a write replaces what nobody can read", (MALFORMED,), (change,), begins(data=ONE)),
        ("expired", ("13.5 step 3", "13.1"), "the new session has nothing of the expired one", (EXPIRED,), (change,), begins(SID, data=ONE)),
        ("csrf-token", write, "a CSRF token is a write as well", (UNKNOWN_VERSION,), (CSRF_TOKEN,), begins()),
        ("nothing-preserved", ("13.6", "13.5 step 8"), "a write of nothing to a new session replaces nothing", (UNKNOWN_KEY,), (REGENERATE,), NOTHING),
        ("nothing-dead", read, "a write of nothing to a new session: as if it were only read", (MALFORMED,), (REGENERATE,), deletes()),
    ]  # fmt: skip
    return [
        exchange(f"life-unreadable-write-{name}", clauses, comment, actions, sent, cookies=_came(*values), flags=("preserve",))
        for name, clauses, comment, values, actions, sent in rows
    ]  # fmt: skip


def _list_with_accepted() -> list[Case]:
    older, newer = envelope(data=ONE, issued=CREATED + 1), envelope(data=ONE, issued=CREATED + 2, idle=9000)
    rows: list[tuple[str, tuple[str, ...], str, tuple[str, ...], tuple[Json, ...], Sent]] = [
        ("dead", ("13.5 step 7", "11.4 step 4"), "beside one that is accepted none is unreadable", (MALFORMED, seal()), (READ,), NOTHING),
        ("preserved", ("11.4 step 4", "13.5 step 8"), "nothing is due", (UNKNOWN_KEY, seal()), (READ,), NOTHING),
        ("preserved-renewal-due", ("11.4 step 4", "13.5 step 6"), "a renewal is due; what was refused beside it does not matter", (UNKNOWN_KEY, seal({**SESSION, "idle": 5000})), (READ,), keeps(idle=5000)),
        ("newest", ("11.4 step 3",), "the later token of two is the one that is renewed", (seal(older), seal(newer)), (READ,), keeps(newer)),
        ("newest-first", ("11.4 step 3",), "the newest wins at any place", (seal(newer), seal(older)), (READ,), keeps(newer)),
        ("first-of-equals", ("11.4 step 3",), "of two of one second the first", (seal(newer), seal({**newer, "idle": 9001})), (READ,), keeps(newer)),
    ]  # fmt: skip
    return [
        exchange(f"life-beside-accepted-{name}", clauses, comment, actions, sent, cookies=_came(*values), flags=("same-named",))
        for name, clauses, comment, values, actions, sent in rows
    ]  # fmt: skip


def _list_previous() -> list[Case]:
    old = attributes(name="old")
    other = attributes(name="other")
    dead = seal(purpose="another")
    expired = seal({**SESSION, "idle": 60}, purpose="old")
    rows: list[tuple[str, str, tuple[tuple[str, str], ...], Sent]] = [
        ("dead", "only a previous name has a value, and nobody can read it", _came(dead, name="old"), deletes(old)),
        ("expired", "only a previous name has a value, and it is expired", _came(expired, name="old"), NOTHING),
        ("foreign", "only a previous name has a value, and it is of other software", _came(FOREIGN, name="old"), NOTHING),
        ("dead-beside-foreign", "the current name's is dead, a previous name's of other software", (*_came(MALFORMED), *_came(FOREIGN, name="old")), NOTHING),
        ("foreign-beside-dead", "the current name's is of other software, a previous name's dead", (*_came(FOREIGN), *_came(dead, name="old")), NOTHING),
        ("unread", "one value of a previous name is left unread", _came(*(dead,) * 5, name="old"), NOTHING),
        ("seventeen", "17 values of a previous name", _came(*(MALFORMED,) * 17, name="old"), NOTHING),
        ("preserved", "only a previous name has a value, and it is to be preserved", _came(UNKNOWN_KEY, name="old"), NOTHING),
        ("dead-beside-preserved", "the current name's is dead, a previous name's to be preserved", (*_came(MALFORMED), *_came(UNKNOWN_VERSION, name="old")), NOTHING),
        ("preserved-beside-dead", "the current name's is to be preserved, a previous name's dead", (*_came(UNKNOWN_KEY), *_came(MALFORMED, name="old")), NOTHING),
        ("both-dead", "nobody can read either", (*_came(MALFORMED), *_came(dead, name="old")), deletes(old)),
        ("second-preserved", "the second previous name's is to be preserved", (*_came(dead, name="old"), *_came(UNKNOWN_VERSION, name="other")), NOTHING),
        ("both-previous-dead", "all names with a value are deleted, in the order of the attributes", (*_came(MALFORMED, name="other"), *_came(dead, name="old")), deletes(old, other)),
    ]  # fmt: skip
    return [
        exchange(f"life-unreadable-previous-{name}", ("13.5 step 7", "12.8"), comment, (READ,), sent, cookies=cookies, previous=(old, other), flags=("preserve", "previous"))
        for name, comment, cookies, sent in rows
    ]  # fmt: skip
