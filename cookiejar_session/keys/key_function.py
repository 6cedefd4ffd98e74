"""A function that returns ring text, such as a read of a secret manager, and the thread that calls it again."""

from __future__ import annotations

import os
import queue
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Generator
from datetime import timedelta
from typing import cast

from ..argument_checks import check_types, hide_arguments
from ..errors import ConfigError
from .key_source import NEVER_CHECKED, KeySource, SourceState, keep_equal
from .ring_text import read_ring
from .rotation import Ring

NAME = "keyring function"
SHORTEST_INTERVAL = timedelta(seconds=1)
LONGEST_INTERVAL = timedelta(days=1)
# An unknown key id makes the next call early, but not within this many seconds of the last answer. A visitor can choose
# unknown key ids, and some secret managers cost money for each call.
EARLIEST_CALL = 10
# The longest time to the next call after a bad answer, in seconds.
RETRY_INTERVAL = 60
# After this time without an answer, in seconds, a log line says so, and reload() gives up.
SLOW_ANSWER = 30
# A fork waits at most this long, in seconds, for an answer that is on its way.
FORK_PATIENCE = 1

# The two messages to a thread: one to call the function early, and one to end.
_ASK_EARLY, _STOP = False, True


class KeyFunction(KeySource):
    """A function that returns ring text as COOKIEJAR_SESSION_KEYS holds it. A thread calls it again.

    ``every`` is the time from one answer to the next call. The thread is a daemon. It starts when the keyring is first
    used in a process, and ends when nothing uses the keyring any more. There are never two calls at a time. Raises
    ConfigError if the first call gives no valid ring at ``now``.
    """

    __slots__ = ("_answered_at", "_asked_at", "_callers", "_every", "_has_failed", "_load")

    def __init__(self, load: Callable[[], str], *, every: timedelta, now: int) -> None:
        _check_function(load)
        check_types(every=(every, timedelta))
        if not SHORTEST_INTERVAL <= every <= LONGEST_INTERVAL:
            raise ConfigError("every must be from 1 second to 1 day; write timedelta(minutes=1)")
        self._load = load
        self._every = every.total_seconds()
        self._has_failed = False
        self._asked_at: float | None = None
        self._answered_at = 0.0
        self._callers: dict[None, _Caller] = {}
        super().__init__(NAME, SourceState(self._call(now)), checked=NEVER_CHECKED)
        _functions.add(self)

    def check(self, now: int) -> None:
        self.checked = now
        self._start_thread()
        asked_at = self._asked_at
        if asked_at is not None and time.monotonic() - asked_at >= SLOW_ANSWER:
            self.complain(f"it has not answered for {SLOW_ANSWER} seconds; give its client a shorter timeout")

    def check_for_unknown_key(self, now: int) -> None:
        self.check(now)
        self._find_caller().wishes.put(_ASK_EARLY)

    def reload(self, now: int) -> bool:
        calling = self._find_caller().calling
        if not calling.acquire(timeout=SLOW_ANSWER):
            raise ConfigError(f"{NAME}: it has not answered an earlier call for {SLOW_ANSWER} seconds; try again later")
        try:
            # Only a thread that holds this lock replaces the state.
            before = self.state
            after = SourceState(keep_equal(before.ring, self._call(now)))
            self._has_failed = False
            self.replace(before, after, now)
        finally:
            calling.release()
        return after.ring is not before.ring

    def find_delay(self, *, is_early: bool) -> float:
        """Return the seconds until the next call is due."""
        interval = min(self._every, RETRY_INTERVAL) if self._has_failed else self._every
        if is_early:
            interval = min(interval, EARLIEST_CALL)
        return self._answered_at + interval - time.monotonic()

    def refresh(self, now: int) -> None:
        """Call the function, and use its ring if it is valid. Otherwise log why not. Never raises."""
        before = self.state
        try:
            ring = self._call(now)
            _refuse_other_keys(before.ring, ring, now)
        except ConfigError as exc:
            problem = str(exc).removeprefix(f"{NAME}: ")
        except BaseException as exc:
            # BaseException includes SystemExit, which would end the thread without a log line.
            problem = _describe_failure(exc)
        else:
            self._has_failed = False
            self.replace(before, SourceState(keep_equal(before.ring, ring)), now)
            return
        self._has_failed = True
        self.complain(problem)

    def stop_thread(self) -> None:
        """End the thread before a fork. The next use of the keyring starts a new one."""
        caller = self._find_caller()
        self.checked = NEVER_CHECKED
        # A call of the function may itself fork. The thread cannot wait for its own end.
        if caller.running.locked() and caller.thread is not threading.current_thread():
            caller.wishes.put(_STOP)
            caller.thread.join(FORK_PATIENCE)

    def forget_thread(self) -> None:
        """Forget the thread of the parent process, which a fork does not copy, and a lock that it may have held."""
        self._callers.clear()
        self._asked_at = None
        self.checked: int = NEVER_CHECKED

    def _call(self, now: int) -> Ring:
        self._asked_at = time.monotonic()
        try:
            return _ask(self._load, now)
        finally:
            self._asked_at = None
            self._answered_at = time.monotonic()

    def _find_caller(self) -> _Caller:
        # setdefault is atomic: all threads get the same object.
        return self._callers.setdefault(None, _Caller())

    def _start_thread(self) -> None:
        caller = self._find_caller()
        if caller.running.locked():
            return
        stop = caller.wishes.put
        reference = weakref.ref(self, lambda _: stop(_STOP))
        thread = threading.Thread(
            target=_call_while_used, args=(reference, caller), name="cookiejar-session keyring", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:
            # The system has too many threads, or the interpreter is ending.
            self.complain("no thread could be started to call it")


class _Caller:
    """The thread of one process, and what it shares with the threads that serve requests.

    It is made at the first use in a process, not at import, because gevent may replace the classes for threads, locks
    and queues after the import. ``wishes`` is a SimpleQueue. Its put() never waits, so it is safe in a request, in a
    signal handler and during garbage collection.
    """

    def __init__(self) -> None:
        # The thread holds ``running`` as long as it runs. A thread that calls the function holds ``calling``. No
        # request waits for these locks.
        self.running = threading.Lock()
        self.calling = threading.Lock()
        self.wishes: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self.thread = threading.current_thread()


def _call_while_used(reference: weakref.ref[KeyFunction], caller: _Caller) -> None:
    """The body of the thread. It refers to the source only during a call, so that an unused keyring is freed."""
    if not caller.running.acquire(blocking=False):
        # Two requests have started a thread at the same moment.
        return
    try:
        caller.thread = threading.current_thread()
        is_early = False
        while (function := reference()) is not None:
            delay = function.find_delay(is_early=is_early)
            if delay <= 0:
                with caller.calling:
                    function.refresh(int(time.time()))
                is_early = False
                continue
            del function
            try:
                if caller.wishes.get(timeout=delay) is _STOP:
                    return
            except queue.Empty:
                continue
            is_early = True
    finally:
        caller.running.release()


@hide_arguments
def _ask(load: Callable[[], object], now: int) -> Ring:
    try:
        answer = load()
    except Exception as exc:
        raise ConfigError(f"{NAME}: {_describe_failure(exc)}") from None
    if isinstance(answer, (Coroutine, Generator)):
        # Without close(), Python warns that a coroutine was never awaited.
        answer.close()
        raise ConfigError(
            "load must be a plain function, got an async function or a generator, whose body would never run; write "
            "Keyring.from_callable(lambda: asyncio.run(read_keys()))"
        )
    check_types(**{f"the answer of the {NAME}": (answer, str)})
    return read_ring(cast("str", answer), source=NAME, now=now)


def _check_function(load: object) -> None:
    if not callable(load):
        raise ConfigError(
            f"load must be a function that returns the ring text, got {type(load).__name__}; write "
            "Keyring.from_callable(read_keys)"
        )


def _describe_failure(exc: BaseException) -> str:
    # The message of the error may contain the secret.
    kind = type(exc)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"it raised {name}; call it by itself to see the message, which may hold a secret"


def _refuse_other_keys(before: Ring, after: Ring, now: int) -> None:
    found = [(entry, before.find(entry.key.key_id, now)) for entry in after.entries if now < entry.until]
    if not any(known is not None and known.key == entry.key for entry, known in found):
        raise ConfigError(
            "none of its keys is in use here, so it would log everybody out; keep a key that is in use, or restart the "
            "servers"
        )


_functions = weakref.WeakSet[KeyFunction]()


def _stop_threads() -> None:
    for function in tuple(_functions):
        function.stop_thread()


def _forget_threads() -> None:
    for function in tuple(_functions):
        function.forget_thread()


# From Python 3.12 on, a fork of a process with several threads warns, since the child may inherit a lock that is held.
# So end the threads before a fork. Windows has no os.register_at_fork. There, dict() is called instead, and its result
# is ignored.
getattr(os, "register_at_fork", dict)(before=_stop_threads, after_in_child=_forget_threads)
