"""How several wrappers around one request find the same exchange, and how ``sessions.get`` finds it.

A scope or environ holds its exchanges under PLACE, as a linked list: a pair of the last exchange and the list
before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar

from .exchange import Exchange
from .headers.cookie_header import read_cookie_field
from .session.mapping import Cookies
from .session.session import Session
from .session.state import SessionState
from .settings import Settings

T = TypeVar("T")

PLACE = "cookiejar_session.exchange"
_EMPTY = ""

# A pair of an exchange and the entry before it, or None. The second type is Any: pyright does not fully understand a
# type that refers to itself.
Entry: TypeAlias = tuple[Exchange[Any], Any]

# The ASGI request that is being served, as a list of two: an object that identifies the request (the mark), and its
# scope. This variable is for adapters that do not pass the scope to a WSGI application.
#
# A context variable leaks into tasks and workers that start during a request. So it is used only if the environ was
# made from that scope. The environ's REQUEST_METHOD must be the mark itself, not an equal string, and the environ's
# Cookie field must be the scope's. The method is a good place for the mark: every request has one, adapters pass it on
# unchanged, and few middlewares have a reason to replace it. A middleware may replace the method of every request with
# one stored string. If that string is the mark of one visitor's request, the requests of all others have this mark too.
# So the Cookie field is compared too.
#
# The list is emptied when the request ends. A task that still runs after that has a copy of the context. The task must
# not keep the scope alive, since the scope holds the visitor's session. So an emptied list means the same as None.
current: ContextVar[list[Any] | None] = ContextVar("cookiejar_session.current", default=None)


def mark_scope(scope: MutableMapping[str, Any]) -> object:
    """Replace the scope's HTTP method with an equal string that is a unique object, and return that string.

    Returns None if there is no method, or only one character.
    """
    method = scope.get("method", "")
    # Equal strings of one character are always the same object.
    if len(method) < 2:
        return None
    # Joining two strings makes a new object, even if one of them is empty.
    mark = scope["method"] = f"{method}{_EMPTY}"
    return mark


def join_exchange(carrier: MutableMapping[str, Any], settings: Settings) -> Exchange[Any] | None:
    """Find the exchange of an outer wrapper that has the same session as this wrapper.

    The outer wrapper finishes the exchange. Finished exchanges are removed, since a scope or environ may be used for a
    second request. If an outer wrapper uses the same cookie name for a different session, a warning is logged.
    """
    # Most requests have no outer wrapper. For these, the search would take a tenth of the time of a request that reads
    # the session.
    if PLACE not in carrier and "asgi.scope" not in carrier and "wsgi_environ" not in carrier and not current.get():
        return None
    _drop_entries(carrier, lambda exchange: exchange.is_finished)
    exchange = find_exchange(carrier, settings)
    if exchange is not None:
        return None if exchange.is_finished else exchange
    name = settings.cookie.name
    if _find(carrier, lambda other: other.settings.cookie.name == name and not other.is_finished) is not None:
        settings.telemetry.warn_same_name(carrier)
    return None


def _drop_entries(carrier: MutableMapping[str, Any], is_over: Callable[[Exchange[Any]], bool]) -> None:
    """Remove exchanges from a scope or environ, beginning with the newest, until one is found that is not over."""
    entry: Entry | None = carrier.pop(PLACE, None)
    while entry is not None and is_over(entry[0]):
        entry = entry[1]
    if entry is not None:
        carrier[PLACE] = entry


def find_exchange(carrier: Mapping[str, Any], settings: Settings) -> Exchange[Any] | None:
    """Find the exchange of these settings in a scope or environ, or in the scope or environ around it."""
    return _find(carrier, lambda exchange: exchange.serves(settings))


def find_other_exchange(carrier: Mapping[str, Any], name: str) -> Exchange[Any] | None:
    """Find any exchange of a request, for an error message: one with the cookie ``name`` if there is one."""
    same_name = _find(carrier, lambda exchange: exchange.settings.cookie.name == name)
    return same_name or _find(carrier, lambda exchange: True)


def find_held_exchange(request: object) -> Exchange[Any] | None:
    """Return the exchange of ``request.session`` if that is a session of the Django integration.

    Tests make such requests without a wrapper. The request of ``Client.login()`` has not even an environ.
    """
    # Look into __dict__, where Django puts the session: the property ``session`` of other frameworks may raise.
    session = getattr(request, "__dict__", {}).get("session")
    exchange: Exchange[Any] | None = getattr(session, "exchange", None)
    return exchange if isinstance(exchange, Exchange) else None


def _find(carrier: Mapping[str, Any], is_wanted: Callable[[Exchange[Any]], bool]) -> Exchange[Any] | None:
    exchange = _find_in(carrier, is_wanted)
    if exchange is None and "asgi.scope" in carrier:
        exchange = _find_in_scope(carrier["asgi.scope"], is_wanted)
    if exchange is None and "wsgi_environ" in carrier:
        exchange = _find(carrier["wsgi_environ"], is_wanted)
    if exchange is not None or "REQUEST_METHOD" not in carrier:
        return exchange
    scope = _find_current_scope(carrier)
    return None if scope is None else _find_in_scope(scope, is_wanted)


def _find_in_scope(scope: Mapping[str, Any], is_wanted: Callable[[Exchange[Any]], bool]) -> Exchange[Any] | None:
    exchange = _find_in(scope, is_wanted)
    # The ASGI application of this scope may itself be inside a WSGI application.
    return _find_in(scope.get("wsgi_environ", {}), is_wanted) if exchange is None else exchange


def _find_in(carrier: Mapping[str, Any], is_wanted: Callable[[Exchange[Any]], bool]) -> Exchange[Any] | None:
    entry: Entry | None = carrier.get(PLACE)
    while entry is not None:
        exchange, entry = entry
        if is_wanted(exchange):
            return exchange
    return None


def _find_current_scope(environ: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the scope of the current ASGI request if the environ was made from it."""
    # Copy the list, since another thread may empty it when the request ends.
    request: list[Any] = list(current.get() or ()) or [None, {}]
    mark, scope = request
    if mark is not environ["REQUEST_METHOD"]:
        return None
    fields = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name.lower() == b"cookie"]
    # The known adapters join fields with ",". RFC 9113 8.2.3 requires "; ".
    return scope if environ.get("HTTP_COOKIE", "") in (",".join(fields), "; ".join(fields)) else None


