"""Counters: they count what one CookieSessions object does, without a lock in any request.

The counts belong to one process. A forked process begins at zero.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from threading import Lock
from types import MappingProxyType
from weakref import WeakSet

from .errors import Reason
from .events import DISCARDED, LATE_WRITE, SEALING_KINDS, TOO_LARGE
from .stats import KeyStats, SessionStats, TokenSizes, UnknownKeyStats
from .wire.layout import MAX_TOKEN_CHARACTERS, WIRE_VERSION
from .wire.opening import Refusal

# A visitor can choose the key id of a refused token. So the number of unknown key ids that are kept is limited.
MAX_UNKNOWN_KEYS = 64
# The buckets of token lengths, in characters. 2,660 is the default limit of a token.
SIZE_BOUNDS = (256, 512, 768, 1024, 1536, 2048, 2660, 3200, MAX_TOKEN_CHARACTERS)

_OTHER_KINDS = (DISCARDED, LATE_WRITE, TOO_LARGE)


class Counter:
    """A number that any thread may increase by calling ``increase()``.

    ``increase`` is one call of a C function. With a GIL, no other thread runs during this call. Without a GIL, the C
    function uses an atomic compare-and-exchange (count_next in CPython's Modules/itertoolsmodule.c).
    """

    __slots__ = ("_reads", "increase")

    def __init__(self) -> None:
        self.increase: Callable[[], int] = count().__next__
        self._reads = 0

    def read(self) -> int:
        """Return the number. Only one thread at a time may call this method."""
        # The only thread-safe way to read a count is to increase it. So the reads are subtracted.
        value = self.increase() - self._reads
        self._reads += 1
        return value


class _KeyCounter:
    """The counters of one key, and the latest times at which the key opened and sealed a token; 0 if it did not."""

    __slots__ = ("last_opened_at", "last_sealed_at", "opened", "sealed")

    def __init__(self) -> None:
        self.opened = Counter()
        self.sealed = {kind: Counter() for kind in SEALING_KINDS}
        # Threads write these times without a lock. Two requests at once may leave the earlier of their two times.
        self.last_opened_at = self.last_sealed_at = 0


class _UnknownKeyCounter:
    """The counter of one key id that the keyring did not have, and the latest time at which a token had it."""

    __slots__ = ("last_refused_at", "refused")

    def __init__(self) -> None:
        self.refused = Counter()
        self.last_refused_at = 0


class Counters:
    """The counters of one CookieSessions object. ``clock`` returns Unix seconds. It is called when counting begins.

    Each number has its own Counter. So a thread never reads a number and writes it back while another thread changes
    it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self.reset()
        _living.add(self)

    def reset(self) -> None:
        """Begin at zero, now."""
        self._started_at = int(self._clock())
        self._keys: dict[bytes, _KeyCounter] = {}
        self._unknown_keys: dict[bytes, _UnknownKeyCounter] = {}
        self._other_unknown_keys = Counter()
        self._refused = {reason: Counter() for reason in Reason}
        self._others = {kind: Counter() for kind in _OTHER_KINDS}
        # Tokens are padded (SPEC 2.2), so there are only a few different lengths. So each length can have a counter.
        self._sizes: dict[int, Counter] = {}
        # Only take_snapshot() holds this lock.
        self._lock = Lock()

    def count_reading(self, key_id: bytes | None, refusals: Iterable[Refusal], *, now: int) -> None:
        """Count the tokens of a request at ``now`` (Unix seconds): the refused ones, and the accepted one, if any.

        ``key_id`` is the key id of the accepted token.
        """
        if key_id is not None:
            key = self._keys.get(key_id) or self._keys.setdefault(key_id, _KeyCounter())
            key.opened.increase()
            if now > key.last_opened_at:
                key.last_opened_at = now
        for refusal in refusals:
            self._refused[refusal.reason].increase()
            if refusal.reason is Reason.UNKNOWN_KEY and refusal.key_id is not None:
                self._count_unknown_key(refusal.key_id, now)

    def _count_unknown_key(self, key_id: bytes, now: int) -> None:
        key = self._unknown_keys.get(key_id)
        if key is None:
            if len(self._unknown_keys) >= MAX_UNKNOWN_KEYS:
                self._other_unknown_keys.increase()
                return
            key = self._unknown_keys.setdefault(key_id, _UnknownKeyCounter())
        key.refused.increase()
        key.last_refused_at = max(now, key.last_refused_at)

    def count_sealed(self, kind: str, key_id: bytes, *, characters: int, now: int) -> None:
        """Count a token that was sealed at ``now``. ``kind`` says why: committed, renewed, resealed or moved."""
        key = self._keys.get(key_id) or self._keys.setdefault(key_id, _KeyCounter())
        key.sealed[kind].increase()
        if now > key.last_sealed_at:
            key.last_sealed_at = now
        size = self._sizes.get(characters) or self._sizes.setdefault(characters, Counter())
        size.increase()

    def count_other(self, kind: str) -> None:
        """Count an event of the kind discarded, late-write or too-large."""
        self._others[kind].increase()

    def take_snapshot(
        self,
        *,
        cookie: str,
        key_ids: Iterable[bytes],
        keyring_problem: str | None,
        max_token_characters: int,
        idle_timeout: int,
        now: int,
    ) -> SessionStats:
        """Return the counts at ``now`` (Unix seconds). ``key_ids`` are the key ids of the keyring.

        Requests continue during this call, so the counts may be from slightly different moments.
        """
        in_keyring = tuple(key_ids)
        with self._lock:
            counted = dict(self._keys)
            for key_id in in_keyring:
                counted.setdefault(key_id, _KeyCounter())
            ordered = sorted(counted, key=lambda each: in_keyring.index(each) if each in in_keyring else len(counted))
            return SessionStats(
                cookie=cookie,
                pid=os.getpid(),
                started_at=self._started_at,
                taken_at=now,
                keys=tuple(_read_key(each, counted[each], is_in_keyring=each in in_keyring) for each in ordered),
                refused=MappingProxyType({reason: counter.read() for reason, counter in self._refused.items()}),
                unknown_keys=tuple(
                    UnknownKeyStats(
                        key_id=key_id.hex(), refused=key.refused.read(), last_refused_at=key.last_refused_at
                    )
                    for key_id, key in list(self._unknown_keys.items())
                ),
                other_unknown_keys=self._other_unknown_keys.read(),
                discarded=self._others[DISCARDED].read(),
                late_writes=self._others[LATE_WRITE].read(),
                too_large=self._others[TOO_LARGE].read(),
                token_sizes=_sum_sizes({size: counter.read() for size, counter in list(self._sizes.items())}),
                max_token_characters=max_token_characters,
                idle_timeout=idle_timeout,
                keyring_problem=keyring_problem,
            )


# All Counters objects of this process. A forked process resets them.
_living = WeakSet[Counters]()


def _read_key(key_id: bytes, key: _KeyCounter, *, is_in_keyring: bool) -> KeyStats:
    return KeyStats(
        key_id=key_id.hex(),
        version=WIRE_VERSION,
        is_in_keyring=is_in_keyring,
        opened=key.opened.read(),
        last_opened_at=key.last_opened_at or None,
        last_sealed_at=key.last_sealed_at or None,
        **{kind: counter.read() for kind, counter in key.sealed.items()},
    )


def _sum_sizes(sizes: Mapping[int, int]) -> TokenSizes:
    counts = [0] * len(SIZE_BOUNDS)
    for size, number in sizes.items():
        counts[bisect_left(SIZE_BOUNDS, size)] += number
    return TokenSizes(
        bounds=SIZE_BOUNDS,
        counts=tuple(counts),
        count=sum(counts),
        sum=sum(size * number for size, number in sizes.items()),
        largest=max(sizes, default=0),
    )


def _reset_all() -> None:
    for counters in list(_living):
        counters.reset()


# Windows does not fork.
if hasattr(os, "register_at_fork"):  # pragma: no branch
    os.register_at_fork(after_in_child=_reset_all)
