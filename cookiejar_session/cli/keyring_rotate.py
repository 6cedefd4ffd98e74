"""The command ``keyring rotate``: does the next stage of a rotation."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from shlex import quote

from ..errors import ConfigError
from ..keys.durations import render_duration
from ..keys.key import Key
from ..keys.key_file import check_path, parse_key_file, read_key_file
from ..keys.ring_text import list_comments, render_entry
from ..keys.rotation import Ring, render_time
from ..keys.stages import (
    SHORTEST_ACTIVATION,
    NextStage,
    Stage,
    StageName,
    Timing,
    create_ring,
    find_next_stage,
    take_stage,
)
from .argument_values import UsageError, duration
from .key_file import replace_key_file
from .key_use import Answer, KeyUse, describe_basis, judge_ring
from .keyring_show import warn_of_undated
from .keys_source import KEYS_HELP, add_keys_option, read_keys
from .output import print_json, print_note, print_warning
from .stats_option import add_stats_option, read_stats

DESCRIPTION = f"""\
Take the next stage of a rotation. Run the command once for each stage, and put
the ring on every server after each. A run after the drop begins the next
rotation. The stages are:

add      A new key opens at once, and seals after --activate-in. Every server
         must have the ring by then.
promote  The new key seals by now. The replaced keys get an end: they open for
         another --retire-after.
drop     The keys that have ended are removed.

Without --in-place, the next ring is printed on standard output, for
COOKIEJAR_SESSION_KEYS. It is secret. With --in-place, FILE is replaced in one
step: a server that reads it meanwhile finds the old ring or the new one. Its
mode and owner stay. Comments move to its beginning.

A stage that could log people out is refused with status 1, and nothing is
changed. The message says when the stage is safe.

A session moves to the new key when a request reads the session and its cookie
was sealed at least 5 minutes before, or when a request changes the session.
"drop" with --force logs out every visitor whose session has not moved yet.

With --stats, drop also removes a retired key before its end, if the counts
show that no session needs it. "keyring show --help" says what counts are.

After a key was stolen, do not rotate: the stolen key would still open. Replace
the whole ring by a ring of one new key, on every server at once. Everybody is
logged out, and that is the aim:
  keyring rotate --in-place NEW --stage create, then rename NEW to FILE