class IntegrationExchange(Exchange[T]):
    """The exchange of a framework's integration, which ``sessions.get`` finds in the request's ``carrier``.

    The cookies are read from the carrier if ``cookie_header`` is left out.

    If a wrapper around the framework already serves the request, both use one session, and the wrapper saves it. Then
    :meth:`finish` only checks whether the session can be saved, while the framework can still send an error page.
    """

    __slots__ = ("_outer",)

    def __init__(
        self, settings: Settings, carrier: MutableMapping[str, Any], now: float, cookie_header: str = ""
    ) -> None:
        cookies: Cookies = cookie_header
        if not cookie_header:
            cookies = read_cookie_field(carrier) if "REQUEST_METHOD" in carrier else carrier.get("headers", ())
        super().__init__(settings, cookies, now, carrier)
        # If the framework opens the session several times in one request, the earlier exchanges are left unfinished.
        _drop_entries(carrier, lambda exchange: isinstance(exchange, IntegrationExchange))
        self._outer: Exchange[T] | None = join_exchange(carrier, settings)
        if self._outer is not None:
            self.session: Session[T] = self._outer.session
        carrier[PLACE] = self, carrier.get(PLACE)

    def _close(self) -> SessionState | None:
        """Close the session, or check it if a wrapper saves it later."""
        if self._outer is None:
            return super()._close()
        if self.session.is_accessed and self.session.is_modified:
            self.session.check()
        return None

    def end(self) -> None:
        """End the exchange, unless a wrapper ends it later."""
        if self._outer is None:
            super().end()
