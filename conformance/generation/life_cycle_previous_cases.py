"""Attributes that the cookie had before: moves, and which of its old cookies are deleted (SPEC 12.7, 12.8, 13.7)."""

from __future__ import annotations

from typing import Any

from .cases import Case
from .keys import A, B, ring
from .life_cycle import (
    CLEAR,
    DISCARD,
    NOTHING,
    NOW,
    READ,
    REGENERATE,
    SESSION,
    SID,
    Fields,
    Json,
    Sent,
    begins,
    begins_again,
    deletes,
    exchange,
    keeps,
    put,
    seal,
    sets,
)
from .values import CREATED, attributes, envelope, integer, mapping

COOKIE = attributes(name="s")
OLD = attributes(name="old")
OLDER = attributes(name="older", path="/app", domain="example.com", secure=False, httponly=False, samesite=None)
# Like-named: one attribute each is other than the cookie's.
LIKE_PATH = attributes(name="s", path="/app")
LIKE_DOMAIN = attributes(name="s", domain="example.com")
LIKE_PARTITIONED = attributes(name="s", partitioned=True)
LIKE = (LIKE_PATH, LIKE_DOMAIN, LIKE_PARTITIONED)

CHANGE = put("m", None)
CHANGED = mapping(("m", None), ("n", integer(1)))
SHORT = {**SESSION, "idle": 5000}
UNKNOWN_KEY = seal(key=B, purpose="s")

Row = tuple[str, tuple[str, ...], str, Fields, tuple[Json, ...], Sent, dict[str, Any]]


def list_cases() -> list[Case]:
    return [*_list_moves(), *_list_kept_from_moving(), *_list_names(), *_list_like_named(), *_list_deletions()]


def _own(opened: Json = SESSION) -> tuple[str, str]:
    return "s", seal(opened, purpose="s")


def _old(opened: Json = SESSION, name: str = "old") -> tuple[str, str]:
    return name, seal(opened, purpose=name)


def _drops(sent: Sent, *dropped: Json) -> Sent:
    """The same, with deletions of previous attributes beside it."""
    return Sent(sent.envelope, sent.is_deletion, dropped, sent.key, sent.old_sids)


def _make(topic: str, rows: list[Row], flags: tuple[str, ...] = ()) -> list[Case]:
    return [
        exchange(
            f"life-{topic}-{name}",
            clauses,
            comment,
            actions,
            sent,
            cookies=cookies,
            **{"cookie": COOKIE, "previous": (OLD,), "flags": ("previous", *flags), **more},
        )
        for name, clauses, comment, cookies, actions, sent, more in rows
    ]


