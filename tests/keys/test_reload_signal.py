"""reload_signal.py: what happens at the signal, and which signals are refused."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from shared_rings import fail

from cookiejar_session.keys.reload_signal import handle_signal

# In seconds. A test that works never waits so long.
PATIENCE = 30


@pytest.fixture(autouse=True)
def old_handler() -> Iterator[Any]:
    """The handler of SIGHUP, which is put back after the test."""
    before = signal.getsignal(signal.SIGHUP)
    yield before
    signal.signal(signal.SIGHUP, before)


def hang_up() -> None:
    os.kill(os.getpid(), signal.SIGHUP)


def test_reload_is_called_in_another_thread_at_each_signal() -> None:
    calls: list[int] = []
    called = threading.Semaphore(0)

    def reload() -> None:
        calls.append(threading.get_ident())
        called.release()

    handle_signal(signal.SIGHUP, reload)
    assert calls == []
    for _ in range(2):
        hang_up()
        assert called.acquire(timeout=PATIENCE)
    assert len(calls) == 2
    assert threading.get_ident() not in calls


def test_the_handler_that_was_there_before_is_called_too() -> None:
    seen: list[int] = []
    called = threading.Event()
    signal.signal(signal.SIGHUP, lambda number, frame: seen.append(number))
    handle_signal(signal.SIGHUP, called.set)
    hang_up()
    assert called.wait(PATIENCE)
    assert seen == [signal.SIGHUP]


@pytest.mark.parametrize("before", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_default_before_is_replaced(before: signal.Handlers) -> None:
    called = threading.Event()
    signal.signal(signal.SIGHUP, before)
    handle_signal(signal.SIGHUP, called.set)
    hang_up()
    assert called.wait(PATIENCE)


def test_a_system_without_threads_does_not_end_the_interrupted_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    handle_signal(signal.SIGHUP, lambda: pytest.fail("it was called"))
    monkeypatch.setattr(_thread, "start_new_thread", refuse)
    hang_up()


def test_another_thread_than_the_main_one_is_refused() -> None:
    messages: list[str] = []
    thread = threading.Thread(target=lambda: messages.append(fail(lambda: handle_signal(signal.SIGHUP, lambda: None))))
    thread.start()
    thread.join(PATIENCE)
    assert messages == [
        "signal handlers can be set in the main thread only; call reload_on_signal where the application is made"
    ]


@pytest.mark.parametrize("signum", [signal.SIGKILL, 0, -1, 1000])
def test_a_signal_that_cannot_be_handled_is_refused(signum: int) -> None:
    message = fail(lambda: handle_signal(signum, lambda: None))
    assert message == f"signal {int(signum)} cannot be handled; write signal.SIGHUP"


def test_a_signal_by_its_name_is_refused() -> None:
    name: Any = "SIGHUP"
    assert fail(lambda: handle_signal(name, lambda: None)) == "signum must be an int, got str"


# The signal comes while the main thread starts threads, which takes locks of threading.
STORM = """
import os, signal, sys, threading
from cookiejar_session.keys.reload_signal import handle_signal

handle_signal(signal.SIGHUP, lambda: None)
storm = threading.Thread(target=lambda: [os.kill(os.getpid(), signal.SIGHUP) for _ in range(500)])
storm.start()
while storm.is_alive():
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
print("done")
"""


def test_signals_at_any_moment_do_not_block_the_main_thread() -> None:
    done = subprocess.run([sys.executable, "-c", STORM], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("done\n", "")
