"""What is wrong or risky with the keys: their order, times and age, and the mode of their file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from ..demo.moments import describe_duration
from ..errors import ConfigError
from ..keys.durations import render_duration
from ..keys.keyring import Keyring
from ..keys.rotation import NEVER, Ring, RingEntry, render_time
from ..keys.stages import SHORTEST_ACTIVATION, KeyState, find_misplaced, find_state, list_replacements
from .findings import Finding, error, note, warning
from .keys_source import name_rotation

# The longest time for which NIST SP 800-57 part 1 (table 1) lets a symmetric key protect data.
OLD_KEY_SECONDS = 2 * 365 * 86400


def check_keyring(keyring: Keyring, *, idle_timeout: int, now: int) -> Iterator[Finding]:
    """Yield a finding for each thing that is wrong or risky at ``now`` (Unix seconds).

    ``idle_timeout`` is the idle timeout of the sessions, in seconds.
    """
    if keyring.is_generated:
        yield error(
            "generated-key",
            "Keyring.generate() makes another key in each process, and a restart logs everybody out; read the keys "
            "from COOKIEJAR_SESSION_KEYS or COOKIEJAR_SESSION_KEYS_FILE",
        )
        return
    ring = keyring.ring(now)
    yield from _check_order(ring, keyring.path, idle_timeout, now)
    yield from _check_age(ring, keyring.path, now)
    if keyring.path is not None:
        yield from check_file(keyring.path)


def _check_order(ring: Ring, path: Path | None, idle_timeout: int, now: int) -> Iterator[Finding]:
    primary = ring.primary(now)
    misplaced = find_misplaced(ring, now)
    if misplaced is not None:
        yield error(
            "key-never-seals",
            f"key {misplaced.key.key_id.hex()} has @from and follows the primary key, so it never seals; put it first",
        )
    if primary.until < NEVER:
        yield error(
            "primary-ends",
            f"key {primary.key.key_id.hex()} seals until it ends at {render_time(primary.until)}: its sessions all end "
            f"then; remove its @until, and run: {name_rotation(path)}",
        )
    for entry in ring.entries:
        key_id, state = entry.key.key_id.hex(), find_state(ring, entry, now)
        if state is KeyState.PENDING and entry.seals_from - now < SHORTEST_ACTIVATION:
            yield warning(
                "seals-soon",
                f"key {key_id} seals in {describe_duration(entry.seals_from - now)}; a server that does not have it by "
                "then logs people out",
            )
        if state is KeyState.EXPIRED:
            drop = name_rotation(path, " --stage drop")
            yield note("expired-key", f"key {key_id} has expired; remove it with: {drop}")
        if state is KeyState.RETIRED and entry.until == NEVER and entry is not misplaced:
            yield note(
                "no-end",
                f"key {key_id} opens without an end; if it is to seal next, write it first; otherwise give it an end "
                f"with: {name_rotation(path, ' --stage promote')}",
            )
        if state is KeyState.RETIRED:
            yield from _check_end(ring, entry, idle_timeout, now)


def _check_end(ring: Ring, entry: RingEntry, idle_timeout: int, now: int) -> Iterator[Finding]:
    """Yield a finding if a retired key ends while a session that it sealed may still live."""
    replacements = list_replacements(ring, entry, now)
    # The latest time at which the key may have sealed.
    sealed_until = min((each.seals_from for each in replacements if each.seals_from), default=now)
    if entry.until >= sealed_until + idle_timeout:
        return
    key_id, first = entry.key.key_id.hex(), replacements[-1]
    if first.seals_from:
        yield error(
            "ends-too-early",
            f"key {key_id} ends at {render_time(entry.until)}, and it sealed until {render_time(sealed_until)}: unused "
            f"sessions live {render_duration(idle_timeout)}, so people are logged out; write "
            f"@until={render_time(sealed_until + idle_timeout)} or later",
        )
        return
    first_id = first.key.key_id.hex()
    yield note(
        "ends-soon",
        f"key {key_id} ends at {render_time(entry.until)}, and key {first_id}, which replaced it, has no @from: if key "
        f"{first_id} began to seal less than {render_duration(idle_timeout)} before that end, people are logged out; "
        "write a later @until then",
    )


def _check_age(ring: Ring, path: Path | None, now: int) -> Iterator[Finding]:
    primary = ring.primary(now)
    since = primary.seals_from
    known = "has sealed since"
    if not since and path is not None:
        since, known = int(_read_state(path).st_mtime), "has no @from, and its file is unchanged since"
    if since and now - since >= OLD_KEY_SECONDS:
        yield warning(
            "old-key",
            f"key {primary.key.key_id.hex()} {known} {render_time(since)}; replace it with: {name_rotation(path)}",
        )


def check_file(path: Path) -> Iterator[Finding]:
    """Yield a finding for each thing that is wrong with the mode of a key file or of its folder."""
    mode, folder = _read_state(path).st_mode, path.resolve().parent
    file = quote(str(path))
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        yield error("file-mode", f"every user can read or write {path}; run: chmod 0600 {file}")
    elif mode & stat.S_IWGRP:
        yield error("file-mode", f"a group can write {path}; run: chmod g-w {file}")
    elif mode & stat.S_IRGRP:
        yield note("file-mode", f"a group can read {path}; if it is not the server's own group, run: chmod 0600 {file}")
    folder_mode = _read_state(folder).st_mode
    if folder_mode & stat.S_IWOTH and not folder_mode & stat.S_ISVTX:
        yield error(
            "folder-mode",
            f"every user can replace {path}, since {folder} is open; run: chmod o-w {quote(str(folder))}",
        )


def _read_state(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except OSError as exc:
        raise ConfigError(f"key file {path}: {exc.strerror or exc}; name a file that this user can read") from None
