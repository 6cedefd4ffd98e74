"""Keep the latest requests of each session with their events, in memory."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock

from ..events import Event

# These limits prevent visitors from filling the memory. The oldest entries are removed first.
MAX_SESSIONS = 1000
MAX_RECORDS = 4


@dataclass(eq=False)
class Record:
    """One request, such as ``POST /count``, and its events in the order in which they happened."""

    request: str
    events: list[Event] = field(default_factory=list[Event])


class Journal:
    """The latest records of each session, by its log id.

    ``listener`` is called for each event, with the request (such as ``POST /count``) and the event.
    """

    def __init__(self, listener: Callable[[str, Event], object] | None = None) -> None:
        self._listener = listener
        self._current: ContextVar[Record] = ContextVar("cookiejar_session.demo.record")
        self._records: OrderedDict[str, deque[Record]] = OrderedDict()
        self._lock = Lock()

    def begin_request(self, request: str) -> None:
        """Assign all further events in this context, and in copies of it, to ``request``."""
        self._current.set(Record(request))

    def record_event(self, event: Event) -> None:
        """Store one event. Pass this method to CookieSessions as ``on_event``."""
        record = self._current.get(None) or Record("")
        previous = next((each.log_id for each in record.events if each.log_id is not None), None)
        record.events.append(event)
        if event.log_id is not None:
            with self._lock:
                self._store(record, event.log_id, previous)
        if self._listener is not None:
            self._listener(record.request, event)

    def list_records(self, log_id: str) -> list[Record]:
        """Return the records of a session, the newest first, without the current request."""
        current = self._current.get(None)
        with self._lock:
            return [record for record in reversed(self._records.get(log_id, ())) if record is not current]

    def _store(self, record: Record, log_id: str, previous: str | None) -> None:
        if log_id not in self._records:
            # A sign-in gives the session a new log id. Its earlier records stay visible under the new one.
            earlier = self._records.get(previous, ()) if previous is not None else ()
            self._records[log_id] = deque(earlier, maxlen=MAX_RECORDS)
        records = self._records[log_id]
        if record not in records:
            records.append(record)
        self._records.move_to_end(log_id)
        if len(self._records) > MAX_SESSIONS:
            self._records.popitem(last=False)