def _list_moves() -> list[Case]:
    due = ("13.7", "13.5 step 6", "12.7 item 2")
    moved = _drops(keeps(), OLD)
    brief = envelope(idle=9000, until=CREATED + 7200, persistent=False, flash=[["k", "v"]])
    fresh = {**SESSION, "issued": NOW}
    lowered = {"longest_idle": 20000, "longest_lifetime": 30000}
    app_token = ("old", seal(purpose="app"))
    rows: list[Row] = [
        ("read", due, "read under its old name, set under the new one, deleted under the old", (_old(),), (READ,), moved, {}),
        ("at-once", ("13.7",), "a move needs no 300 seconds", (_old(fresh),), (READ,), moved, {"flags": ("previous", "edge")}),
        ("content", ("13.5 step 6",), "the content and its own times are kept", (_old(brief),), (READ,), _drops(keeps(brief), OLD), {}),
        ("lowered", ("9.4",), "the token that is moved carries the lowered times", (_old(),), (READ,), _drops(keeps(idle=20000, until=CREATED + 30000), OLD), {"rules": lowered}),
        ("explicit-purpose", ("12.6", "3.5"), "one explicit purpose for all names", (app_token,), (READ,), moved, {"purpose": "app"}),
        ("explicit-purpose-not-used", ("12.6", "3.5"), "with an explicit purpose the old name is none", (_old(),), (READ,), deletes(OLD), {"purpose": "app"}),
        ("purpose-of-the-new-name", ("12.6", "3.5"), "a token for the new name under the old one does not authenticate", (("old", seal(purpose="s")),), (READ,), deletes(OLD), {}),
        ("beside-a-dead-one", ("13.7", "11.5"), "no reader can read the value of the current name", (("s", "cj1.rubbish"), _old()), (READ,), moved, {}),
        ("and-write", ("13.5 step 3", "12.7 item 2"), "a write moves as well", (_old(),), (CHANGE,), _drops(keeps(data=CHANGED), OLD), {}),
        ("and-regenerate", ("13.5 step 3", "12.7 item 2"), "so does regenerate", (_old(),), (REGENERATE,), _drops(begins_again(), OLD), {}),
        ("and-clear", ("13.5 step 4", "12.8 item 2"), "emptied: both names are deleted", (_old(),), (CLEAR,), deletes(OLD), {}),
        ("and-discard", ("13.5 step 2", "12.8 item 2"), "discarded: both names are deleted", (_old(),), (DISCARD,), deletes(OLD), {}),
        ("and-discard-and-write", ("13.5 step 3", "12.7 item 2"), "the new session under the new name, the old one deleted", (_old(),), (DISCARD, CHANGE), _drops(begins(SID, data=mapping(("m", None))), OLD), {}),
        ("issued-ahead", ("13.7", "7.2 step 2"), "issued does not go back", (_old({**SESSION, "issued": NOW + 60}),), (READ,), _drops(keeps(issued=NOW + 60), OLD), {}),
        ("at-the-end", ("13.5 step 6", "13.8"), "a move that cannot be sealed is left out, and the old cookie stays", (_old({**SESSION, "until": NOW + 1}),), (READ,), NOTHING, {"sealed_at": NOW + 1}),
    ]  # fmt: skip
    return _make("move", rows)


def _list_kept_from_moving() -> list[Case]:
    kept = ("13.7", "13.6")
    to_keep = ("s", UNKNOWN_KEY)
    rows: list[Row] = [
        ("preserved", kept, "another reader may read the value of the current name", (to_keep, _old()), (READ,), NOTHING, {}),
        ("preserved-beside-dead", kept, "one of two under the current name is for another reader", (("s", "cj1.rubbish"), to_keep, _old()), (READ,), NOTHING, {}),
        ("preserved-renewal-due", kept, "nor does a renewal of the old one replace it", (to_keep, _old(SHORT)), (READ,), NOTHING, {}),
        ("preserved-reseal-due", kept, "nor does a reseal of the old one replace it", (("s", "cj2.later"), ("old", seal(key=B, purpose="old"))), (READ,), NOTHING, {"keyring": ring(A, B)}),
        ("preserved-and-write", ("13.6", "12.7 item 2"), "a write replaces it, and the old name goes", (to_keep, _old()), (CHANGE,), _drops(keeps(data=CHANGED), OLD), {}),
        ("foreign", kept, "the value of the current name is of other software", (("s", "rubbish"), _old()), (READ,), NOTHING, {}),
        ("foreign-empty", kept, "an empty value of the current name is of other software", (("s", ""), _old()), (READ,), NOTHING, {}),
        ("expired", kept, "another reader's clock may be right", (_own({**SESSION, "idle": 60}), _old()), (READ,), NOTHING, {}),
        ("unread", kept, "one value of the current name is left unread", (*(("s", seal(purpose="x")),) * 5, _old()), (READ,), NOTHING, {}),
        ("seventeen", kept, "17 values of the current name", (*(("s", "cj1.rubbish"),) * 17, _old()), (READ,), NOTHING, {}),
        ("own-session", ("11.5", "13.7"), "a session under the current name: the old name is not even tried", (_own(), _old()), (READ,), NOTHING, {}),
        ("own-session-older", ("11.5",), "it does not matter which was issued later", (_own(), _old({**SESSION, "sid": "00" * 16, "issued": NOW})), (CHANGE,), keeps(data=CHANGED), {}),
        ("own-session-renewal", ("11.5", "12.7 item 2"), "the old name was not read: it stays as it is", (_own(SHORT), _old()), (READ,), keeps(SHORT), {}),
    ]  # fmt: skip
    return _make("no-move", rows, ("preserve",))


