"""CookieSessions, the configured object that users hold: sessions for WSGI and ASGI applications."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, NamedTuple, TypeVar, cast, overload

from . import asgi, wsgi
from .argument_checks import check_types, hide_arguments, round_down
from .configuration_checks import check_functions, check_limit, check_previous, check_purpose
from .configuration_json import render_configuration
from .errors import ConfigError, Reason
from .events import Listener
from .exchange import Exchange
from .frameworks import RefusedByFastAPI, find_alternative, find_wrapping_line
from .headers.cookie_header import remove_field_name
from .headers.set_cookie import CookieAttributes
from .keys.keyring import Keyring
from .nested_wrappers import IntegrationExchange, find_exchange, find_held_exchange, find_other_exchange
from .session.cookie_choice import accept_token, read_cookies
from .session.minted_cookie import MintedCookie, mint_cookie
from .session.session import Session, make_read_only
from .settings import DEFAULT_TOKEN_CHARACTERS, PreviousCookie, Settings
from .stats import SessionStats
from .telemetry import Telemetry
from .typed.data_type import DataType, Migration
from .wire.time_rules import Policy, TimeRules

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication
    from asgiref.typing import ASGI3Application

T = TypeVar("T")


class ReadResult(NamedTuple, Generic[T]):
    """The result of :meth:`CookieSessions.read`.

    ``session`` is a read-only session. ``reason`` says why the token was refused; None if it was accepted, or if there
    was none.
    """

    session: Session[T]
    reason: Reason | None


class CookieSessions(Generic[T]):
    """Sessions in one encrypted cookie, for any WSGI and any ASGI application.

    ``keyring``: the keys; if left out, read from the environment at once, so that a wrong key fails at startup, not
    in a request.
    ``cookie``: the cookie's name and attributes. ``policy``: how long sessions live.
    ``purpose``: what tokens are sealed for; the cookie's name if left out. Applications that share a cookie need the
    same purpose.
    ``data_type``: the type of ``session.data``. ``migrate``: a function that turns data that does not fit the type into
    data that does.
    ``previous``: cookies that are still read and then deleted, for a change of name or attributes.
    ``max_token_characters``: the longest token that is written; a longer one raises SessionTooLargeError.
    ``on_event``: a function that is called with each Event.
    ``publish``: whether the session is also put where frameworks look for one, such as ``request.session``.

    Raises ConfigError for arguments that cannot work.
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

    @hide_arguments
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
        check_types(
            keyring=(keyring, Keyring | None),
            cookie=(cookie, CookieAttributes),
            policy=(policy, Policy),
            purpose=(purpose, str | None),
            max_token_characters=(max_token_characters, int),
            publish=(publish, bool),
        )
        check_purpose(purpose)
        check_previous(previous, cookie, purpose)
        check_limit(max_token_characters)
        check_functions(on_event=on_event, migrate=migrate, data_type=data_type)
        keyring = Keyring.from_environment() if keyring is None else keyring
        self.settings: Settings = Settings(
            keyring=keyring,
            cookie=cookie,
            purpose=cookie.name if purpose is None else purpose,
            rules=TimeRules(policy),
            telemetry=Telemetry(
                on_event,
                cookie=cookie.name,
                max_token_characters=max_token_characters,
                has_generated_key=keyring.is_generated,
                clock=lambda: time.time(),  # time.time is looked up at each call, so that tests can replace it
            ),
            random_octets=os.urandom,
            data_type=None if data_type is None else DataType(data_type),
            migrate=migrate,
            previous=tuple(
                PreviousCookie(attributes=each, purpose=each.name if purpose is None else purpose) for each in previous
            ),
            max_token_characters=max_token_characters,
            publishes=publish,
        )

    def wsgi(self, app: WSGIApplication) -> wsgi.SessionMiddleware:
        """Wrap a WSGI application so that each request has a session. Raises TypeError for an ASGI application."""
        return wsgi.SessionMiddleware(app, sessions=self)

    def asgi(self, app: ASGI3Application | Any) -> asgi.SessionMiddleware:
        """Wrap an ASGI application so that each HTTP request and websocket has a session.

        Raises TypeError for a WSGI application.
        """
        return asgi.SessionMiddleware(app, sessions=self)

    def get(self, request: Annotated[object, RefusedByFastAPI]) -> Session[T]:
        """Return the session of ``request``. Each call for the same request returns the same object.

        ``request`` is an ASGI scope, a WSGI environ, or a request object that has one as ``scope``, ``environ`` or
        ``env``, or a request whose ``session`` is one of the Django integration. Raises TypeError for anything else,
        and ConfigError for a request that did not pass through a wrapper of these sessions.
        """
        carrier, settings, name = _find_carrier(request), self.settings, self.settings.cookie.name
        exchange = find_exchange(carrier, settings)
        if exchange is not None:
            return exchange.session
        other = find_other_exchange(carrier, name) or find_held_exchange(request)
        if other is None:
            raise ConfigError(
                f"no session for cookie {name}: the request passed no wrapper of these sessions; "
                f"add {find_wrapping_line(request, carrier)}"
            )
        if other.serves(settings):
            return other.session
        is_same_name = other.settings.cookie.name == name
        raise ConfigError(
            f"no session for cookie {name}: the request passed a wrapper of other sessions, "
            f"{settings.describe_difference(other.settings)}; use one CookieSessions object for the wrapper and for "
            f"get(), {find_alternative(request, carrier, is_same_name=is_same_name)}"
        )

    @hide_arguments
    def begin(
        self, cookie_header: str = "", *, carrier: MutableMapping[str, Any] | None = None, now: float | None = None
    ) -> Exchange[T]:
        """Begin an exchange by hand, for a server without WSGI and ASGI, or for a framework's own session interface.

        ``cookie_header`` is the Cookie field value, or "" if the request has none; join several fields with "; ".
        ``carrier`` is the WSGI environ or ASGI scope of the request, if there is one. With a carrier, :meth:`get` finds
        the session, and a wrapper around the framework uses the same session. If ``cookie_header`` is left out, the
        cookies are read from the carrier. ``now`` is Unix time, the current time if left out. Call ``finish`` with the
        response's headers, then ``end``.
        """
        moment = time.time() if now is None else round_down(now)
        if carrier is None:
            return Exchange(self.settings, cookie_header, moment)
        return IntegrationExchange(self.settings, carrier, moment, cookie_header)

    @hide_arguments
    def mint(
        self,
        data: T | Mapping[str, Any] | None = None,
        *,
        flash: Iterable[tuple[str, Any]] = (),
        persistent: bool | None = None,
        created_at: datetime | None = None,
        now: float | None = None,
    ) -> MintedCookie:
        """Return the cookie that a response at ``now`` (Unix seconds, rounded down) would set, for tests and scripts.

        ``data`` is a mapping or a value of the data type. The session began at ``created_at``; at ``now`` if left out.
        The token is issued at ``now``: pass an earlier time for a token that is old enough to be renewed or resealed.

        Raises UnsupportedValueError (also if the data does not fit the data type after migration),
        SessionTooLargeError, and ConfigError for a ``created_at`` without a time zone.
        """
        return mint_cookie(
            self.settings,
            data,
            flash=flash,
            persistent=persistent,
            created_at=created_at,
            now=round_down(time.time() if now is None else now),
        )

    @hide_arguments
    def read(self, cookie_header_or_token: str, *, now: float | None = None) -> ReadResult[T]:
        """Return the session that a request with this Cookie field value, or this token, would have at ``now``.

        The result is a pair: the session, and the reason why the token was refused, or None. A whole header line, such
        as ``Cookie: ...`` or ``Set-Cookie: ...``, is accepted too. ``now`` is in Unix seconds, rounded down. The
        session is read-only. This method does not touch the session of the current request, and it renews nothing. So a
        page that polls with this method does not prolong the session.
        """
        settings, text = self.settings, remove_field_name(cookie_header_or_token)
        moment = round_down(time.time() if now is None else now)
        if "=" in text:
            reading = read_cookies(text, settings=settings, now=moment)
        else:
            tokens = [text] if text else []
            reading = accept_token(tokens, settings.cookie, purpose=settings.purpose, settings=settings, now=moment)
        key_id = None if reading.accepted is None else reading.accepted.entry.key.key_id
        settings.telemetry.counters.count_reading(key_id, reading.refusals, now=moment)
        reason = reading.refusals[0].reason if reading.accepted is None and reading.refusals else None
        return ReadResult(make_read_only(settings, reading, moment), reason)

    @hide_arguments
    def stats(self, *, now: float | None = None) -> SessionStats:
        """Return what these sessions did in this process: counts by key, reason and size.

        Counting begins when the CookieSessions object is made. A forked process begins to count again. ``now`` is in
        Unix seconds, rounded down. Counting needs neither ``on_event`` nor a logging configuration.
        """
        settings, moment = self.settings, round_down(time.time() if now is None else now)
        # This looks for a new ring. So it comes before the question whether there is a problem.
        ring = settings.keyring.ring(moment)
        return settings.telemetry.counters.take_snapshot(
            cookie=settings.cookie.name,
            key_ids=[entry.key.key_id for entry in ring.entries],
            keyring_problem=settings.keyring.problem,
            max_token_characters=settings.max_token_characters,
            idle_timeout=settings.rules.idle,
            now=moment,
        )

    def configuration_json(self) -> str:
        """Return attributes, purpose and policy as one line of JSON, for implementations in other languages.

        The line holds no key. conformance/README.md describes its fields.
        """
        return render_configuration(self.settings)

    def __repr__(self) -> str:
        # If the constructor raised, there are no settings, but a traceback with local variables may still call repr.
        settings = getattr(self, "settings", None)
        return (
            "<CookieSessions>" if settings is None else f"<CookieSessions {settings.cookie.name} {settings.keyring!r}>"
        )


def _find_carrier(request: object) -> Mapping[str, Any]:
    carried: list[Any] = [getattr(request, name, None) for name in ("scope", "environ", "env")]
    for carrier in [*carried, request]:
        if isinstance(carrier, Mapping) and ("REQUEST_METHOD" in carrier or "type" in carrier):
            return cast("Mapping[str, Any]", carrier)
    if find_held_exchange(request) is not None:
        return {}
    raise TypeError(
        "sessions.get takes an ASGI scope, a WSGI environ, or a request that has one as scope, environ or env, "
        f"got {type(request).__name__}"
    )
