"""The mapping part of ``flask.session``: Flask's keys and values over our session's data and flash messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Self

from flask.sessions import SessionMixin

from ...argument_checks import hide_arguments
from ...errors import SessionCommittedError
from ...exchange import Exchange
from .login_keys import (
    FORGET,
    REMEMBER,
    REMEMBER_KEYS,
    USER_ID,
    keeps_signed_in,
    restore_lifetime,
    set_remembered_lifetime,
)
from .values import PLAIN, tag_value, untag_value

# The key under which Flask keeps flash messages.
FLASHES = "_flashes"
_MISSING = object()
# The key is not a str. C code that reads the dict directly, and expects str keys, then raises an error.
_PRIVATE: Any = object()


class FlaskMapping(SessionMixin, dict[str, Any]):
    """A view of the session of one request. It translates keys and values, and holds no data of its own.

    ``begin`` begins an exchange for the request. ``config`` is the application's configuration.

    It is a subclass of dict, since some code checks for that. The dict itself holds only one private entry, so that
    code that bypasses the methods does not find an empty dict.
    """

    def __init__(self, begin: Callable[[], Exchange[Any]], config: Mapping[str, Any]) -> None:
        super().__init__({_PRIVATE: None})
        self._begin = begin
        self._config = config
        self.start()

    def start(self) -> None:
        """Begin an exchange. Changes that were not saved are dropped."""
        self.exchange: Exchange[Any] = self._begin()
        # For each key: the value in the session, and the value that the application has, which may change in place.
        self._translated: dict[str, tuple[Any, Any]] = {}
        self.is_dropped: bool = False
        # What the application has assigned to ``permanent`` in this request.
        self.wanted_permanence: bool | None = None

    # The methods of a mapping. SessionMixin makes the other methods of a mapping from these.

    def __getitem__(self, key: str) -> Any:
        session = self.exchange.session
        if key == FLASHES and (messages := session.flash.peek_all()):
            return [(category, untag_value(value)) for category, value in messages]
        stored = session[key]
        if type(stored) in PLAIN:
            return stored
        pair = self._translated.get(key)
        if pair is None or pair[0] is not stored:
            pair = self._translated[key] = stored, untag_value(stored)
        return pair[1]

    @hide_arguments
    def __setitem__(self, key: str, value: Any) -> None:
        session = self.exchange.session
        if key == FLASHES:
            # Translate the new messages before the old ones are dropped, so that an error keeps the old ones.
            messages = [(tag_value(category), tag_value(message)) for category, message in value]
            session.flash.pop_all()
            for category, message in messages:
                session.flash.add(category, message)
        elif key in REMEMBER_KEYS and keeps_signed_in(self._config):
            set_remembered_lifetime(session, self.exchange.settings.rules, self._config, key=key, value=value)
        else:
            session[key] = stored = tag_value(value)
            if type(stored) not in PLAIN:
                self._translated[key] = stored, value
            if key == USER_ID:
                # This is a login. A new sid prevents session fixation: an attacker may have planted the session in this
                # browser.
                session.regenerate()
                self._end_remembering()
        self.is_dropped = False

    def __delitem__(self, key: str) -> None:
        session = self.exchange.session
        if key == FLASHES and session.flash.peek_all():
            try:
                session.flash.pop_all()
            except SessionCommittedError:
                # This happens if a test or a streamed template reads messages after the response has started. The
                # messages stay in the cookie, as with Flask's own session.
                return
        else:
            del session[key]
            if key == USER_ID:  # a logout
                self._end_remembering()
        self.is_dropped = False

    def __iter__(self) -> Iterator[str]:
        session = self.exchange.session
        yield from session
        if session.flash.peek_all():
            yield FLASHES

    def __len__(self) -> int:
        session = self.exchange.session
        return len(session) + bool(session.flash.peek_all())

    def __contains__(self, key: object) -> bool:
        session = self.exchange.session
        return key in session or (key == FLASHES and bool(session.flash.peek_all()))

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of ``key``, or ``default``."""
        if key == REMEMBER and keeps_signed_in(self._config):
            # With this value, Flask-Login does not look for its own cookie, which it cannot verify without SECRET_KEY.
            return FORGET
        try:
            return self[key]
        except KeyError:
            return default

    def clear(self) -> None:
        """Empty the session. Values that are written afterwards are in a new session with a new sid."""
        self.exchange.session.discard()
        self.is_dropped = False

    def copy(self) -> dict[str, Any]:
        """Return the content as a plain dict."""
        return dict(self)

    def __or__(self, other: Any) -> dict[str, Any]:  # type: ignore[override]
        return {**self, **other}

    def __ror__(self, other: Any) -> dict[str, Any]:  # type: ignore[override]
        return {**other, **self}

    def __ior__(self, other: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> Self:  # type: ignore[override, misc]
        self.update(other)
        return self

    def __repr__(self) -> str:
        return repr(self.exchange.session)

    def _end_remembering(self) -> None:
        if keeps_signed_in(self._config):
            rules, wanted = self.exchange.settings.rules, self.wanted_permanence
            persistent = rules.persistent if wanted is None else wanted
            restore_lifetime(self.exchange.session, rules, persistent=persistent)

    def store_changes(self) -> None:
        """Store the values that may have changed in place. The session compares them with the old values."""
        if self._translated and not self.exchange.is_finished:
            self._store_translated()

    @hide_arguments
    def _store_translated(self) -> None:
        session = self.exchange.session
        for key, (stored, value) in list(self._translated.items()):
            if session.get(key, _MISSING) is stored:
                session[key] = tag_value(value)
                self._translated[key] = session[key], value
