"""The stages of a rotation: add a pending key, promote it, drop the keys that have ended. Time is a parameter.

After each stage, the ring opens every token that it opened before, except the tokens of a key that is dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import NamedTuple

from ..errors import ConfigError
from .durations import render_duration
from .key import Key
from .ring_text import MAX_ENTRIES
from .rotation import NEVER, Ring, RingEntry, render_time

# A server reads a changed key file within 10 seconds, and clocks may differ by 60 seconds (SPEC 9.2). The rest is time
# to copy the file to all servers.
SHORTEST_ACTIVATION = 120


class StageName(StrEnum):
    """The stages, in their order. ``create`` makes the first ring."""

    CREATE = "create"
    ADD = "add"
    PROMOTE = "promote"
    DROP = "drop"


class KeyState(StrEnum):
    """What a key does at a given time (SPEC 4.4).

    A primary key seals and opens. A pending key only opens, until it may seal. A retired key only opens. An expired key
    does neither.
    """

    PRIMARY = "primary"
    PENDING = "pending"
    RETIRED = "retired"
    EXPIRED = "expired"


class Timing(NamedTuple):
    """The durations of a rotation, in seconds.

    ``activate_in``: from adding a key until it seals; every server must have the ring by then. ``retire_after``: how
    long a replaced key still opens. ``idle_timeout``: the longest idle timeout of the applications. A session that is
    used moves to the primary key, and one that is not used ends after this time.
    """

    activate_in: int
    retire_after: int
    idle_timeout: int


class Stage(NamedTuple):
    """A stage that was taken: the ring after it, and the key ids that it added, promoted, retired or dropped.

    ``warnings`` has a text for each duration of a forced stage that is too short, so that the stage logs people out.
    """

    name: StageName
    ring: Ring
    key_ids: tuple[str, ...]
    retired_key_ids: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class NextStage(NamedTuple):
    """The stage that comes next, and the time (Unix seconds) from which it is safe."""

    name: StageName
    not_before: int


def find_state(ring: Ring, entry: RingEntry, now: int) -> KeyState:
    """Return the state of one of the ring's entries at ``now`` (Unix seconds)."""
    if now >= entry.until:
        return KeyState.EXPIRED
    if entry is ring.primary(now):
        return KeyState.PRIMARY
    return KeyState.PENDING if now < entry.seals_from else KeyState.RETIRED


def find_misplaced(ring: Ring, now: int) -> RingEntry | None:
    """Return a key that was meant to become the primary key but never will: it comes after the primary key."""
    primary = ring.primary(now)
    for entry in ring.entries[primary.position + 1 :]:
        if entry.until == NEVER and entry.seals_from > primary.seals_from:
            return entry
    return None


def find_undated(ring: Ring, now: int) -> RingEntry | None:
    """Return a retired key that may be a new one: no key of the ring has a start, so nothing tells which is newer."""
    if any(entry.seals_from for entry in ring.entries):
        return None
    later = ring.entries[ring.primary(now).position + 1 :]
    return next((entry for entry in later if entry.until == NEVER), None)


def list_replacements(ring: Ring, entry: RingEntry, now: int) -> list[RingEntry]:
    """Return the keys that sealed in the place of a retired key, without a gap until ``now``, the latest start first.

    The retired key sealed nothing after the last one of them began to seal. If that one has no start, it is not known
    when it began to seal.
    """
    replacements, since = list[RingEntry](), now
    # Only keys that come before the retired key can seal in its place. One that has ended since may be among them.
    for each in sorted(ring.entries[: entry.position], key=lambda each: -each.seals_from):
        if each.seals_from <= since <= each.until:
            replacements.append(each)
            since = each.seals_from
    return replacements


