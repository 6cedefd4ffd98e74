"""Replaces the clock of a process of the drill. Python imports this module when it starts.

DRILL_CLOCK is the file of the shared clock. DRILL_SECONDS_AHEAD says how far this process is ahead of it. Only the
package and the drill's applications see this clock: the servers measure their own timeouts with the real one.
"""

import mmap
import os
import sys
import time

_path = os.environ.get("DRILL_CLOCK")
if _path is not None:
    with open(_path, "rb") as _file:
        _shared = memoryview(mmap.mmap(_file.fileno(), 0, access=mmap.ACCESS_READ)).cast("d")
    _ahead = float(os.environ.get("DRILL_SECONDS_AHEAD", "0"))
    _real_time = time.time

    def _read_clock() -> float:
        if not sys._getframe(1).f_globals["__name__"].startswith(("cookiejar_session", "drill_")):
            return _real_time()
        return _shared[0] + _ahead

    time.time = _read_clock
