"""When a key of the ring was last used, and whether it can be removed.

A key can be removed when no valid token that it sealed is left. A token is valid for at most the idle timeout after it
was sealed. So a key can be removed if it sealed and opened no token for longer than the idle timeout, and if every
process was counted during all that time. An opening counts too: it shows that the key sealed a token before, perhaps in
a process whose counts are lost. The functions get the time and the counts as arguments, and read no files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import ceil
from typing import NamedTuple

from ..demo.moments import describe_distance, describe_duration
from ..keys.durations import render_duration
from ..keys.rotation import Ring, RingEntry, render_time
from ..keys.stages import KeyState, find_state, list_replacements
from ..wire.clock_skew import CLOCK_SKEW

# The maximum age of counts, in seconds. Older counts do not show whether a key was used recently.
OLDEST_COUNTS = 86400


class Counts(NamedTuple):
    """What one source says about key use: the snapshot or the metrics of a process, or a response of Prometheus.

    ``name`` is for messages. Times are in Unix seconds. ``taken_at`` is the time of the counts, if the source gives it.
    Otherwise it is the time at which this command fetched the counts, or at which their file was last changed.
    ``started_at`` is the time at which counting began. It is None if it is not known; then ``gap`` may hold the reason.
    ``opened`` and ``sealed`` hold the time of the last use of each key id. If a process refused a token because it did
    not know the key, this counts as an opening with that key. ``known`` holds the key ids that the source counts, even
    if it has not counted a use yet. ``idle_timeout`` is the longest idle timeout that the source reports, in seconds, 0
    if it reports none. ``is_cut`` says that a process refused tokens with more unknown key ids than its snapshot lists.
    ``asked_for`` is how far back a query of Prometheus asked, in seconds, 0 for another source. The time depends on
    ``--idle-timeout``, so it is too short if a process reports a longer idle timeout.
    ``refused`` holds for each unknown key its id, the number of refused tokens, and the time of the last one.
    ``keyring`` holds the key ids that the process has now, and ``problem`` says why it ignores its key file or key
    function, if it does. Only snapshots have these two.
    """

    name: str
    taken_at: int
    started_at: int | None
    opened: Mapping[str, int]
    sealed: Mapping[str, int]
    known: frozenset[str]
    idle_timeout: int = 0
    gap: str = ""
    asked_for: int = 0
    is_cut: bool = False
    refused: tuple[tuple[str, int, int], ...] = ()
    keyring: frozenset[str] | None = None
    problem: str = ""


class Answer(StrEnum):
    """Whether a key can be removed. ``in-use``: the key seals now, or will seal later."""

    CAN_GO = "can-go"
    NOT_YET = "not-yet"
    NOT_KNOWN = "not-known"
    IN_USE = "in-use"


class KeyUse(NamedTuple):
    """When one key was last used, and whether it can be removed.

    The times are in Unix seconds, 0 if no use was counted. ``text`` gives the reason for the answer.
    """

    key_id: str
    last_opened: int
    last_sealed: int
    answer: Answer
    text: str


def judge_ring(ring: Ring, counts: Sequence[Counts], *, idle_timeout: int, now: int) -> list[KeyUse]:
    """Return the use of each key of the ring at ``now`` (Unix seconds).

    ``idle_timeout`` is the longest idle timeout of the applications, in seconds. If the counts report a longer one, the
    longer one is used.
    """
    longest = max(idle_timeout, *(each.idle_timeout for each in counts))
    return [_judge(ring, entry, counts, longest, now) for entry in ring.entries]


def describe_refused(ring: Ring, counts: Sequence[Counts], *, now: int) -> list[str]:
    """Return a line for each key that the ring lacks and whose tokens were refused, the most refused first.

    A visitor can make up key ids, so at most four are named.
    """
    known = {entry.key.key_id.hex() for entry in ring.entries}
    totals: dict[str, tuple[int, int]] = {}
    for key_id, refused, last in (row for each in counts for row in each.refused if row[0] not in known):
        before = totals.get(key_id, (0, 0))
        totals[key_id] = before[0] + refused, max(before[1], last)
    return [
        f"key {key_id} is not in the ring, and its cookies were refused {refused} times, last "
        f"{describe_distance(last, now=now)}: if it was dropped too early, put it back at the end of the ring"
        for key_id, (refused, last) in sorted(totals.items(), key=lambda item: -item[1][0])[:4]
    ]


def describe_laggards(ring: Ring, counts: Sequence[Counts], *, now: int) -> list[str]:
    """Return a line for each process that lacks a key of the ring, or that ignores its key file or key function."""
    needed = [entry.key.key_id.hex() for entry in ring.entries if now < entry.until]
    lines: list[str] = []
    for each in counts:
        missing = [] if each.keyring is None else [key_id for key_id in needed if key_id not in each.keyring]
        if missing:
            keys = f"key{'s' if len(missing) > 1 else ''} {' and '.join(missing)}"
            lines.append(f"{each.name} lacks {keys}: it has another ring, or had one when the counts were taken")
        if each.problem:
            # Escaped, since a file may hold anything.
            lines.append(f"{each.name} goes on with previous keys: {each.problem[:300]!a}")
    return lines


def describe_basis(counts: Sequence[Counts]) -> str:
    """Describe the counts that the answers are based on, and the condition under which the answers are right."""
    started = [each.started_at for each in counts if each.started_at is not None]
    since = f", counted since {render_time(max(started))}" if len(started) == len(counts) else ""
    names = ", ".join(each.name for each in counts[:4]) + (f" and {len(counts) - 4} more" if len(counts) > 4 else "")
    return f"this rests on {names}{since}; it is right only if every process that has these keys is counted there"


def _judge(ring: Ring, entry: RingEntry, counts: Sequence[Counts], idle_timeout: int, now: int) -> KeyUse:
    key_id = entry.key.key_id.hex()
    opened = max(each.opened.get(key_id, 0) for each in counts)
    sealed = max(each.sealed.get(key_id, 0) for each in counts)
    state = find_state(ring, entry, now)
    # Servers that are not counted may have sealed tokens with this key until another key replaced it.
    replacements = list_replacements(ring, entry, now) if state is KeyState.RETIRED else []
    replaced_by = next((each for each in reversed(replacements) if each.seals_from), None)
    answer, reason = _decide(key_id, state, max(opened, sealed), counts, replaced_by, idle_timeout, now)
    return KeyUse(key_id, opened, sealed, answer, f"key {key_id} {_describe_use(opened, sealed, now)}: {reason}")


def _describe_use(opened: int, sealed: int, now: int) -> str:
    if not opened and not sealed:
        return "was not used"
    said = f"last opened a cookie {describe_distance(opened, now=now)}" if opened else "opened no cookie"
    # The later of the two times decides. So the last sealing is named only if it is later than the last opening.
    return f"{said} and sealed one {describe_distance(sealed, now=now)}" if sealed > opened else said


def _decide(
    key_id: str,
    state: KeyState,
    last: int,
    counts: Sequence[Counts],
    replaced_by: RingEntry | None,
    idle_timeout: int,
    now: int,
) -> tuple[Answer, str]:
    if state is KeyState.EXPIRED:
        return Answer.CAN_GO, "it has ended, so it can go"
    if state is not KeyState.RETIRED:
        return Answer.IN_USE, "it is the primary key" if state is KeyState.PRIMARY else "it is to seal"
    span, lived = idle_timeout + CLOCK_SKEW, f"an unused session lives {render_duration(idle_timeout)}"
    remedy = f"; {_ask_for(idle_timeout)}" if any(_is_short(each, span) for each in counts) else ""
    since = [(last, "")]
    if replaced_by is not None:
        key, moment = replaced_by.key.key_id.hex(), replaced_by.seals_from
        since.append((moment, f"key {key} replaced it at {render_time(moment)}, and "))
    if max(moment for moment, _ in since) + span > now:
        # The key can go when all conditions hold, so the latest moment is named. The beginning of a query that is too
        # short is left out: it is later each time.
        for each in counts:
            if each.started_at is not None and not _is_short(each, span):
                since.append((each.started_at, f"{each.name} counts since {render_time(each.started_at)} only, and "))
        latest, reason = max(since, key=lambda moment: moment[0])
        return Answer.NOT_YET, f"not before {render_time(latest + span)}, since {reason}{lived}{remedy}"
    doubt = _find_doubt(key_id, counts, span=span, lived=lived, remedy=remedy, now=now)
    if doubt:
        return Answer.NOT_KNOWN, f"not known whether it can go: {doubt}"
    return Answer.CAN_GO, "it can go" if last else "it can go, unless it is a new key that is to seal next"


def _is_short(counts: Counts, span: int) -> bool:
    return 0 < counts.asked_for < span


def _ask_for(idle_timeout: int) -> str:
    # In whole hours, since the option takes 6 digits at most.
    longer = render_duration(ceil(idle_timeout / 3600) * 3600)
    return f"give --idle-timeout {longer}, so that Prometheus is asked for a time that is long enough"


def _find_doubt(key_id: str, counts: Sequence[Counts], *, span: int, lived: str, remedy: str, now: int) -> str:
    """Return why the key may still be needed although no recent use was counted.

    The result is empty if the counts prove that the key is not needed.
    """
    if not any(key_id in each.known for each in counts):
        return "no process that was counted has this key"
    for each in counts:
        if _is_short(each, span):
            return f"{each.name} was asked for the last {each.asked_for // 3600} hours only, and {lived}{remedy}"
    # The source that began to count last decides when the answer can be known. One without a beginning is named first.
    for each in sorted(counts, key=lambda each: (each.started_at is not None, -(each.started_at or 0))):
        if each.started_at is None:
            return f"{each.name} {each.gap or 'does not say since when it counts'}"
        if each.started_at > each.taken_at - span:
            since, known_at = render_time(each.started_at), render_time(each.started_at + span)
            # The source may be a file. Reading the same file again later does not help.
            when = f"at {known_at} or later" if each.started_at + span > now else "now"
            return f"{each.name} counts since {since} only, and {lived}; take the counts again {when}"
        if each.taken_at > now + CLOCK_SKEW:
            return f"{each.name} is from the future, {render_time(each.taken_at)}; the clocks differ"
        if each.is_cut and key_id not in each.known:
            return f"{each.name} is of a process that lacks this key and refused more unknown keys than it lists"
        if now - each.taken_at > OLDEST_COUNTS:
            return f"{each.name} is {describe_duration(now - each.taken_at)} old; read the counts again"
    return ""