def find_next_stage(ring: Ring, now: int) -> NextStage:
    """Return the next stage in the rotation of ``ring``, and the first time at which it logs nobody out."""
    primary = ring.primary(now)
    others = [entry for entry in ring.entries if entry is not primary]
    pending = [entry for entry in others if now < entry.seals_from]
    if any(now >= entry.until for entry in others):
        return NextStage(StageName.DROP, now)
    if pending:
        return NextStage(StageName.PROMOTE, _find_last_to_seal(pending).seals_from)
    if primary.until < NEVER:
        return NextStage(StageName.DROP, primary.until)
    if any(entry.until == NEVER for entry in others):
        return NextStage(StageName.PROMOTE, now)
    if others:
        return NextStage(StageName.DROP, min(entry.until for entry in others))
    return NextStage(StageName.ADD, now)


def create_ring(key: Key, *, now: int) -> Stage:
    """Return the first ring: one key, which seals at once."""
    return Stage(StageName.CREATE, Ring([RingEntry(key, 0)], now=now), (key.key_id.hex(),))


def take_stage(
    ring: Ring,
    name: StageName | None = None,
    *,
    now: int,
    timing: Timing,
    key: Key,
    is_forced: bool = False,
    unused: Collection[str] = (),
) -> Stage:
    """Return the result of the stage ``name`` at ``now`` (Unix seconds), or of the next stage if ``name`` is None.

    ``key`` is the new key, which is used if the stage adds one. ``unused`` are the ids of keys for which no valid token
    is left. If such a key is retired and has an end, it is dropped before that end. Raises ConfigError for a stage that
    could log people out, unless ``is_forced``, and for a stage that does not fit the ring. With ``is_forced``, the
    result has a warning for each duration that is too short: who forces a stage may mean another danger.
    """
    _refuse_misplaced(ring, now)
    name = find_next_stage(ring, now).name if name is None else name
    if name is StageName.ADD:
        return _add(ring, now=now, timing=timing, key=key, is_forced=is_forced)
    if name is StageName.PROMOTE:
        return _promote(ring, now=now, timing=timing, is_forced=is_forced)
    if name is StageName.DROP:
        return _drop(ring, now=now, is_forced=is_forced, unused=unused)
    raise ConfigError("create makes a new ring, and there is one already; use add")


def _add(ring: Ring, *, now: int, timing: Timing, key: Key, is_forced: bool) -> Stage:
    pending = _list_in_state(ring, KeyState.PENDING, now)
    if len(ring.entries) >= MAX_ENTRIES:
        raise ConfigError(f"the ring has {MAX_ENTRIES} keys, which is the most; drop those that have ended first")
    if pending and not is_forced:
        last = _find_last_to_seal(pending)
        raise ConfigError(
            f"key {_join_ids([last])} is pending until {render_time(last.seals_from)}; promote it before "
            "another key is added: wait until then, or use --stage promote --force if every server has the ring"
        )
    added, warnings = RingEntry(key, 0, now + timing.activate_in), list[str]()
    if timing.activate_in < SHORTEST_ACTIVATION:
        wait = render_duration(timing.activate_in)
        if not is_forced:
            raise ConfigError(
                f"a new key that seals in {wait} logs people out: servers that do not have it yet cannot open its "
                f"cookies; allow at least {render_duration(SHORTEST_ACTIVATION)}, and longer than a deployment takes"
            )
        warnings.append(
            f"key {_join_ids([added])} seals in {wait}, and a server that does not have it by then logs people out; "
            "put the ring on every server at once"
        )
    ids = (key.key_id.hex(),)
    return Stage(StageName.ADD, _renumber([added, *ring.entries], now), ids, warnings=tuple(warnings))


