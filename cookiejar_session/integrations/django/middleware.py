"""The middleware for Django's MIDDLEWARE setting: begins an exchange for each request and finishes it."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from http.cookies import Morsel
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.sessions import middleware
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from ...errors import CookiejarError, SessionCommittedError
from ...exchange import Exchange
from ...session.session import Session
from .client_sessions import replace_saved
from .configuration import get_sessions
from .store import RequestSession, SessionStore

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

_EXCHANGE = "_cookiejar_session_exchange"


class SessionMiddleware(middleware.SessionMiddleware):
    """Gives each request a session. It replaces Django's own SessionMiddleware.

    ``sessions.get(request)`` returns the same session, as an object of the class :class:`~cookiejar_session.Session`.
    Inside a wrapper of the same sessions (``sessions.wsgi`` or ``sessions.asgi``), the wrapper saves the session.
    """

    def __init__(self, get_response: Any) -> None:
        # The constructor of Django's middleware is not called. It would import the engine, which may need a database
        # table.
        MiddlewareMixin.__init__(self, get_response)
        self.SessionStore: Any = SessionStore
        # Make the sessions here, so that a missing key raises an error when the server starts, not in a request.
        get_sessions()

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        # Django's own middleware calls process_request and process_response in a thread, because a session engine with
        # a store makes the server wait. This middleware has no store, so it needs no thread.
        self.process_request(request)
        get_response: Any = self.get_response
        response: HttpResponseBase = self.process_response(request, await get_response(request))
        return response

    def process_request(self, request: HttpRequest) -> None:
        """Put the session into the request. The session is opened when it is first touched."""
        sessions = get_sessions()
        cookies = _read_cookies(request, sessions.settings.cookie.name)
        carrier: Any = getattr(request, "scope", None) or getattr(request, "environ", {})
        exchange = sessions.begin(cookies, carrier=carrier)
        setattr(request, _EXCHANGE, exchange)
        request.session = RequestSession(exchange, cookies)

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        """Save the session: set its cookie, Vary and Cache-Control. A 5xx response saves no changes, as in Django.

        Raises UnsupportedValueError and SessionTooLargeError, for which Django sends its page for the status 500.
        """
        exchange: Exchange[Any] | None = getattr(request, _EXCHANGE, None)
        if exchange is None:
            return response
        store = getattr(request, "session", None)
        if settings.SESSION_SAVE_EVERY_REQUEST and isinstance(store, RequestSession) and store.has_cookie:
            exchange.session.mark_accessed()
        if exchange.session.is_accessed:
            _prepare(store, exchange.session, response.status_code)
            _finish(exchange, response)
        else:
            exchange.finish(())
        if response.streaming:
            response._resource_closers.append(exchange.end)
        else:
            # Django's cache pickles a response that is not streamed, so the response must not refer to the session.
            exchange.end()
        return response


def _read_cookies(request: HttpRequest, name: str) -> str:
    header: str = request.META.get("HTTP_COOKIE", "")
    if not header:
        # Tests can put a cookie into request.COOKIES without a header field.
        value = request.COOKIES.get(name)
        return "" if value is None else f"{name}={replace_saved(value)}"
    return replace_saved(header)


def _prepare(store: object, session: Session[Any], status: int) -> None:
    """Prepare the session to be saved as Django would save it. If the response is a 5xx, drop the changes instead."""
    if status >= 500:
        if isinstance(store, RequestSession) and store.was_flushed:
            # A logout takes effect even if the response is a 5xx, as with Django's own engines.
            session.discard()
        else:
            session.revert()
            session.keep_expiry()
        return
    if isinstance(store, RequestSession):
        store.ask_for_token()
    if settings.SESSION_SAVE_EVERY_REQUEST and not session.is_new:
        session.renew()


def _finish(exchange: Exchange[Any], response: Any) -> None:
    """Finish the exchange, and put the header fields that it returns into the response."""
    before = [*response.items(), *[("set-cookie", each.OutputString()) for each in response.cookies.values()]]
    try:
        after = exchange.finish(before, status=response.status_code)
    except CookiejarError:
        # If there is a wrapper around Django, it saves the session later, when Django's error page is sent. So undo the
        # changes that cannot be saved. If there is no wrapper, the session is closed already, and revert() raises
        # SessionCommittedError.
        with suppress(SessionCommittedError):
            exchange.session.revert()
        raise
    if after == before:
        # A wrapper around Django saves the session. But Django's cache reads Vary before that.
        patch_vary_headers(response, ("Cookie",))
        return
    for name, _ in [field for field in before if field not in after]:
        del response.headers[name]
    set_cookies: list[str] = []
    for name, value in [field for field in after if field not in before]:
        if name == "set-cookie":
            set_cookies.append(value)
        else:
            response.headers[name.title()] = value
    for index, value in enumerate(set_cookies):
        cookie = _Cookie(value)
        # A previous cookie may have the same name and a different path. Django's dict has one cookie for each key, so
        # the key gets a number.
        response.cookies[f"{cookie.key} {index}" if index else cookie.key] = cookie


class _Cookie(Morsel[str]):
    """A cookie made of a Set-Cookie field value, for Django's ``response.cookies``."""

    # Python 3.13 and earlier do not know the attribute Partitioned.
    _reserved: ClassVar[dict[str, str]] = {**Morsel._reserved, "partitioned": "Partitioned"}  # type: ignore[attr-defined]
    _flags: ClassVar[set[str]] = Morsel._flags | {"partitioned"}  # type: ignore[attr-defined]

    def __init__(self, field: str) -> None:
        pair, _, attributes = field.partition("; ")
        name, _, token = pair.partition("=")
        # Morsel's own constructor, and setting each attribute, take 5 % of the time of a request that changes the
        # session.
        super(Morsel, self).update(self._parse_attributes(attributes))
        self.set(name, token, token)

    @staticmethod
    @lru_cache(maxsize=64)
    def _parse_attributes(text: str) -> dict[str, Any]:
        """Return the items of a Morsel with these attributes of a Set-Cookie field value."""
        items: dict[str, Any] = dict.fromkeys(_Cookie._reserved, "")
        for attribute in text.split("; "):
            key, _, value = attribute.partition("=")
            items[key.lower()] = value or True
        return items
