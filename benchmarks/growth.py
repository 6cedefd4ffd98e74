"""Growth: how the package's time grows with payload, keyring and cookies, and the time of a refusal. Knows no peer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from cookiejar_session import CookieSessions, Key, Keyring, Reason, SessionTooLargeError, TokenError, open_token

from .asgi_stacks import make_ours
from .codec import make_actions
from .codec_peers import make_ours as make_codec
from .contents import TYPICAL, Content
from .estimates import Estimate, estimate_median, estimate_ratio
from .middleware import READING, name_bare, store_content
from .tables import Table
from .timing import Action, Effort, Timings, time_actions

COOKIE_NAME = "__Host-session"
PAYLOAD_OCTETS = (100, 200, 400, 800, 1600, 2400)
RING_SIZES = (1, 2, 4, 8, 16)
OTHER_COOKIES = (0, 1, 5, 10, 25, 50)
SAME_NAMED = (1, 2, 3, 4)
# These names are the row names of the tables.
RING_OF_ONE, LAST_OF_SIXTEEN = "keyring of 1, primary key", "keyring of 16, last key"
FULL_OPEN, UNKNOWN_KEY, JUNK = "full open", "unknown key", "junk of legal length"


def measure_rings(effort: Effort, *, sizes: tuple[int, ...] = RING_SIZES) -> Timings:
    """Measure opening a typical token under the primary and the last key of keyrings of these sizes, in nanoseconds."""
    actions: dict[str, Action] = {}
    for size in sizes:
        keys = [Key.generate().to_text() for _ in range(size)]
        for place, key in {"primary key": keys[0], "last key": keys[-1]}.items():
            if size > 1 or place == "primary key":
                token = _seal(Keyring.parse(key))
                actions[f"keyring of {size}, {place}"] = _open(token, Keyring.parse(" ".join(keys)))
    return time_actions(actions, effort=effort)


def measure_refusals(effort: Effort) -> Timings:
    """Measure a full open, the refusal of an unknown key and the refusal of an invalid character, in nanoseconds.

    The invalid character is the last one of a token of legal length, so that all characters before it are decoded.
    """
    keyring = Keyring.generate()
    token = _seal(keyring)
    actions = {
        FULL_OPEN: _open(token, keyring),
        UNKNOWN_KEY: _refuse(_seal(Keyring.generate()), keyring, Reason.UNKNOWN_KEY),
        JUNK: _refuse(f"{token[:-1]}!", keyring, Reason.MALFORMED),
    }
    return time_actions(actions, effort=effort)


def measure_other_cookies(effort: Effort, *, counts: tuple[int, ...] = OTHER_COOKIES) -> dict[int, list[float]]:
    """Measure what reading the session adds to a request, by the number of other cookies, in nanoseconds per round."""
    stack = make_ours()
    cookie = store_content(stack, TYPICAL)
    actions: dict[str, Action] = {}
    for count in counts:
        # The other cookies look like those of Google Analytics. Ours comes last, so that all others are scanned.
        header = "; ".join([*(f"_ga_{number:04d}=GS1.1.17{number:08d}.1.0" for number in range(count)), cookie])
        actions[str(count)] = stack.prepare(READING, header).run
        actions[name_bare(str(count))] = stack.prepare_bare(READING, header).run
    times = time_actions(actions, effort=effort)
    return {
        count: [read - bare for read, bare in zip(times[str(count)], times[name_bare(str(count))], strict=True)]
        for count in counts
    }


def measure_same_named(effort: Effort, *, counts: tuple[int, ...] = SAME_NAMED) -> Timings:
    """Measure a request that reads its session, by the number of cookies of its name. Each of them is opened."""
    stack = make_ours()
    cookies = [store_content(stack, TYPICAL) for _ in range(max(counts))]
    actions = {str(count): stack.prepare(READING, "; ".join(cookies[:count])).run for count in counts}
    return time_actions(actions, effort=effort)


def make_tables(effort: Effort) -> list[Table]:
    """Return a table for each series."""
    rings, refusals = measure_rings(effort), measure_refusals(effort)
    others = {str(count): added for count, added in measure_other_cookies(effort).items()}
    same_named = measure_same_named(effort)
    return [
        _make_payload_table(effort),
        _compare("growth-ring", "Opening a typical token, by keyring and place of the key", rings, RING_OF_ONE),
        _compare("growth-other-cookies", "What reading adds to a request, by other cookies", others, "0"),
        _compare(
            "growth-same-named", "A request that reads its session, by cookies of the session's name", same_named, "1"
        ),
        _compare("growth-refusals", "Refusing a token", refusals, FULL_OPEN),
    ]


def _make_payload_table(effort: Effort) -> Table:
    actions: dict[str, Action] = {}
    contents = {f"{octets:,} octets": _fill(octets) for octets in PAYLOAD_OCTETS}
    contents["the maximum"] = _fill(_find_maximum())
    for name, content in contents.items():
        actions[f"seal {name}"], actions[f"open {name}"] = make_actions(make_codec(), content)
    times = time_actions(actions, effort=effort)
    rows = {name: tuple(_to_micro(times[f"{what} {name}"]) for what in ("seal", "open")) for name in contents}
    return Table("growth-payload", "Seal and open, by the length of one value", "µs", ("seal", "open"), rows)


def _compare(name: str, title: str, times: Mapping[str, list[float]], least: str) -> Table:
    rows = {each: (_to_micro(taken), estimate_ratio(taken, times[least])) for each, taken in times.items()}
    return Table(name, title, "µs", ("time", f"over {least}"), rows)


def _to_micro(nanoseconds: list[float]) -> Estimate:
    return estimate_median(nanoseconds).scaled(1e-3)


def _fill(octets: int) -> Content:
    return {"text": "x" * octets}


def _find_maximum() -> int:
    # The longest text that the format can hold. CookieSessions writes shorter tokens by default.
    low, high, seal = 0, 4096, make_codec().seal
    while high - low > 1:
        middle = (low + high) // 2
        try:
            seal(_fill(middle))
        except SessionTooLargeError:
            high = middle
        else:
            low = middle
    return low


def _seal(keyring: Keyring) -> str:
    return CookieSessions(keyring).mint(TYPICAL).token


def _open(token: str, keyring: Keyring) -> Action:
    def open_() -> Any:
        return open_token(token, keyring=keyring, purpose=COOKIE_NAME, now=int(time.time()))

    if open_().data != TYPICAL:
        raise AssertionError("opening the token does not return the content that was sealed")
    return open_


def _refuse(token: str, keyring: Keyring, reason: Reason) -> Action:
    def refuse() -> object:
        try:
            return open_token(token, keyring=keyring, purpose=COOKIE_NAME, now=int(time.time()))
        except TokenError as exc:
            return exc.reason

    if refuse() != reason:
        raise AssertionError(f"the token is not refused as {reason}")
    return refuse