def _promote(ring: Ring, *, now: int, timing: Timing, is_forced: bool) -> Stage:
    pending = _list_in_state(ring, KeyState.PENDING, now)
    if pending and not is_forced:
        last = _find_last_to_seal(pending)
        raise ConfigError(
            f"key {_join_ids([last])} seals from {render_time(last.seals_from)} on; a server that does not "
            "have it yet would log people out, so promote it then, or use --force if every server has the ring"
        )
    entries = list(ring.entries)
    if pending:
        first = pending[0]
        entries[first.position] = RingEntry(first.key, first.position, now, first.until)
    promoted = _renumber(entries, now)
    primary = promoted.primary(now)
    unended = [entry for entry in entries[primary.position + 1 :] if entry.until == NEVER]
    if not pending and not unended:
        raise ConfigError("there is no key to promote and none to retire; add a new key first")
    if primary.until < NEVER:
        raise ConfigError(
            f"key {_join_ids([primary])} is the primary key and ends at {render_time(primary.until)}, so none of the "
            "keys after it can be retired; remove its @until, or wait until it can be dropped"
        )
    warnings = list[str]()
    if unended and timing.retire_after < timing.idle_timeout:
        kept, lived = render_duration(timing.retire_after), render_duration(timing.idle_timeout)
        if not is_forced:
            raise ConfigError(
                f"a key that ends after {kept} logs people out: an unused session lives {lived}; give --retire-after "
                "at least that time, or name the longest idle timeout of your applications with --idle-timeout"
            )
        warnings.append(
            f"key {_join_ids(unended)} ends in {kept}, and an unused session lives {lived}, so people are logged out; "
            f"to keep them signed in, give it @until={render_time(now + timing.idle_timeout)} or later before it ends"
        )
    for entry in unended:
        until = now + timing.retire_after
        # The key now comes after the primary key in the ring, so a ``seals_from`` in the future has no effect any more.
        # A ``seals_from`` that is later than the end would be invalid.
        entries[entry.position] = RingEntry(entry.key, entry.position, min(entry.seals_from, now), until)
    retired_ids = tuple(entry.key.key_id.hex() for entry in unended)
    ids = (primary.key.key_id.hex(),)
    return Stage(StageName.PROMOTE, _renumber(entries, now), ids, retired_ids, tuple(warnings))


def _drop(ring: Ring, *, now: int, is_forced: bool, unused: Collection[str]) -> Stage:
    dropped = _list_in_state(ring, KeyState.EXPIRED, now)
    retired = _list_in_state(ring, KeyState.RETIRED, now)
    # A key without an end may be one that is to seal next.
    dropped += [entry for entry in retired if is_forced or (entry.until < NEVER and entry.key.key_id.hex() in unused)]
    if not dropped and not retired:
        raise ConfigError("no key can be dropped: none is retired or expired")
    if not dropped:
        first = min(retired, key=lambda entry: entry.until)
        if first.until == NEVER:
            raise ConfigError(
                f"key {_join_ids([first])} has no end, so sessions may live under it; promote gives it one"
            )
        raise ConfigError(
            f"key {_join_ids([first])} opens sessions until {render_time(first.until)}; dropping it now logs people "
            "out, so drop it then"
        )
    kept = [entry for entry in ring.entries if entry not in dropped]
    return Stage(StageName.DROP, _renumber(kept, now), tuple(entry.key.key_id.hex() for entry in dropped))


def _refuse_misplaced(ring: Ring, now: int) -> None:
    misplaced = find_misplaced(ring, now)
    if misplaced is not None:
        raise ConfigError(
            f"entry {misplaced.position + 1}: key {_join_ids([misplaced])} has @from and follows the primary key, so "
            "it never seals; write it first, or remove its @from"
        )


def _list_in_state(ring: Ring, state: KeyState, now: int) -> list[RingEntry]:
    return [entry for entry in ring.entries if find_state(ring, entry, now) is state]


def _find_last_to_seal(pending: Iterable[RingEntry]) -> RingEntry:
    """Return the key that begins to seal last. Before that, a promotion may log people out."""
    return max(pending, key=lambda entry: entry.seals_from)


def _renumber(entries: Iterable[RingEntry], now: int) -> Ring:
    numbered = (RingEntry(each.key, place, each.seals_from, each.until) for place, each in enumerate(entries))
    return Ring(numbered, now=now)


def _join_ids(entries: Iterable[RingEntry]) -> str:
    return ", ".join(entry.key.key_id.hex() for entry in entries)
