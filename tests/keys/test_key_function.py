"""key_function.py: which answers are refused, when the function is called again, and that no request waits for it."""

from __future__ import annotations

import asyncio
import gc
import logging
import queue
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from shared_rings import FIX, KEYS, LEAKS, LOGGER, UNKNOWN, A, B, C, fail, find_leaks, list_keys, show_failure
from shared_values import NOW, PUBLISHED_KEY

from cookiejar_session import ConfigError, Keyring
from cookiejar_session.keys import key_function
from cookiejar_session.keys.key_function import KeyFunction

SECRET = "hunter2-the-token-of-the-vault"
MINUTE = timedelta(minutes=1)
IGNORED = "keyring function ignored, the previous keys stay in use: "
# In seconds. A test that works never waits so long.
PATIENCE = 30


class Answers:
    """A function that gives these answers, and the last one for ever. An error among them is raised."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.calls = 0

    def __call__(self) -> Any:
        self.calls += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Gate:
    """A function that returns A at once, and later waits until the test opens it."""

    def __init__(self, later: str = f"{B} {A}") -> None:
        self.later = later
        self.is_open = threading.Event()
        self.is_entered = threading.Event()
        self.calls = 0
        self.together = 0
        self.most_together = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls == 1:
            return A
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        self.is_entered.set()
        assert self.is_open.wait(PATIENCE)
        self.together -= 1
        return self.later


class Monotonic:
    """The clock of key_function.py."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.now = NOW

    def monotonic(self) -> float:
        return self.seconds

    def time(self) -> float:
        return float(self.now)


