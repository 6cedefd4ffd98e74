"""A signal handler that reloads a keyring, such as for SIGHUP.

The reload never raises in the code that the signal interrupts. A handler that was there before is called, and may
raise.
"""

from __future__ import annotations

import _thread
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from ..argument_checks import check_types
from ..errors import ConfigError


def handle_signal(signum: int, reload: Callable[[], object]) -> None:
    """Call ``reload`` in a thread of its own whenever this process receives the signal.

    If a Python function handled the signal before, it is called too. Raises ConfigError outside the main thread, and
    for a signal that no process can handle.
    """
    check_types(signum=(signum, int))
    if threading.current_thread() is not threading.main_thread():
        raise ConfigError(
            "signal handlers can be set in the main thread only; call reload_on_signal where the application is made"
        )

    def handle(number: int, frame: FrameType | None) -> None:
        # threading.Thread is not used here, because its start() takes a lock that the interrupted code may hold. If the
        # system has too many threads, starting one raises RuntimeError. That error would end the interrupted code, so
        # it is ignored.
        with suppress(RuntimeError):
            _thread.start_new_thread(reload, ())
        if callable(previous):
            previous(number, frame)

    try:
        previous = signal.getsignal(signum)
        signal.signal(signum, handle)
    except (ValueError, OSError):
        raise ConfigError(f"signal {int(signum)} cannot be handled; write signal.SIGHUP") from None
