# pyright: reportPrivateUsage=false
# make_read_only() builds a session too, so it sets private attributes.
"""The session as the application holds it: its data, its life cycle, its CSRF tokens and its state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Generic, NoReturn, TypeVar

from ..argument_checks import check_types, hide_arguments
from ..settings import Settings
from ..typed.view import TypedView
from ..wire.envelope import MAX_IDLE
from ..wire.opening import render_log_id
from ..wire.size import SessionSize, measure_session
from ..wire.time_rules import count_seconds, expires_at, stamp_issued
from .cookie_choice import Reading
from .csrf import MASK_OCTETS, is_csrf_token, make_csrf_token
from .flash import Flash
from .mapping import SessionMapping
from .state import READ_ONLY, SessionState

T = TypeVar("T")

# The longest timedelta of Python, in seconds. SPEC 5.1 allows longer lifetimes.
_LONGEST_TIMEDELTA = timedelta.max // timedelta(seconds=1)


class Session(SessionMapping, Generic[T]):
    """The session of one visitor: a dict with str keys.

    Values are None, bool, int, float, str, bytes, list and dict. The next request reads equal values, except that
    tuples come back as lists. Assigning a value that would not come back like this raises UnsupportedValueError. Keys
    come back sorted.

    The session is opened when it is first touched. Changes are saved when the response starts, including changes of
    nested values. A change after that raises SessionCommittedError.
    """

    __slots__ = ("__weakref__",)

    @property
    def data(self) -> T | None:
        """The typed value, made of the keys that the data type names. None until the required keys are set.

        Raises TypeError if these sessions have no data type.
        """
        value: T | None = _get_view(self._open()).value
        return value

    @data.setter
    @hide_arguments
    def data(self, value: T) -> None:
        state = self._change()
        _get_view(state).assign(value)

    @property
    def flash(self) -> Flash:
        """The flash messages: values for the next request."""
        return Flash(self._open())

    # Life cycle

    def regenerate(self) -> None:
        """Give the session a new sid and a new absolute lifetime; the content stays. Call it at every login.

        CSRF tokens that were made before become invalid (SPEC 13.4).
        """
        self._change().regenerate()

    def renew(self) -> None:
        """Seal a new token with this response, which restarts the idle timeout."""
        self._change().must_seal = True

    def keep_expiry(self) -> None:
        """Do not renew, reseal or move the token with this response.

        Call it in requests that should not prolong the session, since the visitor did not cause them. Examples are
        polls and displays of the time left. A change of the session is saved nevertheless. :meth:`revert` does not undo
        this call.
        """
        self._open().keeps_expiry = True

    @hide_arguments
    def discard(self) -> None:
        """Log out: the browser is told to drop the cookie, and the session is new and empty after this call.

        A copy of the old cookie stays valid until it expires (SPEC 17.3).
        """
        state = self._change()
        self._replace_data({})
        state.discard()

    @hide_arguments
    def revert(self) -> None:
        """Undo all changes of this request, as if the application had not touched the session.

        Flash messages that were read are unread again. An error handler calls this after SessionTooLargeError, so that
        its own response can be sent.
        """
        state = self._change()
        state.begin_again()
        self._replace_data(state.list_own_data())

    def set_lifetime(
        self,
        *,
        idle_timeout: timedelta | None = None,
        absolute_lifetime: timedelta | None = None,
        persistent: bool | None = None,
    ) -> None:
        """Set other limits for this session only, for example for "remember me". Renewal keeps these limits.

        ``absolute_lifetime`` counts from now. Raises ConfigError for a duration that is not a whole number of seconds
        or is less than 1 second, and for a ``persistent`` that is not a bool.
        """
        check_types(persistent=(persistent, bool | None))
        idle = None if idle_timeout is None else count_seconds(idle_timeout, "idle_timeout", longest=MAX_IDLE)
        absolute = None if absolute_lifetime is None else count_seconds(absolute_lifetime, "absolute_lifetime")
        self._change().set_lifetime(idle=idle, absolute=absolute, persistent=persistent)

    @hide_arguments
    def check(self) -> None:
        """Check now whether the session can be sealed: nested values and the total size.

        Raises UnsupportedValueError or SessionTooLargeError. Without this call, the check is made when the response
        starts, and no error handler of the application can answer.
        """
        state = self._open()
        state.prepare(state.copy_content(self), now=state.now)

    # CSRF

    def csrf_token(self, form: str = "") -> str:
        """Return a CSRF token for the form of this name, a fresh one for each call (SPEC 14).

        For a new session, this call also causes the session to be saved.
        """
        state = self._open()
        state.want_csrf()
        return make_csrf_token(state.envelope.sid, form=form, mask=self._settings.random_octets(MASK_OCTETS))

    def check_csrf_token(self, token: object, form: str = "") -> bool:
        """Whether ``token`` is a CSRF token of this session and form. Compares in constant time."""
        return is_csrf_token(token, sid=self._open().envelope.sid, form=form)

    # State

    def mark_accessed(self) -> None:
        """Open the session. Starlette's ``request.session`` calls this."""
        self._open()

    @property
    def is_accessed(self) -> bool:
        """Whether the session was touched in this request. Reading this does not open the session."""
        return self._state is not None

    @property
    def is_new(self) -> bool:
        """Whether no cookie was accepted, or the session was discarded."""
        return self._open().accepted is None

    @property
    @hide_arguments
    def is_modified(self) -> bool:
        """Whether the application changed the session, or asked for a new token, in this request."""
        state = self._open()
        return state.was_discarded or state.is_written(self)

    @property
    def is_persistent(self) -> bool:
        """Whether the cookie stays when the browser is closed."""
        return self._open().envelope.persistent

    @property
    def idle_timeout(self) -> timedelta:
        """How long the session lives without a request that renews it."""
        return timedelta(seconds=self._open().envelope.idle)

    @property
    def absolute_lifetime(self) -> timedelta:
        """How long the session lives at most, from ``created_at``."""
        envelope = self._open().envelope
        return timedelta(seconds=min(envelope.until - envelope.created, _LONGEST_TIMEDELTA))

    @property
    def created_at(self) -> datetime:
        """When the session began, in UTC."""
        return _to_datetime(self._open().envelope.created)

    @property
    def issued_at(self) -> datetime | None:
        """When the token of the request was issued, in UTC. None for a new session."""
        state = self._open()
        return None if state.accepted is None else _to_datetime(state.envelope.issued)

    @property
    @hide_arguments
    def expires_at(self) -> datetime:
        """When the session expires unless it is renewed, in UTC. Changes of this request are taken into account."""
        state = self._open()
        envelope = state.envelope
        return _to_datetime(expires_at(stamp_issued(envelope, now=state.now) if state.is_written(self) else envelope))

    @property
    @hide_arguments
    def size(self) -> SessionSize:
        """The octets in use, the octets left, and the octets of each top-level key."""
        state = self._open()
        envelope = stamp_issued(state.copy_content(self), now=state.now)
        return measure_session(envelope, limit=self._settings.max_token_characters)

    @property
    def sid(self) -> bytes:
        """16 random octets that identify the session. They are secret: use ``log_id`` in logs."""
        return self._open().envelope.sid

    @property
    def log_id(self) -> str:
        """16 hex digits that stand for the sid in logs (SPEC 14.5)."""
        return render_log_id(self.sid)

    def __repr__(self) -> str:
        if self._state is None:
            return "<Session not opened>"
        return "<Session new>" if self._state.accepted is None else "<Session opened>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []

    def __sentry_repr__(self) -> str:
        # Without this, Sentry's SDK would show the content, as it does for all mappings.
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Session belongs to one request; copy its content with dict(session)")


def make_read_only(settings: Settings, reading: Reading, now: int) -> Session[Any]:
    """Return the read-only session of the cookies that were read. It sends no events."""
    session: Session[Any] = Session(settings, "", now)
    session._closed = READ_ONLY
    state = session._state = SessionState(settings, reading, now)
    state.closed = READ_ONLY
    session._replace_data(state.list_own_data())
    reading.report_failures()
    return session


def _get_view(state: SessionState) -> TypedView:
    if state.view is None:
        raise TypeError(
            "session.data needs a data type, in the outermost wrapper too; write CookieSessions(data_type=T)"
        )
    return state.view


def _to_datetime(time: int) -> datetime:
    return datetime.fromtimestamp(time, UTC)