@pytest.fixture
def monotonic(monkeypatch: pytest.MonkeyPatch) -> Monotonic:
    clock = Monotonic()
    monkeypatch.setattr(key_function, "time", clock)
    return clock


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate that is open when the test is over, so that its thread can end."""
    made = Gate()
    yield made
    made.is_open.set()


def make(*answers: object, every: timedelta = MINUTE) -> KeyFunction:
    return KeyFunction(Answers(*answers), every=every, now=NOW)


def list_ring(function: KeyFunction) -> list[Any]:
    return [entry.key for entry in function.state.ring.entries]


# At construction


def test_the_function_is_called_at_construction_and_no_thread_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    # Not the number of threads: those of other tests may be ending.
    started: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", started.append)
    answers = Answers(f"{B}\n{A}\n")
    keyring = Keyring.from_callable(answers, now=NOW)
    assert (answers.calls, started) == (1, [])
    # The thread would start with the next use.
    assert [entry.key for entry in keyring._source.state.ring.entries] == KEYS[1::-1]  # type: ignore[union-attr]


class VaultError(Exception):
    """An error whose message holds the secret."""


def make_coroutine() -> Any:
    async def read() -> str:
        raise AssertionError

    return read()


BAD = {
    "none": (None, "the answer of the keyring function must be a str, got NoneType"),
    "bytes": (A.encode(), "the answer of the keyring function must be a str, got bytes; decode it first"),
    "empty": ("", f"keyring function: the keyring is empty; {FIX}"),
    "blank": (" \n", f"keyring function: the keyring is empty; {FIX}"),
    "cut": (
        A[:-1],
        f"keyring function entry 1: key text must be 53 characters, got 52; copy it whole, or {FIX}",
    ),
    "published": (
        f"{A} {PUBLISHED_KEY}",
        f"keyring function entry 2: this key is published, so everybody can seal with it; {FIX}",
    ),
    "ended": (
        f"{A}@until=2025-01-01T00:00:00Z",
        "keyring function: no key could seal at 2026-01-01T00:00:00Z; add a key without @from and @until",
    ),
    "error": (
        VaultError(SECRET),
        "keyring function: it raised test_key_function.VaultError; call it by itself to see the message, which may "
        "hold a secret",
    ),
    "builtin error": (
        ValueError(SECRET),
        "keyring function: it raised ValueError; call it by itself to see the message, which may hold a secret",
    ),
}
# Import mode importlib gives the module another name.
VaultError.__module__ = "test_key_function"


@pytest.mark.parametrize(("answer", "problem"), BAD.values(), ids=BAD)
def test_a_bad_answer_at_construction_is_a_config_error(answer: object, problem: str) -> None:
    assert fail(lambda: Keyring.from_callable(Answers(answer), now=NOW)) == problem


def test_a_coroutine_as_the_answer_is_refused_and_closed() -> None:
    # Python would warn of a coroutine that was never awaited, and warnings are errors.
    message = fail(lambda: Keyring.from_callable(make_coroutine, now=NOW))
    gc.collect()
    assert message.startswith("load must be a plain function, got an async function")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_ctrl_c_at_construction_is_passed_on(error: type[BaseException]) -> None:
    with pytest.raises(error):
        Keyring.from_callable(Answers(error()), now=NOW)


async def read_later() -> str:
    return A


def generate_keys() -> Iterator[str]:
    yield A


@pytest.mark.parametrize("load", [read_later, partial(read_later), generate_keys])
def test_a_function_whose_body_would_not_run_is_refused_with_the_line_to_write(load: Any) -> None:
    assert fail(lambda: Keyring.from_callable(load)) == (
        "load must be a plain function, got an async function or a generator, whose body would never run; write "
        "Keyring.from_callable(lambda: asyncio.run(read_keys()))"
    )


def test_the_line_to_write_for_an_async_function_works() -> None:
    assert list_keys(Keyring.from_callable(lambda: asyncio.run(read_later()), now=NOW)) == KEYS[:1]


@pytest.mark.parametrize(("load", "kind"), [(A, "str"), (None, "NoneType")])
def test_what_cannot_be_called_is_refused_and_not_shown(load: Any, kind: str) -> None:
    shown = show_failure(Keyring.from_callable, load)
    assert shown.endswith(
        f"ConfigError: load must be a function that returns the ring text, got {kind}; write "
        "Keyring.from_callable(read_keys)\n"
    )
    assert A[6:26] not in shown


@pytest.mark.parametrize("every", [timedelta(seconds=0.9), timedelta(days=1, seconds=1), timedelta(0), -MINUTE])
def test_an_interval_out_of_range_is_refused(every: timedelta) -> None:
    answers = Answers(A)
    message = fail(lambda: Keyring.from_callable(answers, every=every))
    assert (message, answers.calls) == ("every must be from 1 second to 1 day; write timedelta(minutes=1)", 0)


@pytest.mark.parametrize("every", [timedelta(seconds=1), timedelta(days=1)])
def test_the_ends_of_the_range_are_accepted(every: timedelta) -> None:
    Keyring.from_callable(Answers(A), every=every)


def test_an_interval_in_seconds_is_refused_with_the_right_type() -> None:
    seconds: Any = 60
    message = fail(lambda: Keyring.from_callable(Answers(A), every=seconds))
    assert message == "every must be a timedelta, got int; write timedelta(seconds=...)"


@pytest.mark.parametrize("text", [*LEAKS.values(), VaultError(SECRET)], ids=[*LEAKS, "error"])
def test_no_traceback_shows_the_answer_or_the_error(text: Any) -> None:
    shown = show_failure(lambda answers: Keyring.from_callable(answers, now=NOW), Answers(text).__call__)
    assert SECRET not in shown
    assert find_leaks(str(text), shown) == []


def test_an_error_hides_what_it_came_from() -> None:
    with pytest.raises(ConfigError) as caught:
        Keyring.from_callable(Answers(VaultError(SECRET)))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


# A later answer


def test_a_later_answer_replaces_the_ring_and_is_logged_by_its_key_ids(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    function = make(A, f"{B} {A}")
    function.refresh(NOW)
    assert list_ring(function) == KEYS[1::-1]
    assert caplog.messages == [
        f"keyring function read again: <Keyring {KEYS[1].key_id.hex()} primary (seals now), "
        f"{KEYS[0].key_id.hex()} opens only>"
    ]


def test_an_equal_answer_changes_nothing_and_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, LOGGER)
    function = make(A, f"{A}\n")
    before = function.state.ring
    function.refresh(NOW)
    assert function.state.ring is before
    assert caplog.messages == []


LATER = BAD | {
    "exit": (
        SystemExit(SECRET),
        "it raised SystemExit; call it by itself to see the message, which may hold a secret",
    ),
    "disjoint": (
        f"{B} {C}",
        "none of its keys is in use here, so it would log everybody out; keep a key that is in use, or restart the "
        "servers",
    ),
    "disjoint but for a key that has ended": (
        f"{B} {A}@until=2026-01-01T00:00:00Z",
        "none of its keys is in use here, so it would log everybody out; keep a key that is in use, or restart the "
        "servers",
    ),
}


@pytest.mark.parametrize(("answer", "problem"), LATER.values(), ids=LATER)
def test_a_bad_later_answer_keeps_the_ring_and_is_logged_once(
    answer: object, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    function = make(A, answer)
    for _ in range(3):
        function.refresh(NOW)
    assert list_ring(function) == KEYS[:1]
    assert caplog.record_tuples == [(LOGGER, logging.ERROR, IGNORED + problem.removeprefix("keyring function: "))]
    assert caplog.records[0].exc_info is None
    assert SECRET not in caplog.text


def test_a_key_that_is_in_both_rings_is_compared_whole(caplog: pytest.LogCaptureFixture) -> None:
    function = make(f"{A} {B}@until=2026-01-01T00:00:00Z", f"{C} {B}")
    function.refresh(NOW)
    assert list_ring(function) == KEYS[:2], "the only key in both has ended in the ring in use"


def test_each_kind_of_problem_is_logged_and_the_recovery_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    function = make(A, ValueError(), ValueError("other text"), None, ValueError(), A, ValueError())
    for _ in range(6):
        function.refresh(NOW)
    raised = f"{IGNORED}it raised ValueError; call it by itself to see the message, which may hold a secret"
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", raised),
        ("ERROR", f"{IGNORED}the answer of the keyring function must be a str, got NoneType"),
        ("ERROR", raised),
        ("WARNING", f"keyring function is valid again: <Keyring {KEYS[0].key_id.hex()} primary (seals now)>"),
        ("ERROR", raised),
    ]


# reload


def test_reload_calls_the_function_and_says_whether_the_keys_changed() -> None:
    keyring = Keyring.from_callable(Answers(A, A, f"{B} {A}"), now=NOW)
    assert [keyring.reload(now=NOW), keyring.reload(now=NOW)] == [False, True]
    assert list_keys(keyring) == KEYS[1::-1]


@pytest.mark.parametrize(("answer", "problem"), BAD.values(), ids=BAD)
def test_reload_raises_for_a_bad_answer_and_keeps_the_ring(answer: object, problem: str) -> None:
    keyring = Keyring.from_callable(Answers(A, answer), now=NOW)
    assert fail(lambda: keyring.reload(now=NOW)) == problem
    assert list_keys(keyring) == KEYS[:1]


def test_reload_accepts_a_ring_of_other_keys_alone() -> None:
    keyring = Keyring.from_callable(Answers(A, B), now=NOW)
    assert keyring.reload(now=NOW)
    assert list_keys(keyring) == KEYS[1:2]


def test_reload_after_an_error_of_the_function_can_be_repeated() -> None:
    keyring = Keyring.from_callable(Answers(A, KeyboardInterrupt(), f"{B} {A}"), now=NOW)
    with pytest.raises(KeyboardInterrupt):
        keyring.reload(now=NOW)
    assert keyring.reload(now=NOW)


def test_reload_ends_a_row_of_failures(monotonic: Monotonic) -> None:
    function = make(A, ValueError(), A, every=timedelta(hours=1))
    function.refresh(NOW)
    function.reload(NOW)
    assert function.find_delay(is_early=False) == 3600


def test_reload_does_not_wait_for_ever_for_a_call_that_hangs(monkeypatch: pytest.MonkeyPatch, gate: Gate) -> None:
    monkeypatch.setattr(key_function, "SLOW_ANSWER", 0.01)
    keyring = Keyring.from_callable(gate, every=MINUTE, now=NOW)
    thread = threading.Thread(target=keyring.reload)
    thread.start()
    assert gate.is_entered.wait(PATIENCE)
    assert fail(keyring.reload) == (
        "keyring function: it has not answered an earlier call for 0.01 seconds; try again later"
    )
    gate.is_open.set()
    thread.join(PATIENCE)
    assert list_keys(keyring) == KEYS[1::-1]


# When it is called


@pytest.mark.parametrize(
    ("every", "is_early", "has_failed", "seconds"),
    [
        (timedelta(hours=1), False, False, 3600),
        (timedelta(hours=1), True, False, 10),
        (timedelta(hours=1), False, True, 60),
        (timedelta(seconds=5), False, True, 5),
        (timedelta(seconds=5), True, False, 5),
    ],
)
def test_the_next_call_is_due(
    every: timedelta, is_early: bool, has_failed: bool, seconds: int, monotonic: Monotonic
) -> None:
    function = make(A, ValueError() if has_failed else A, every=every)
    monotonic.seconds += 7
    function.refresh(NOW)
    monotonic.seconds += 2
    assert function.find_delay(is_early=is_early) == seconds - 2


class ScriptedQueue:
    """The queue of a thread. Each get takes a step: a wish after some seconds, or None for the whole timeout."""

    def __init__(self, clock: Monotonic, *steps: tuple[bool, float] | None) -> None:
        self._clock = clock
        self._steps = list(steps)
        self.timeouts: list[float] = []

    def get(self, *, timeout: float) -> bool:
        self.timeouts.append(timeout)
        step = self._steps.pop(0)
        if step is None:
            self._clock.seconds += timeout
            raise queue.Empty
        self._clock.seconds += step[1]
        return step[0]


ASK_EARLY, STOP = False, True


@pytest.mark.parametrize(
    ("steps", "timeouts", "calls"),
    [
        # The second None is the end of the second interval.
        ([None, None, (STOP, 0)], [60, 60, 60], 3),
        # A wish in the first 10 seconds after a call waits for them, however many come. A later one does not wait.
        ([(ASK_EARLY, 4), (ASK_EARLY, 1), None, (STOP, 0)], [60, 6, 5, 60], 2),
        ([(ASK_EARLY, 30), (STOP, 0)], [60, 60], 2),
        ([(STOP, 5)], [60], 1),
    ],
)
def test_the_thread_waits_and_calls(steps: list[Any], timeouts: list[float], calls: int, monotonic: Monotonic) -> None:
    function = make(A)
    caller: Any = key_function._Caller()
    caller.wishes = ScriptedQueue(monotonic, *steps)
    key_function._call_while_used(weakref.ref(function), caller)
    assert (caller.wishes.timeouts, function._load.calls) == (timeouts, calls)  # type: ignore[attr-defined]
    assert not caller.running.locked()


def test_the_thread_judges_an_answer_by_the_time_at_which_it_came(monotonic: Monotonic) -> None:
    function = make(A, f"{B} {A}@until=2026-01-01T00:00:30Z")
    caller: Any = key_function._Caller()
    caller.wishes = ScriptedQueue(monotonic, None, (STOP, 0))
    monotonic.now = NOW + 60
    key_function._call_while_used(weakref.ref(function), caller)
    assert list_ring(function) == KEYS[:1], "A has ended, so the rings share no key"


def test_a_second_thread_of_a_process_ends_at_once() -> None:
    function = make(A)
    caller = key_function._Caller()
    caller.running.acquire()
    key_function._call_while_used(weakref.ref(function), caller)
    assert caller.running.locked()


def test_the_thread_of_an_unused_keyring_ends() -> None:
    keyring = Keyring.from_callable(Answers(A), now=NOW)
    keyring.ring(NOW)
    thread = find_thread(keyring)
    assert thread.is_alive()
    del keyring
    gc.collect()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_the_thread_ends_if_its_keyring_is_gone_before_it_begins() -> None:
    caller = key_function._Caller()
    function = make(A)
    reference = weakref.ref(function)
    del function
    gc.collect()
    key_function._call_while_used(reference, caller)
    assert not caller.running.locked()


# While requests are served


def find_thread(keyring: Keyring) -> threading.Thread:
    source: Any = keyring._source
    return source._find_caller().thread  # type: ignore[no-any-return]


class NotedLock:
    """A lock that tells when a thread holds it: a thread that has started may not hold it yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.is_held = threading.Event()
        self.locked, self.release = self._lock.locked, self._lock.release

    def acquire(self, *, blocking: bool) -> bool:
        is_acquired = self._lock.acquire(blocking=blocking)
        self.is_held.set()
        return is_acquired