def _list_names() -> list[Case]:
    other = {**SESSION, "sid": "00" * 16, "issued": NOW}
    older = keeps()
    two = {"previous": (OLD, OLDER)}
    twice = {**OLD, "path": "/app"}
    rows: list[Row] = [
        ("first-of-two", ("11.5", "12.7 item 2"), "the first name with an accepted value wins, though the second was issued later; only it is deleted", (_old(), _old(other, "older")), (READ,), _drops(older, OLD), two),
        ("second-of-two", ("11.5", "12.7 item 2"), "only the second has a value", (_old(name="older"),), (READ,), _drops(older, OLDER), two),
        ("second-after-dead", ("11.5", "12.7 item 2"), "the first has a dead one, which stays: no session was opened under it", (("old", "cj1.rubbish"), _old(name="older")), (READ,), _drops(older, OLDER), two),
        ("second-after-preserved", ("13.7", "11.5"), "what a previous name has to preserve keeps nothing from moving", (("old", "cj2.later"), _old(name="older")), (READ,), _drops(older, OLDER), two),
        ("one-name-twice", ("11.5", "12.7 item 2"), "one name with two paths: read once, deleted with both", (_old(),), (READ,), _drops(older, OLD, twice), {"previous": (OLD, twice)}),
        ("one-name-twice-turned", ("12.7 item 2",), "the deletions stand in the order of the attributes", (_old(),), (READ,), _drops(older, twice, OLD), {"previous": (twice, OLD)}),
        ("same-name-twice-in-the-request", ("11.4 step 3", "13.7"), "of two values under the old name the later one", (_old(), _old(other)), (READ,), sets({**other, "issued": NOW}, OLD), {}),
        ("other-letter-case", ("11.5", "12.6"), "a name in another case is another name, and is moved from", (_old(name="S"),), (READ,), _drops(older, attributes(name="S")), {"previous": (attributes(name="S"),)}),
    ]  # fmt: skip
    return _make("previous-name", rows, ("same-named",))


def _list_like_named() -> list[Case]:
    like = {"previous": LIKE}
    names = ("path", "domain", "partitioned")
    each: list[Row] = [
        (f"another-{name}", ("12.6", "12.7 item 2"), f"another {name}: deleted whenever the token is set", (_own(),), (CHANGE,), _drops(keeps(data=CHANGED), one), {"previous": (one,)})
        for name, one in zip(names, LIKE, strict=True)
    ]  # fmt: skip
    rows: list[Row] = [
        ("new", ("12.7 item 2",), "also for a new session, though no cookie came", (), (CHANGE,), _drops(begins(data=mapping(("m", None))), *LIKE), like),
        ("renewal", ("12.7 item 2",), "also when a token is set without a write", (_own(SHORT),), (READ,), _drops(keeps(SHORT), *LIKE), like),
        ("read", ("12.7 item 2",), "but not when none is set", (_own(),), (READ,), NOTHING, like),
        ("deleted", ("12.8 item 2",), "deleted with the cookie", (_own(),), (CLEAR,), deletes(*LIKE), like),
        ("discarded-new", ("12.8 item 2",), "deleted with the cookie, though none came", (), (DISCARD,), deletes(*LIKE), like),
        ("among-others", ("12.7 item 2",), "the order is that of the attributes, whatever the cause of each", (_old(),), (READ,), _drops(keeps(), LIKE_DOMAIN, OLD, LIKE_PATH), {"previous": (OLDER, LIKE_DOMAIN, OLD, LIKE_PATH)}),
        ("not-read-again", ("11.5",), "its name is the current one, and is tried once", (("s", "cj1.rubbish"),), (READ,), deletes(LIKE_PATH), {"previous": (LIKE_PATH,)}),
        ("other-letter-case", ("12.6",), "a name in another case is not like-named", (_own(),), (CHANGE,), keeps(data=CHANGED), {"previous": (attributes(name="S", path="/app"),)}),
    ]  # fmt: skip
    return _make("like-named", each + rows)