{KEYS_HELP}"""

_ACTIVATE_IN, _RETIRE_AFTER = "1h", "90d"
# The options that only one stage uses, each with its stage.
_OPTIONS = {"activate_in": StageName.ADD, "retire_after": StageName.PROMOTE}
_DONE = {
    StageName.CREATE: "made a new ring with key {keys}",
    StageName.ADD: "added key {keys}; it seals from {time} on",
    StageName.PROMOTE: "key {keys} is the primary key",
    StageName.DROP: "dropped key {keys}",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--in-place", metavar="FILE", type=Path, help="read the ring from FILE and replace it there")
    add_keys_option(source)
    add_stats_option(parser)
    parser.add_argument(
        "--stage",
        choices=[str(name) for name in StageName],
        help="the stage to take, in place of the next one; create makes the first ring in a new FILE of --in-place",
    )
    parser.add_argument(
        "--activate-in",
        metavar="DURATION",
        type=duration,
        help=(
            "add: how long until a new key seals; longer than it takes to put the ring on every server, and at least "
            f"{render_duration(SHORTEST_ACTIVATION)} (default: {_ACTIVATE_IN})"
        ),
    )
    parser.add_argument(
        "--retire-after",
        metavar="DURATION",
        type=duration,
        help=f"promote: how long a replaced key still opens; at least --idle-timeout (default: {_RETIRE_AFTER})",
    )
    parser.add_argument(
        "--idle-timeout",
        metavar="DURATION",
        type=duration,
        default="14d",
        help="the longest idle timeout of your applications (default: 14d, that of the package)",
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help=(
            "take the stage although it may log people out; promote is then safe if every server has had the ring for "
            "10 seconds; drop removes every retired key; an --activate-in or --retire-after that is too short is "
            "taken, with a warning"
        ),
    )


def run(options: argparse.Namespace) -> int:
    """Do one stage of a rotation, and print what was done and what comes next."""
    now = int(time.time())
    timing = Timing(
        activate_in=duration(_ACTIVATE_IN) if options.activate_in is None else options.activate_in,
        retire_after=duration(_RETIRE_AFTER) if options.retire_after is None else options.retire_after,
        idle_timeout=options.idle_timeout,
    )
    name = None if options.stage is None else StageName(options.stage)
    if name is StageName.CREATE and options.in_place is None:
        raise UsageError("--stage create makes a file; name it with --in-place FILE")
    file: Path | None = options.in_place
    if file is None:
        ring = read_keys(options.keys_file, now=now).ring(now)
        stage = _take(ring, name, options, timing, now)
        text = " ".join(map(render_entry, stage.ring.entries))
        # If standard output cannot be written, flush() raises an error here. Then the report is not printed,
        # and the status is 1.
        if not options.json:
            print(text)
            sys.stdout.flush()
        _report(stage, options, now, ring_text=text)
        return 0
    if name is StageName.CREATE:
        before, comments, stage = None, list[str](), create_ring(Key.generate(), now=now)
        if _exists(file):
            raise ConfigError(f"key file {file}: there is one already, and create never replaces a ring; use add")
    else:
        if not _exists(file):
            raise ConfigError(f"key file {file}: no such file; to make a new ring there, add --stage create")
        path = check_path(file)
        # The ring comes from the octets that replace_key_file() compares, so no change in between is overwritten.
        before = read_key_file(path)
        ring = parse_key_file(before, path=path, now=now)
        comments = list_comments(before)
        stage = _take(ring, name, options, timing, now)
    lines = [*comments, *map(render_entry, stage.ring.entries)]
    replace_key_file(file, "\n".join(lines) + "\n", before=before)
    _report(stage, options, now)
    return 0


def _exists(file: Path) -> bool:
    # Path.exists() is not used: whether it raises an error depends on the version of Python.
    try:
        file.stat()
    except FileNotFoundError:
        return False
    except OSError as exc:
        raise ConfigError(f"key file {file}: {exc.strerror or exc}; name a file that this user can read") from None
    return True


def _take(ring: Ring, name: StageName | None, options: argparse.Namespace, timing: Timing, now: int) -> Stage:
    warn_of_undated(ring, now)
    uses, basis = _read_uses(ring, name, options, timing, now)
    unused = {use.key_id: use for use in uses if use.answer is Answer.CAN_GO}
    try:
        stage = take_stage(
            ring, name, now=now, timing=timing, key=Key.generate(), is_forced=options.force, unused=unused
        )
    except ConfigError as exc:
        is_early_drop = name is None and find_next_stage(ring, now).name is StageName.DROP
        hint = '; "--stage add" begins another rotation now' if is_early_drop else ""
        why = "".join(f"; {use.text}" for use in uses if use.answer in (Answer.NOT_YET, Answer.NOT_KNOWN))
        raise ConfigError(f"{exc}{why}{hint}") from None
    used = [unused[key_id].text for key_id in stage.key_ids if key_id in unused and stage.name is StageName.DROP]
    if used:
        print_note("\n".join([*used, basis]))
    return stage


def _read_uses(
    ring: Ring, name: StageName | None, options: argparse.Namespace, timing: Timing, now: int
) -> tuple[list[KeyUse], str]:
    """Return the use of each key according to --stats, and a description of the counts.

    The counts are read only for the stage ``drop``. For another stage, the result is empty.
    """
    is_drop = (name or find_next_stage(ring, now).name) is StageName.DROP
    if not options.stats or not is_drop:
        return [], ""
    counts = read_stats(options.stats, idle_timeout=timing.idle_timeout, now=now)
    return judge_ring(ring, counts, idle_timeout=timing.idle_timeout, now=now), describe_basis(counts)


def _report(stage: Stage, options: argparse.Namespace, now: int, *, ring_text: str | None = None) -> None:
    for option, name in _OPTIONS.items():
        if getattr(options, option) is not None and stage.name is not name:
            print_warning(
                f"--{option.replace('_', '-')} was ignored, since the stage {stage.name} was taken; it is for "
                f"{name}, so give it with --stage {name}"
            )
    for text in stage.warnings:
        print_warning(text)
    following = find_next_stage(stage.ring, now)
    if options.json:
        place = {"ring": ring_text} if options.in_place is None else {"file": str(options.in_place)}
        print_json(
            {
                "stage": stage.name,
                "key_ids": stage.key_ids,
                "retired_key_ids": stage.retired_key_ids,
                **place,
                "next": {"stage": following.name, "not_before": render_time(following.not_before)},
            }
        )
        return
    lines = [_describe_done(stage), _describe_next(following, options, now)]
    if options.in_place is None:
        print_note("\n".join(lines))
    else:
        print("\n".join(lines))


def _describe_done(stage: Stage) -> str:
    ring, keys = stage.ring, ", ".join(stage.key_ids)
    start = next((each.seals_from for each in ring.entries if each.key.key_id.hex() == stage.key_ids[0]), 0)
    done = _DONE[stage.name].format(keys=keys, time=render_time(start))
    if stage.retired_key_ids:
        ends = [each.until for each in ring.entries if each.key.key_id.hex() in stage.retired_key_ids]
        done += f"; key {', '.join(stage.retired_key_ids)} opens until {render_time(max(ends))}"
    return done


def _describe_next(following: NextStage, options: argparse.Namespace, now: int) -> str:
    # The options are mutually exclusive.
    places = {"--in-place": options.in_place, "--keys-file": options.keys_file}
    place = "".join(f" {option} {quote(str(file))}" for option, file in places.items() if file is not None)
    command = f"cookiejar-session keyring rotate{place}"
    if following.name is StageName.ADD:
        return f"next: nothing to do; the next rotation begins with: {command}"
    if following.not_before <= now:
        return f"next: {following.name}, now: {command}"
    deployed = (
        "put this ring on every server before that time"
        if following.name is StageName.PROMOTE
        else ("put this ring on every server")
    )
    return f"next: {following.name}, from {render_time(following.not_before)} on: {command} ({deployed})"
