"""The command ``keyring show``: prints the state of each key of the ring, but no key text."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from typing import Any

from ..keys.durations import render_duration
from ..keys.rotation import NEVER, Ring, RingEntry, render_time
from ..keys.stages import KeyState, find_misplaced, find_next_stage, find_state, find_undated
from .argument_values import duration
from .key_use import Answer, KeyUse, describe_basis, describe_laggards, describe_refused, judge_ring
from .keys_source import KEYS_HELP, KeysSource, add_keys_option, name_rotation, read_keys
from .output import paint, print_json, print_note, print_warning, render_table
from .stats_option import STATS_HELP, add_stats_option, read_stats

DESCRIPTION = f"""\
Show each key of the ring: its key id, its state now and its times. Never shows
a key.

primary  seals new cookies, and opens
pending  opens; it becomes the primary key at its @from time
retired  opens; it seals nothing any more
expired  does neither; it can be removed

{STATS_HELP}

{KEYS_HELP}"""

_COLOURS = {
    KeyState.PRIMARY: "green",
    KeyState.PENDING: "yellow",
    KeyState.RETIRED: "bold",
    KeyState.EXPIRED: "dim",
}

_USE_COLOURS = {
    Answer.CAN_GO: "green",
    Answer.NOT_YET: "yellow",
    Answer.NOT_KNOWN: "yellow",
    Answer.IN_USE: "bold",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_keys_option(parser)
    add_stats_option(parser)
    parser.add_argument(
        "--idle-timeout",
        metavar="DURATION",
        type=duration,
        default="14d",
        help=(
            "the longest idle timeout of your applications, for --stats; if the counts name a longer one, that one is "
            "taken (default: 14d, that of the package)"
        ),
    )


def run(options: argparse.Namespace) -> int:
    """Print the state of each key."""
    now = int(time.time())
    source = read_keys(options.keys_file, now=now)
    ring = source.ring(now)
    keys: list[dict[str, Any]] = [_describe_entry(ring, entry, now) for entry in ring.entries]
    counts = read_stats(options.stats, idle_timeout=options.idle_timeout, now=now)
    uses = judge_ring(ring, counts, idle_timeout=options.idle_timeout, now=now) if counts else []
    basis = describe_basis(counts) if counts else ""
    refused = describe_refused(ring, counts, now=now)
    laggards = describe_laggards(ring, counts, now=now)
    stage = find_next_stage(ring, now)
    if options.json:
        next_stage = {"stage": stage.name, "not_before": render_time(stage.not_before)}
        rests_on = {"stats": basis, "refused": refused, "laggards": laggards} if counts else {}
        if uses:
            keys = [{**key, **_describe_use(use)} for key, use in zip(keys, uses, strict=True)]
        print_json({"source": source.name, "keys": keys, "next": next_stage, **rests_on})
        return 0
    rows = [["key id", "state", "seals from", "opens until"]]
    rows += [[each["key_id"] or "", each["state"] or "", each["from"] or "-", each["until"] or "-"] for each in keys]
    heading, *lines = render_table(rows)
    print(paint(heading, "bold", sys.stdout))
    for line, entry in zip(lines, ring.entries, strict=True):
        print(paint(line, _COLOURS[find_state(ring, entry, now)], sys.stdout))
    moment = "at any time" if stage.not_before <= now else f"from {render_time(stage.not_before)} on"
    print(f"next stage of a rotation: {stage.name}, {moment}")
    for use in uses:
        print(paint(use.text, _USE_COLOURS[use.answer], sys.stdout))
    _print_drop(source, ring, uses, options.idle_timeout)
    for line in [*laggards, *refused]:
        print(paint(line, "yellow", sys.stdout))
    if basis:
        print_note(basis)
    misplaced = find_misplaced(ring, now)
    if misplaced is not None:
        print_warning(f"key {misplaced.key.key_id.hex()} never seals, since it follows the primary key; write it first")
    warn_of_undated(ring, now)
    return 0


def warn_of_undated(ring: Ring, now: int) -> None:
    """Warn of a ring in which nothing tells a new key from a replaced one."""
    undated = find_undated(ring, now)
    if undated is not None:
        print_warning(
            f"key {undated.key.key_id.hex()} opens only, and promote gives it an end, which is right for a replaced "
            "key; if it is a new key that is to become the primary key, write it first"
        )


def _print_drop(source: KeysSource, ring: Ring, uses: Sequence[KeyUse], idle_timeout: int) -> None:
    """Print the command that drops the keys that can go, if there are any. The command keeps a key without an end."""
    can_go = {use.key_id for use in uses if use.answer is Answer.CAN_GO}
    if any(entry.until < NEVER and entry.key.key_id.hex() in can_go for entry in ring.entries):
        # The places of --stats are not repeated: a URL may hold a password.
        command = name_rotation(
            source.path, f" --stage drop --idle-timeout {render_duration(idle_timeout)} --stats ..."
        )
        print(f"drop what can go, at any time: {command} (with the same --stats)")


def _describe_entry(ring: Ring, entry: RingEntry, now: int) -> dict[str, str | None]:
    return {
        "key_id": entry.key.key_id.hex(),
        "state": find_state(ring, entry, now),
        "from": render_time(entry.seals_from) if entry.seals_from else None,
        "until": render_time(entry.until) if entry.until < NEVER else None,
    }


def _describe_use(use: KeyUse) -> dict[str, str | None]:
    return {
        "last_opened": render_time(use.last_opened) if use.last_opened else None,
        "last_sealed": render_time(use.last_sealed) if use.last_sealed else None,
        "answer": use.answer,
        "text": use.text,
    }
