"""The limit on a token's length, when it is written and when it is merely sealed again (SPEC 13.8)."""

from __future__ import annotations

from typing import Any

from .cases import Case
from .keys import A, B, ring
from .life_cycle import (
    CSRF_TOKEN,
    DISCARD,
    FAILS,
    NOTHING,
    READ,
    REGENERATE,
    RENEW,
    SID,
    Json,
    Sent,
    begins,
    begins_again,
    delete,
    exchange,
    flash,
    keeps,
    put,
    seal,
    set_lifetime,
    sets,
)
from .messagepack import write_envelope
from .seal_cases import fill_little
from .values import EMPTY, attributes, envelope, mapping

# The last second whose integer has five octets; the next has nine.
LAST_SHORT = (1 << 32) - 1


def list_cases() -> list[Case]:
    return [*_list_new(), *_list_opened(), *_list_sealed_again(), *_list_longer_times()]


def fill(plaintext_octets: int) -> Json:
    """An envelope whose plaintext has just so many octets, 310 and more."""
    text = "x" * (256 + plaintext_octets - len(write_envelope(envelope(data=mapping(("v", "x" * 256))))))
    return envelope(data=mapping(("v", text)))


def _fill(plaintext_octets: int) -> Any:
    """The value that makes of an empty session one of so many octets of plaintext."""
    return fill(plaintext_octets)["data"]["map"][0][1]


def _list_new() -> list[Case]:
    little = fill_little(47)["data"], fill_little(48)["data"]
    rows: list[tuple[str, str, tuple[Json, ...], Sent | None, dict[str, Any]]] = [
        ("default-met", "2,660 characters by default", (put("v", _fill(1943)),), begins(data=mapping(("v", _fill(1943)))), {}),
        ("default-exceeded", "an octet more makes 2,692", (put("v", _fill(1944)),), FAILS, {}),
        ("exceeded-by-flash", "flash counts as well", (put("v", _fill(1943)), flash("k", None)), FAILS, {}),
        ("least-met", "132 characters hold a little", (put("v", little[0]["map"][0][1]),), begins(data=little[0]), {"limit": 132}),
        ("least-exceeded", "an octet more makes 164", (put("v", little[1]["map"][0][1]),), FAILS, {"limit": 132}),
        ("least-for-a-csrf-token", "an empty session has 132 characters", (CSRF_TOKEN,), begins(), {"limit": 132}),
        ("off-the-grid", "a limit between two lengths of tokens", (put("v", _fill(1943)),), FAILS, {"limit": 2659}),
        ("greatest-met", "3,972 characters, 2,927 octets", (put("v", _fill(2927)),), begins(data=mapping(("v", _fill(2927)))), {"limit": 3972}),
        ("greatest-exceeded", "no token is longer", (put("v", _fill(2928)),), FAILS, {"limit": 3972}),
        ("exceeded-and-emptied", "what is too long in the meantime does not matter", (put("v", _fill(2500)), delete("v")), NOTHING, {}),
    ]  # fmt: skip
    return [
        exchange(f"life-limit-{name}", ("13.8", "15"), comment, actions, sent, opened=None, flags=("size", "edge"), **more)
        for name, comment, actions, sent, more in rows
    ]  # fmt: skip


def _list_opened() -> list[Case]:
    # 2,543 octets fill 106 blocks, of which the last octet is padding: 3,460 characters.
    large, small = fill(2543), fill(600)
    rows: list[tuple[str, str, Json, tuple[Json, ...], Sent | None]] = [
        ("shrunk", "shorter than the token that was opened, though above the limit", large, (put("v", _fill(2400)),), keeps(data=mapping(("v", _fill(2400))))),
        ("as-long", "no longer than the token that was opened", large, (put("v", large["data"]["map"][0][1]), put("w", None), put("v", _fill(2540))), keeps(data=mapping(("v", _fill(2540)), ("w", None)))),
        ("longer", "a block longer than the token that was opened", large, (put("v", _fill(2544)),), FAILS),
        ("shrunk-below", "below the limit", large, (put("v", _fill(1943)),), keeps(data=mapping(("v", _fill(1943))))),
        ("renew", "renew of a session above the limit", large, (RENEW,), keeps(large)),
        ("regenerate", "regenerate of a session above the limit", large, (REGENERATE,), begins_again(large)),
        ("set-lifetime", "set_lifetime of a session above the limit", large, (set_lifetime(idle=60),), keeps(large, idle=60)),
        ("discard", "after discard no token was opened", large, (DISCARD, put("v", _fill(2543))), FAILS),
        ("discard-below", "after discard the limit holds", large, (DISCARD, put("v", _fill(1943))), begins(SID, data=mapping(("v", _fill(1943))))),
        ("grown-to-the-limit", "a token that was shorter than the limit may grow to it", small, (put("v", _fill(1943)),), keeps(small, data=mapping(("v", _fill(1943))))),
        ("grown-beyond-the-limit", "and no further", small, (put("v", _fill(1944)),), FAILS),
        ("emptied", "a deletion has no length", large, (delete("v"),), Sent(is_deletion=True)),
        ("emptied-for-a-csrf-token", "nothing but the sid is left of what was above the limit", large, (delete("v"), CSRF_TOKEN), keeps(large, data=EMPTY)),
    ]  # fmt: skip
    return [
        exchange(f"life-limit-opened-{name}", ("13.8",), comment, actions, sent, opened=opened, flags=("size",))
        for name, comment, opened, actions, sent in rows
    ]  # fmt: skip