def test_the_first_use_starts_one_daemon_thread(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[threading.Thread] = []
    real = threading.Thread.start
    monkeypatch.setattr(threading.Thread, "start", lambda thread: (started.append(thread), real(thread)))
    keyring = Keyring.from_callable(gate, now=NOW)
    lock = NotedLock()
    source: Any = keyring._source
    source._find_caller().running = lock
    keyring.ring(NOW)
    assert lock.is_held.wait(PATIENCE)
    for moment in range(NOW, NOW + 100):
        keyring.ring(moment)
    thread = find_thread(keyring)
    assert started == [thread]
    assert (thread.daemon, thread.name) == (True, "cookiejar-session keyring")


@pytest.fixture
def hanging(gate: Gate, monotonic: Monotonic) -> Iterator[Keyring]:
    """A keyring whose second call hangs in its thread."""
    keyring = Keyring.from_callable(gate, now=NOW)
    monotonic.seconds += 60
    keyring.ring(NOW)
    assert gate.is_entered.wait(PATIENCE)
    yield keyring
    gate.is_open.set()


def test_no_request_waits_for_a_call_that_hangs_and_no_second_call_begins(hanging: Keyring, gate: Gate) -> None:
    served: list[bool] = []

    def serve() -> None:
        for moment in range(NOW, NOW + 200):
            assert list_keys(hanging, moment) == KEYS[:1]
            assert hanging.find(UNKNOWN, moment) is None
        served.append(True)

    threads = [threading.Thread(target=serve) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert (len(served), gate.calls, gate.most_together) == (8, 2, 1)
    gate.is_open.set()
    wait_for_ring(hanging, KEYS[1::-1])


def wait_for_ring(keyring: Keyring, keys: list[Any]) -> None:
    """Wait until the thread that calls the function is between two calls, and check the ring."""
    source: Any = keyring._source
    with source._find_caller().calling:
        assert list_ring(source) == keys


def test_an_event_loop_serves_while_a_call_hangs(hanging: Keyring) -> None:
    async def serve() -> int:
        async def ask(moment: int) -> bool:
            await asyncio.sleep(0)
            return list_keys(hanging, moment) == KEYS[:1]

        return sum(await asyncio.gather(*(ask(NOW + each) for each in range(300))))

    assert asyncio.run(serve()) == 300


def test_a_call_that_hangs_is_logged_once_after_30_seconds(
    hanging: Keyring, monotonic: Monotonic, caplog: pytest.LogCaptureFixture
) -> None:
    monotonic.seconds += 29.9
    hanging.ring(NOW + 20)
    assert caplog.messages == []
    monotonic.seconds += 0.1
    for moment in (NOW + 40, NOW + 60):
        hanging.ring(moment)
    assert caplog.messages == [f"{IGNORED}it has not answered for 30 seconds; give its client a shorter timeout"]


def test_an_unknown_key_id_asks_for_an_early_call(gate: Gate, monotonic: Monotonic) -> None:
    keyring = Keyring.from_callable(gate, now=NOW)
    gate.is_open.set()
    keyring.ring(NOW)
    monotonic.seconds += 11
    assert not gate.is_entered.is_set()
    keyring.find(KEYS[1].key_id, NOW + 1)
    assert gate.is_entered.wait(PATIENCE)
    wait_for_ring(keyring, KEYS[1::-1])


def test_a_system_without_threads_is_logged_and_serves_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    keyring = Keyring.from_callable(Answers(A), now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        assert [list_keys(keyring, NOW + seconds) for seconds in (0, 10)] == [KEYS[:1]] * 2
    assert caplog.messages == [f"{IGNORED}no thread could be started to call it"]
    keyring.ring(NOW + 20)
    assert find_thread(keyring).is_alive()


# Forks


def test_a_fork_first_ends_the_thread_and_the_next_use_starts_one() -> None:
    keyring = Keyring.from_callable(Answers(A), now=NOW)
    keyring.ring(NOW)
    first = find_thread(keyring)
    key_function._stop_threads()
    assert not first.is_alive()
    keyring.ring(NOW)
    second = find_thread(keyring)
    assert second is not first
    assert second.is_alive()


def test_a_fork_of_an_unused_keyring_waits_for_nothing() -> None:
    keyring = Keyring.from_callable(Answers(A), now=NOW)
    key_function._stop_threads()
    source: Any = keyring._source
    assert source._find_caller().wishes.empty()


def test_a_fork_waits_a_second_at_most_for_a_call_that_hangs(
    hanging: Keyring, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Threads of other tests may still be running.
    waited: list[tuple[threading.Thread, float | None]] = []
    monkeypatch.setattr(threading.Thread, "join", lambda thread, timeout=None: waited.append((thread, timeout)))
    key_function._stop_threads()
    assert (find_thread(hanging), 1) in waited


def test_a_function_that_forks_does_not_wait_for_itself(monotonic: Monotonic) -> None:
    # Without an answer, the test would fail with "cannot join current thread".
    forked = threading.Event()
    calls: list[int] = []

    def load() -> str:
        calls.append(1)
        if len(calls) == 2:
            key_function._stop_threads()
            forked.set()
        return A

    keyring = Keyring.from_callable(load, now=NOW)
    monotonic.seconds += 60
    keyring.ring(NOW)
    assert forked.wait(PATIENCE)
    wait_for_ring(keyring, KEYS[:1])


def test_a_child_forgets_the_thread_and_the_call_of_its_parent(hanging: Keyring) -> None:
    source: Any = hanging._source
    held = source._find_caller().calling
    key_function._forget_threads()
    assert held.locked()
    assert not source._find_caller().calling.locked()
    # The child must not count the seconds of its parent's call.
    assert source._asked_at is None
    hanging.ring(NOW)
    assert find_thread(hanging).is_alive()


FORK = """
import os, sys, threading, time
from cookiejar_session import Keyring

A, BOTH = sys.argv[1:]
parent = os.getpid()
keyring = Keyring.from_callable(lambda: A if os.getpid() == parent else BOTH)
now = int(time.time())
keyring.ring(now)
assert threading.active_count() == 2
child = os.fork()
assert threading.active_count() == 1
keyring.ring(now)
assert threading.active_count() == 2
if child == 0:
    assert keyring.reload()
    os._exit(7)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert not keyring.reload()
print("done")
"""


def test_a_fork_warns_of_no_threads_and_both_processes_go_on() -> None:
    command = [sys.executable, "-W", "error", "-c", FORK, A, f"{B} {A}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("done\n", "")


EXIT = """
import sys, threading, time
from datetime import timedelta
from cookiejar_session import Keyring
calls = []
entered = threading.Event()
def load():
    calls.append(1)
    if len(calls) > 1:
        entered.set()
        time.sleep(1000)
    return sys.argv[1]
keyring = Keyring.from_callable(load, every=timedelta(seconds=1))
keyring.ring(int(time.time()))
assert entered.wait(30)
"""


def test_a_call_that_hangs_does_not_keep_the_interpreter_alive() -> None:
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", EXIT, A]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
