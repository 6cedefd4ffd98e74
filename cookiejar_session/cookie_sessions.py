"""The configured object that users hold: sessions for WSGI and ASGI applications. Knows no rules of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast, overload

from . import asgi, wsgi
from .acceptance import Reading, accept_token, read_cookies
from .cookies import CookieAttributes
from .data_type import DataType, Migration, to_map
from .envelope import EMPTY_CONTENT, SID_OCTETS, Envelope, check_content, count_octets_by_key, encode_content
from .errors import ConfigError, Reason, SessionTooLargeError, UnsupportedValueError
from .events import EventSink, Listener
from .exchange import EXCHANGES, list_exchanges
from .keyring import Keyring
from .policy import Policy, TimeRules
from .session import Session
from .session_state import READ_ONLY, SessionState
from .settings import DEFAULT_TOKEN_CHARACTERS, PreviousCookie, Settings
from .wire import MAX_TOKEN_CHARACTERS, MIN_TOKEN_CHARACTERS, seal_token

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from asgiref.typing import ASGI3Application

T = TypeVar("T")


class MintedCookie(NamedTuple):
    """A sealed session as a cookie: its name, its token, and both as a Cookie field value."""

    name: str
    token: str
    header: str

    def __repr__(self) -> str:
        return f"<MintedCookie {self.name}>"


class ReadResult(NamedTuple, Generic[T]):
    """A read-only session, and why the token was refused: None if it was not, or if none came."""

    session: Session[T]
    reason: Reason | None


class CookieSessions(Generic[T]):
    """Sessions in one encrypted cookie, for any WSGI and any ASGI application.

    ``keyring`` is read from the environment if it is left out, so that a wrong key stops the start and not a request.
    ``purpose`` is what tokens are sealed for, the cookie's name if left out. ``data_type`` types ``session.data``;
    ``migrate`` turns data that does not fit it into data that does. Cookies with ``previous`` attributes are read, then
    deleted. A write whose token exceeds ``max_token_characters`` raises SessionTooLargeError. ``on_event`` is called
    with each Event. Unless ``publish`` is False, the session is also where frameworks look for one.

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
        _refuse_wrong_types(keyring, cookie, policy, previous)
        _refuse_wrong_values(purpose, max_token_characters)
        _refuse_wrong_functions(on_event, migrate, data_type)
        fields = None if data_type is None else DataType(data_type)
        self.publishes = publish
        self.settings = Settings(
            keyring=Keyring.from_environment() if keyring is None else keyring,
            cookie=cookie,
            purpose=cookie.name if purpose is None else purpose,
            rules=TimeRules(policy),
            events=EventSink(on_event),
            random_octets=os.urandom,
            data_type=fields,
            migrate=migrate,
            previous=tuple(_list_previous(previous, cookie, purpose)),
            empty_content=_encode_empty(fields),
            max_token_characters=max_token_characters,
        )

    def wsgi(self, app: WSGIApplication) -> wsgi.SessionMiddleware:
        """``app``, a WSGI application, with a session for each request."""
        return wsgi.SessionMiddleware(app, sessions=self)

    def asgi(self, app: ASGI3Application | Any) -> asgi.SessionMiddleware:
        """``app``, an ASGI application, with a session for each HTTP request and websocket."""
        return asgi.SessionMiddleware(app, sessions=self)

    def get(self, request: object) -> Session[T]:
        """The session of ``request``, the same one however often it is asked for.

        ``request`` is an ASGI scope, a WSGI environ, or a request object that carries one. Raises TypeError for
        anything else and ConfigError for a request that no middleware of this configuration has seen.
        """
        carrier = _find_carrier(request)
        is_wsgi = "REQUEST_METHOD" in carrier
        environ = carrier if is_wsgi else carrier.get("wsgi_environ", {})
        exchange = (carrier.get(EXCHANGES) or list_exchanges(environ)).get(self.settings.identity)
        if exchange is None:
            name, line = self.settings.cookie.name, f"app = sessions.{'wsgi' if is_wsgi else 'asgi'}(app)"
            raise ConfigError(f"no session for cookie {name}: no middleware saw the request; add {line}")
        return exchange.session

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
        UnsupportedValueError and SessionTooLargeError.
        """
        now = int(time.time()) if now is None else now
        created = now if created_at is None else int(created_at.timestamp())
        rules = self.settings.rules
        envelope = Envelope(
            os.urandom(SID_OCTETS),
            created,
            created,
            rules.idle,
            created + rules.absolute,
            rules.persistent if persistent is None else persistent,
            {} if data is None else to_map(data),
            list(flash),
        )
        token = seal_token(envelope, keyring=self.settings.keyring, purpose=self.settings.purpose, now=now)
        if len(token) > self.settings.max_token_characters:
            octets = count_octets_by_key(envelope.data, envelope.flash)
            raise SessionTooLargeError(
                characters=len(token), limit=self.settings.max_token_characters, octets_by_key=octets
            )
        return MintedCookie(self.settings.cookie.name, token, f"{self.settings.cookie.name}={token}")

    def read(self, cookie_header_or_token: str, *, now: int | None = None) -> ReadResult[T]:
        """What a request with this Cookie field value, or this token, would find at ``now`` (Unix seconds)."""
        settings = self.settings
        now = int(time.time()) if now is None else now
        if "=" in cookie_header_or_token:
            reading = read_cookies(cookie_header_or_token, settings=settings, now=now)
        else:
            tokens = [cookie_header_or_token] if cookie_header_or_token else []
            reading = Reading(
                *accept_token(tokens, cookie=settings.cookie, purpose=settings.purpose, settings=settings, now=now)
            )
        state = SessionState(settings, reading.accepted, now=now)
        state.close(READ_ONLY)
        reason = reading.refusals[0].reason if reading.accepted is None and reading.refusals else None
        return ReadResult(Session(lambda: state, settings.random_octets), reason)

    def __repr__(self) -> str:
        return f"<CookieSessions {self.settings.cookie.name} {self.settings.keyring!r}>"


def _find_carrier(request: object) -> Mapping[str, Any]:
    carried: list[Any] = [getattr(request, name, None) for name in ("scope", "environ", "env")]
    for carrier in [*carried, request]:
        if isinstance(carrier, Mapping) and ("REQUEST_METHOD" in carrier or "type" in carrier):
            return cast("Mapping[str, Any]", carrier)
    raise TypeError(
        "sessions.get takes an ASGI scope, a WSGI environ, or a request that carries one as scope, environ or env, "
        f"got {type(request).__qualname__}"
    )


def _refuse_wrong_types(keyring: Any, cookie: Any, policy: Any, previous: Any) -> None:
    if keyring is not None and not isinstance(keyring, Keyring):
        raise ConfigError(f"keyring must be a Keyring, got {type(keyring).__qualname__}; write Keyring.parse(text)")
    if not isinstance(cookie, CookieAttributes):
        raise ConfigError(
            f"cookie must be CookieAttributes, got {type(cookie).__qualname__}; write CookieAttributes(name=...)"
        )
    if not isinstance(policy, Policy):
        raise ConfigError(f"policy must be a Policy, got {type(policy).__qualname__}; write Policy(idle_timeout=...)")
    if not isinstance(previous, Sequence) or not all(isinstance(each, CookieAttributes) for each in previous):
        raise ConfigError("previous must be a list of CookieAttributes; write previous=[CookieAttributes(name=...)]")


def _refuse_wrong_values(purpose: Any, max_token_characters: Any) -> None:
    if purpose is not None and not _is_text(purpose):
        raise ConfigError(f"purpose is {purpose!r}, it must be text; leave it out to use the cookie's name")
    if (
        not isinstance(max_token_characters, int)
        or not MIN_TOKEN_CHARACTERS <= max_token_characters <= MAX_TOKEN_CHARACTERS
    ):
        raise ConfigError(
            f"max_token_characters is {max_token_characters!r}, it must be from {MIN_TOKEN_CHARACTERS} to "
            f"{MAX_TOKEN_CHARACTERS}; leave it out for {DEFAULT_TOKEN_CHARACTERS}"
        )


def _is_text(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(value.encode())
    except UnicodeEncodeError:
        return False


def _refuse_wrong_functions(on_event: Any, migrate: Any, data_type: Any) -> None:
    if on_event is not None and not callable(on_event):
        raise ConfigError(
            f"on_event must be callable with one Event, got {type(on_event).__qualname__}; pass a function"
        )
    if migrate is not None and not callable(migrate):
        raise ConfigError(f"migrate must be callable with a dict, got {type(migrate).__qualname__}; pass a function")
    if migrate is not None and data_type is None:
        raise ConfigError("migrate needs a data_type to migrate to; add data_type=T, or leave migrate out")


def _list_previous(
    previous: Sequence[CookieAttributes], cookie: CookieAttributes, purpose: str | None
) -> Iterable[PreviousCookie]:
    current = cookie.name, cookie.path, cookie.domain, cookie.partitioned
    for each in previous:
        if (each.name, each.path, each.domain, each.partitioned) == current:
            raise ConfigError(f"previous cookie {each.name} is the cookie itself; name the attributes it had before")
        yield PreviousCookie(attributes=each, purpose=each.name if purpose is None else purpose)


def _encode_empty(data_type: DataType[Any] | None) -> bytes:
    if data_type is None:
        return EMPTY_CONTENT
    value = data_type.read({})
    written = {} if value is None else data_type.write(value)
    try:
        check_content(written, [])
    except UnsupportedValueError as exc:
        raise ConfigError(f"data_type {data_type.name} has a default that cannot be sealed: {exc}") from None
    return encode_content(written, [])