def _list_deletions() -> list[Case]:
    two = {"previous": (OLD, OLDER)}
    both = (_own(), _old(), _old(name="older"))
    wide = attributes(name="wide", samesite="None", partitioned=True)
    anew = begins(SID, data=mapping(("m", None)))
    rows: list[Row] = [
        ("write", ("12.7 item 2",), "values under previous names that were not read stay", both, (CHANGE,), keeps(data=CHANGED), two),
        ("clear", ("12.8 item 2",), "all previous names with a value go with the cookie", both, (CLEAR,), deletes(OLD, OLDER), two),
        ("discard", ("12.8 item 2",), "all previous names with a value go with the cookie", both, (DISCARD,), deletes(OLD, OLDER), two),
        ("discard-one-came", ("12.8 item 2",), "a previous name without a value is left alone", (_own(), _old(name="older")), (DISCARD,), deletes(OLDER), two),
        ("discard-none-came", ("12.8 item 2",), "previous names without a value are left alone", (_own(),), (DISCARD,), deletes(), two),
        ("discard-foreign", ("12.8 item 2", "12.9"), "a value of other software is left alone", (_own(), ("old", "eyJhIjoxfQ.aAbBcC.0123")), (DISCARD,), deletes(), two),
        ("discard-foreign-empty", ("12.8 item 2", "12.9"), "an empty value is of other software", (_own(), ("old", "")), (DISCARD,), deletes(), two),
        ("discard-foreign-and-ours", ("12.8 item 2", "12.9"), "one value that begins like a token is enough", (_own(), ("old", "x"), ("old", "cj1.x")), (DISCARD,), deletes(OLD), two),
        ("discard-sixteen-foreign", ("12.8 item 2", "12.9"), "16 values of other software", (_own(), *(("old", "x"),) * 16), (DISCARD,), deletes(), two),
        ("discard-seventeen-foreign", ("12.8 item 2", "12.9"), "the 17th may be ours", (_own(), *(("old", "x"),) * 16, _old()), (DISCARD,), deletes(OLD), two),
        ("discard-and-write-foreign", ("12.7 item 2", "12.9"), "a value of other software is left alone", (_own(), ("old", "x")), (DISCARD, CHANGE), anew, two),
        ("discard-and-write", ("12.7 item 2",), "after discard a write deletes them too", both, (DISCARD, CHANGE), _drops(anew, OLD, OLDER), two),
        ("discard-and-write-one-came", ("12.7 item 2",), "but only those with a value", (_own(), _old()), (DISCARD, CHANGE), _drops(anew, OLD), two),
        ("discard-preserved", ("12.8 item 2", "13.6"), "also one that was to be preserved", (_own(), ("old", "cj2.later")), (DISCARD,), deletes(OLD), two),
        ("write-preserved", ("12.7 item 2", "13.6"), "a write leaves what a previous name has to preserve", (("old", "cj2.later"),), (CHANGE,), begins(data=mapping(("m", None))), two),
        ("own-attributes", ("12.5", "12.8 item 2"), "each deletion has its own attributes", (("wide", "cj1."), ("older", "cj1.")), (DISCARD,), deletes(wide, OLDER), {"previous": (wide, OLDER)}),
        ("not-persistent", ("12.5",), "a deletion has its Max-Age=0 though the session has none", (_own({**SESSION, "persistent": False}),), (CLEAR,), deletes(), {"previous": ()}),
        ("in-another-field", ("12.8 item 2", "11.1 step 1"), "one of two values in a second piece with blanks around it", (_own(), ("x", "y;\told=cj1.z ")), (DISCARD,), deletes(OLD), two),
        ("part-of-another-name", ("12.8 item 2", "11.1 step 4"), "a name that ends or begins like a previous one is not it", (_own(), ("xold", "1"), ("olds", "2")), (DISCARD,), deletes(), two),
    ]  # fmt: skip
    return _make("delete", rows, ("attributes",))