def _list_sealed_again() -> list[Case]:
    large = fill(2543)
    short = {**large, "idle": 5000}
    longest = {**fill(2927), "idle": 5000}
    old = attributes(name="old")
    rows: list[tuple[str, str, Json, Sent, dict[str, Any]]] = [
        ("renewal", "a renewal of a session above the limit", short, keeps(short), {}),
        ("reseal", "a reseal of a session above the limit", large, keeps(large), {"key": B, "keyring": ring(A, B)}),
        ("move", "a move of a session above the limit", large, Sent(keeps(large).envelope, dropped=(old,)), {"cookies": (("old", seal(large, purpose="old")),), "previous": (old,)}),
        ("renewal-of-the-longest", "a renewal of the longest token there is", longest, keeps(longest), {}),
    ]  # fmt: skip
    return [
        exchange(f"life-limit-{name}", ("13.8", "13.5 step 6"), comment, (READ,), sent, opened=opened, flags=("size",), **more)
        for name, comment, opened, sent, more in rows
    ]  # fmt: skip


def _list_longer_times() -> list[Case]:
    """From 2^32 on a time takes four octets more: a token may be longer than the one that was opened."""
    then = LAST_SHORT - 200_000
    times = {"created": then, "issued": then, "until": then + 90 * 86400}
    at = LAST_SHORT + 1
    young = {**times, "issued": at - 1}
    # until has nine octets from the start.
    full, spare, longest = fill(1939), fill(1935), fill(2923)
    rows: list[tuple[str, str, Json | None, tuple[Json, ...], Sent | None, dict[str, Any]]] = [
        ("renew", "a write whose issued makes it too long", {**full, **young}, (RENEW,), FAILS, {}),
        ("renew-that-fits", "the longer issued just fits", {**spare, **young}, (RENEW,), sets({**spare, **young, "issued": at}), {}),
        ("write-that-fits", "the content makes room for it", {**full, **young}, (put("v", _fill(1935)),), sets({**spare, **young, "issued": at}), {}),
        ("renewal", "a renewal that would be too long is left out", {**full, **times}, (READ,), NOTHING, {}),
        ("renewal-that-fits", "a renewal that just fits", {**spare, **times}, (READ,), sets({**spare, **times, "issued": at}), {}),
        ("longest", "a write that no token could hold", {**longest, **young}, (RENEW,), FAILS, {"limit": 3972}),
        ("longest-renewal", "a renewal that no token could hold is left out", {**longest, **times}, (READ,), NOTHING, {"limit": 3972}),
        ("second-time", "a new session whose second time makes it too long", None, (put("v", _fill(1939)),), FAILS, {"opened_at": at - 1, "sealed_at": at}),
        ("second-time-that-fits", "a new session whose second time just fits", None, (put("v", _fill(1935)),), sets({**spare, "sid": "new", "created": at - 1, "issued": at, "until": at - 1 + 90 * 86400}), {"opened_at": at - 1, "sealed_at": at}),
    ]  # fmt: skip
    return [
        exchange(f"life-limit-2-to-32-{name}", ("13.8", "6.1"), comment, actions, sent, opened=opened, **{"opened_at": at, "flags": ("size", "number", "edge"), **more})
        for name, comment, opened, actions, sent, more in rows
    ]  # fmt: skip
