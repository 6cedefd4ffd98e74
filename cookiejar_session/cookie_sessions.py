"""The configured object that users hold: sessions for WSGI and ASGI applications. Knows no rules of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast, overload

from . import asgi, wsgi
from .errors import READ_ONLY, ConfigError, Reason, UnsupportedValueError
from .events import EventSink, Listener
from .headers.cookies import CookieAttributes
from .keys.keyring import Keyring
from .published import find_exchange, find_published
from .session.choosing import accept_token, read_cookies
from .session.minted_cookie import MintedCookie, mint_cookie
from .session.session import Opened, Session, make_session
from .session.state import SessionState
from .settings import DEFAULT_TOKEN_CHARACTERS, PreviousCookie, Settings
from .typed.data_type import DataType, Migration
from .wire.envelope import EMPTY_CONTENT, encode_content
from .wire.profile import check_content
from .wire.sealing import MAX_TOKEN_CHARACTERS, MIN_TOKEN_CHARACTERS
from .wire.time_rules import Policy, TimeRules

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from asgiref.typing import ASGI3Application

T = TypeVar("T")


class ReadResult(NamedTuple, Generic[T]):
    """A read-only session, and why the token was refused: None if it was not, or if none came."""

    session: Session[T]
    reason: Reason | None


class CookieSessions(Generic[T]):
    """Sessions in one encrypted cookie, for any WSGI and any ASGI application.

    ``keyring`` is read from the environment if it is left out, so that a wrong key stops the start and not a request.
    ``purpose`` is what tokens are sealed for, the cookie's name if left out: two configurations of one cookie name need
    one purpose, and under one explicit purpose a token can be moved from one cookie name to another. ``data_type``
    types ``session.data``; ``migrate`` turns data that does not fit it into data that does. Cookies with ``previous``
    attributes are read, then deleted. A write whose token exceeds ``max_token_characters`` raises SessionTooLargeError.
    ``on_event`` is called with each Event. Unless ``publish`` is False, the session is also where frameworks look for
    one.

    Every argument that cannot work raises ConfigError.
    """

    @overload
    def __init__(
        self: CookieSessions[None],
        keyring: Keyring | None = None,
        *,
        cookie: CookieAttributes | None = None,
        policy: Policy | None = None,
        purpose: str | None = None,
        data_type: None = None,
        migrate: None = None,
        previous: Sequence[CookieAttributes] = (),
        max_token_characters: int = DEFAULT_TOKEN_CHARACTERS,
        on_event: Listener | None = None,
        publish: bool = True,
    ) -> None: ...

    @overload
    def __init__(
        self,
        keyring: Keyring | None = None,
        *,
        cookie: CookieAttributes | None = None,
        policy: Policy | None = None,
        purpose: str | None = None,
        data_type: type[T],
        migrate: Migration | None = None,
        previous: Sequence[CookieAttributes] = (),
        max_token_characters: int = DEFAULT_TOKEN_CHARACTERS,
        on_event: Listener | None = None,
        publish: bool = True,
    ) -> None: ...

    def __init__(
        self,
        keyring: Keyring | None = None,
        *,
        cookie: CookieAttributes | None = None,
        policy: Policy | None = None,
        purpose: str | None = None,
        data_type: type[T] | None = None,
        migrate: Migration | None = None,
        previous: Sequence[CookieAttributes] = (),
        max_token_characters: int = DEFAULT_TOKEN_CHARACTERS,
        on_event: Listener | None = None,
        publish: bool = True,
    ) -> None:
        cookie = CookieAttributes() if cookie is None else cookie
        policy = Policy() if policy is None else policy
        problem = (
            _find_wrong_type(keyring, cookie, policy, previous)
            or _find_wrong_value(purpose, max_token_characters)
            or _find_wrong_function(on_event, migrate, data_type)
        )
        if problem:
            # A key in the wrong place must not be shown by a traceback with locals.
            del keyring, cookie, policy, purpose, data_type, migrate, previous, max_token_characters, on_event, publish
            raise ConfigError(problem)
        fields = None if data_type is None else DataType(data_type)
        self.publishes: bool = publish
        self.settings: Settings = Settings(
            keyring=Keyring.from_environment() if keyring is None else keyring,
            cookie=cookie,
            purpose=cookie.name if purpose is None else purpose,
            rules=TimeRules(policy),
            events=EventSink(on_event),
            random_octets=os.urandom,
            data_type=fields,
            migrate=migrate,
            previous=tuple(_list_previous(previous, cookie, purpose)),
            empty_content=EMPTY_CONTENT if fields is None else _encode_empty(fields),
            max_token_characters=max_token_characters,
        )

    def wsgi(self, app: WSGIApplication) -> wsgi.SessionMiddleware:
        """``app``, a WSGI application, with a session for each request."""
        _refuse_no_function(app, "wsgi")
        return wsgi.SessionMiddleware(app, sessions=self)

    def asgi(self, app: ASGI3Application | Any) -> asgi.SessionMiddleware:
        """``app``, an ASGI application, with a session for each HTTP request and websocket."""
        _refuse_no_function(app, "asgi")
        return asgi.SessionMiddleware(app, sessions=self)

    def get(self, request: object) -> Session[T]:
        """The session of ``request``: until the response is over the same object, however often it is asked for.

        ``request`` is an ASGI scope, a WSGI environ, or a request object that carries one. Raises TypeError for
        anything else and ConfigError for a request that no middleware of this configuration has seen.
        """
        carrier = _find_carrier(request)
        is_wsgi = "REQUEST_METHOD" in carrier
        environ = carrier if is_wsgi else carrier.get("wsgi_environ", {})
        identity = self.settings.identity
        exchange = find_published(carrier, identity) or find_exchange(environ, identity)
        if exchange is None:
            name, line = self.settings.cookie.name, f"app = sessions.{'wsgi' if is_wsgi else 'asgi'}(app)"
            raise ConfigError(f"no session for cookie {name}: no middleware saw the request; add {line}")
        return exchange.get_session()

    def mint(
        self,
        data: T | Mapping[str, Any] | None = None,
        *,
        flash: Iterable[tuple[str, Any]] = (),
        persistent: bool | None = None,
        created_at: datetime | None = None,
        now: int | None = None,
    ) -> MintedCookie:
        """A cookie as a response at ``now`` (Unix seconds) would set it, for tests and for handing a session over.

        ``data`` is a mapping or a value of the data type. The session began at ``created_at``, ``now`` if left out; the
        token is issued at ``now``: pass an earlier one for a token that is old enough to be resealed. Raises
        UnsupportedValueError, also for data that does not fit the data type, migrated if need be, SessionTooLargeError,
        and ConfigError for a ``persistent`` that is not a bool and a ``created_at`` without a time zone.
        """
        return mint_cookie(
            self.settings,
            data,
            flash=flash,
            persistent=persistent,
            created_at=created_at,
            now=int(time.time()) if now is None else now,
        )

    def read(self, cookie_header_or_token: str, *, now: int | None = None) -> ReadResult[T]:
        """What a request with this Cookie field value, or this token, would find at ``now`` (Unix seconds)."""
        settings = self.settings
        now = int(time.time()) if now is None else now
        if "=" in cookie_header_or_token:
            reading = read_cookies(cookie_header_or_token, settings, now)
        else:
            tokens = [cookie_header_or_token] if cookie_header_or_token else []
            reading = accept_token(tokens, settings.cookie, settings.purpose, settings, now)
        state = SessionState(settings, reading.accepted, now)
        state.closed = READ_ONLY
        reason = reading.refusals[0].reason if reading.accepted is None and reading.refusals else None
        return ReadResult(make_session(Opened(state)), reason)

    def __repr__(self) -> str:
        # One that was refused has no settings yet, and may stand in a traceback that shows locals.
        settings = getattr(self, "settings", None)
        return (
            "<CookieSessions>" if settings is None else f"<CookieSessions {settings.cookie.name} {settings.keyring!r}>"
        )


def _find_carrier(request: object) -> Mapping[str, Any]:
    carried: list[Any] = [getattr(request, name, None) for name in ("scope", "environ", "env")]
    for carrier in [*carried, request]:
        if isinstance(carrier, Mapping) and ("REQUEST_METHOD" in carrier or "type" in carrier):
            return cast("Mapping[str, Any]", carrier)
    raise TypeError(
        "sessions.get takes an ASGI scope, a WSGI environ, or a request that carries one as scope, environ or env, "
        f"got {type(request).__qualname__}"
    )


def _refuse_no_function(app: object, stack: str) -> None:
    if not callable(app):
        raise TypeError(
            f"sessions.{stack} takes a {stack.upper()} application, which is callable, got {type(app).__qualname__}"
        )


# The next three return what is wrong, or None, so that no traceback leads to a frame that holds a key in the wrong
# place.


def _find_wrong_type(keyring: Any, cookie: Any, policy: Any, previous: Any) -> str | None:
    if keyring is not None and not isinstance(keyring, Keyring):
        return f"keyring must be a Keyring, got {type(keyring).__qualname__}; write Keyring.parse(text)"
    if not isinstance(cookie, CookieAttributes):
        return f"cookie must be CookieAttributes, got {type(cookie).__qualname__}; write CookieAttributes(name=...)"
    if not isinstance(policy, Policy):
        return f"policy must be a Policy, got {type(policy).__qualname__}; write Policy(idle_timeout=...)"
    if not issubclass(type(previous), Sequence) or not all(isinstance(each, CookieAttributes) for each in previous):
        return "previous must be a list of CookieAttributes; write previous=[CookieAttributes(name=...)]"
    return None


def _find_wrong_value(purpose: Any, max_token_characters: Any) -> str | None:
    if purpose is not None and not _is_text(purpose):
        found = "has a lone surrogate" if isinstance(purpose, str) else f"is a {type(purpose).__qualname__}"
        return f"purpose {found}, it must be text; leave it out to use the cookie's name"
    is_integer = isinstance(max_token_characters, int)
    if not is_integer or not MIN_TOKEN_CHARACTERS <= max_token_characters <= MAX_TOKEN_CHARACTERS:
        found = max_token_characters if is_integer else type(max_token_characters).__qualname__
        return (
            f"max_token_characters is {found}, it must be from {MIN_TOKEN_CHARACTERS} to {MAX_TOKEN_CHARACTERS}; "
            f"leave it out for {DEFAULT_TOKEN_CHARACTERS}"
        )
    return None


def _is_text(value: object) -> bool:
    try:
        return isinstance(value, str) and value.encode().decode() == value
    except UnicodeEncodeError:
        return False


def _find_wrong_function(on_event: Any, migrate: Any, data_type: Any) -> str | None:
    if on_event is not None and not callable(on_event):
        return f"on_event must be callable with one Event, got {type(on_event).__qualname__}; pass a function"
    if migrate is not None and not callable(migrate):
        return f"migrate must be callable with a dict, got {type(migrate).__qualname__}; pass a function"
    if isinstance(data_type, (str, bytes)):
        return f"data_type must be a class, got {type(data_type).__qualname__}; write data_type=T"
    if migrate is not None and data_type is None:
        return "migrate needs a data_type to migrate to; add data_type=T, or leave migrate out"
    return None


def _list_previous(
    previous: Sequence[CookieAttributes], cookie: CookieAttributes, purpose: str | None
) -> Iterable[PreviousCookie]:
    for each in previous:
        if _name_place(each) == _name_place(cookie):
            raise ConfigError(f"previous cookie {each.name} is the cookie itself; name the attributes it had before")
        yield PreviousCookie(attributes=each, purpose=each.name if purpose is None else purpose)


def _name_place(cookie: CookieAttributes) -> tuple[object, ...]:
    # Browsers know a cookie's Domain without regard to case and without a leading dot (RFC 6265bis 5.6.3).
    domain = None if cookie.domain is None else cookie.domain.lower().removeprefix(".")
    return cookie.name, cookie.path, domain, cookie.partitioned


def _encode_empty(data_type: DataType[Any]) -> bytes:
    value = data_type.read({})
    written = {} if value is None else data_type.write(value)
    try:
        check_content(written, [])
    except UnsupportedValueError as exc:
        raise ConfigError(f"data_type {data_type.name} has a default that cannot be sealed: {exc}") from None
    return encode_content(written, [])
