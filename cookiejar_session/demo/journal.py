"""What the latest responses did to each session, as told by on_event. Knows nothing of how it is shown."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock

from ..events import Event

# The oldest are forgotten: nothing a visitor does may fill the memory.
MAX_SESSIONS = 1000
MAX_RECORDS = 6


@dataclass(eq=False)
class Record:
    """One request, such as ``POST /count``, and the events of its exchange in their order."""

    request: str
    events: list[Event] = field(default_factory=list[Event])


class Journal:
    """The latest records of each session by its log id. ``listener`` is called with the request and each event."""

    def __init__(self, listener: Callable[[str, Event], object] | None = None) -> None:
        self._listener = listener
        self._current: ContextVar[Record] = ContextVar("cookiejar_session.demo.record")
        self._records: OrderedDict[str, deque[Record]] = OrderedDict()
        self._lock = Lock()

    def begin(self, request: str) -> None:
        """From here on, events in this context are of ``request``, those in threads that copy the context too."""
        self._current.set(Record(request))

    def hear(self, event: Event) -> None:
        """Takes one event: the ``on_event`` of CookieSessions."""
        record = self._current.get(None) or Record("")
        known = next((each.log_id for each in record.events if each.log_id is not None), None)
        record.events.append(event)
        if event.log_id is not None:
            with self._lock:
                self._file(record, event.log_id, known)
        if self._listener is not None:
            self._listener(record.request, event)

    def list(self, log_id: str) -> list[Record]:
        """The records of a session, the latest first, without that of the request which asks."""
        current = self._current.get(None)
        with self._lock:
            return [record for record in reversed(self._records.get(log_id, ())) if record is not current]

    def _file(self, record: Record, log_id: str, known: str | None) -> None:
        if log_id not in self._records:
            # A session with a new sid, as after a login, is still the same visitor's.
            before = self._records.get(known, ()) if known is not None else ()
            self._records[log_id] = deque(before, maxlen=MAX_RECORDS)
        records = self._records[log_id]
        if record not in records:
            records.append(record)
        self._records.move_to_end(log_id)
        if len(self._records) > MAX_SESSIONS:
            self._records.popitem(last=False)
