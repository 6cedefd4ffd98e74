"""Sharing: how several wrappers around one request find the same exchange, and how ``sessions.get`` finds it.

A scope or environ holds its exchanges under PLACE: the last one, and a pair of the same form for those before it.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar
from typing import Any, TypeAlias

from .exchange import Exchange
from .settings import Settings

PLACE = "cookiejar_session.exchange"
_EMPTY = ""

# (exchange, the entry before it or None). A type that refers to itself would be partly unknown to pyright.
Entry: TypeAlias = tuple[Exchange[Any], Any]

# The mark of an ASGI request and its scope, for adapters that hand a WSGI application nothing of the scope.
#
# A context variable leaks into tasks and workers that start during a request. It is believed only where the environ was
# made of that very scope: its REQUEST_METHOD is the mark, the same object and not only an equal one. Adapters hand on
# the method as it is, no middleware has a reason to replace it, and every request has one.
current: ContextVar[tuple[object, Mapping[str, Any]] | None] = ContextVar("cookiejar_session.current", default=None)


def mark_scope(scope: MutableMapping[str, Any]) -> object:
    """Give the scope a method that is an object of its own, and return that object; None where there is no method."""
    method = scope.get("method", "")
    # All strings of one character are one object.
    if len(method) < 2:
        return None
    # Joining two strings makes a new object, even where one of them is empty.
    mark = scope["method"] = f"{method}{_EMPTY}"
    return mark


def join_exchange(carrier: MutableMapping[str, Any], settings: Settings) -> Exchange[Any] | None:
    """Find the exchange of another wrapper around this one, which serves the same request and will finish it.

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
    # Around that ASGI application may be a WSGI application again.
    return _find_in(scope.get("wsgi_environ", {}), settings) if exchange is None else exchange


def _find_in(carrier: Mapping[str, Any], settings: Settings) -> Exchange[Any] | None:
    entry: Entry | None = carrier.get(PLACE)
    while entry is not None:
        exchange, entry = entry
        if exchange.settings.identity == settings.identity:
            return exchange
    return None
