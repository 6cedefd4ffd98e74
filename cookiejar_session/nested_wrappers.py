"""How several wrappers around one request find the same exchange, and how ``sessions.get`` finds it.

A scope or environ holds its exchanges under PLACE, as a linked list: a pair of the last exchange and the list
before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar

from .exchange import Exchange
from .headers.cookie_header import read_cookie_field
from .headers.response import Headers
from .settings import Settings

T = TypeVar("T")

PLACE = "cookiejar_session.exchange"
_EMPTY = ""

# A pair of an exchange and the entry before it, or None. The second type is Any: pyright does not fully understand a
# type that refers to itself.
Entry: TypeAlias = tuple[Exchange[Any], Any]

# An object that identifies an ASGI request (the mark), and the scope of that request: for adapters that do not pass the
# scope to a WSGI application.
#
# A context variable leaks into tasks and workers that start during a request. It is used only if the environ was made
# from that scope: if the environ's REQUEST_METHOD is the mark itself, not an equal string. The method is a good place
# for the mark: every request has one, adapters pass it on unchanged, and no middleware has a reason to replace it.
current: ContextVar[tuple[object, Mapping[str, Any]] | None] = ContextVar("cookiejar_session.current", default=None)


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
    """Find the exchange of an outer wrapper with the same settings; that wrapper will finish the exchange.

    Finished exchanges are removed from the scope or environ, which may be used again.
    """
    entry: Entry | None = carrier.pop(PLACE, None)
    while entry is not None and entry[0].is_finished:
        entry = entry[1]
    if entry is not None:
        carrier[PLACE] = entry
    exchange = find_exchange(carrier, settings)
    return None if exchange is None or exchange.is_finished else exchange


def find_exchange(carrier: Mapping[str, Any], settings: Settings) -> Exchange[Any] | None:
    """Find the exchange of these settings in a scope or environ, or in the scope or environ around it."""
    exchange = _find_in(carrier, settings)
    if exchange is None and "asgi.scope" in carrier:
        exchange = _find_in_scope(carrier["asgi.scope"], settings)
    if exchange is None and "wsgi_environ" in carrier:
        exchange = find_exchange(carrier["wsgi_environ"], settings)
    if exchange is not None or "REQUEST_METHOD" not in carrier:
        return exchange
    mark, scope = current.get() or (None, {})
    return _find_in_scope(scope, settings) if mark is carrier["REQUEST_METHOD"] else None


def _find_in_scope(scope: Mapping[str, Any], settings: Settings) -> Exchange[Any] | None:
    exchange = _find_in(scope, settings)
    # That ASGI application may itself be inside a WSGI application.
    return _find_in(scope.get("wsgi_environ", {}), settings) if exchange is None else exchange


def _find_in(carrier: Mapping[str, Any], settings: Settings) -> Exchange[Any] | None:
    entry: Entry | None = carrier.get(PLACE)
    while entry is not None:
        exchange, entry = entry
        if exchange.settings.identity == settings.identity:
            return exchange
    return None


class IntegrationExchange(Exchange[T]):
    """The exchange of a framework's integration, which ``sessions.get`` finds in the request's ``carrier``.

    If a wrapper around the framework already serves the request, both have one session and the wrapper saves it:
    :meth:`finish` only checks whether it can be saved, while the framework can still answer with an error page.
    """

    __slots__ = ("_outer",)

    def __init__(self, settings: Settings, carrier: MutableMapping[str, Any], now: float) -> None:
        cookies = read_cookie_field(carrier) if "REQUEST_METHOD" in carrier else carrier.get("headers", ())
        super().__init__(settings, cookies, now, carrier)
        if PLACE in carrier:
            _forget_integrations(carrier)
        self._outer = join_exchange(carrier, settings)
        if self._outer is not None:
            self.session = self._outer.session
        carrier[PLACE] = self, carrier.get(PLACE)

    def finish(self, headers: Iterable[tuple[str, str]], **options: Any) -> Headers:
        """Save the session, as :meth:`Exchange.finish` does, or check it if a wrapper saves it later."""
        if self._outer is None:
            return super().finish(headers, **options)
        if self.session.is_accessed and self.session.is_modified:
            self.session.check()
        return list(headers)

    def end(self) -> None:
        """End the exchange, unless a wrapper ends it later."""
        if self._outer is None:
            super().end()


def _forget_integrations(carrier: MutableMapping[str, Any]) -> None:
    """Remove exchanges that an integration left unfinished: a framework may open one request several times."""
    entry: Entry | None = carrier.pop(PLACE, None)
    while entry is not None and isinstance(entry[0], IntegrationExchange):
        entry = entry[1]
    if entry is not None:
        carrier[PLACE] = entry
