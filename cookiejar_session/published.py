"""Where the exchanges of a request are published, and how one is found again. Knows nothing of what they do.

A scope or environ holds them under PLACE: the one published last, and what stood there before.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .exchange import Exchange

PLACE = "cookiejar_session.exchange"

# An exchange, and such a pair or None: those published before it with the same scope or environ. Not written as a type
# that refers to itself, which pyright takes for partly unknown.
Published: TypeAlias = "tuple[Exchange, Any]"

# The mark of an ASGI request's scope, the very object that is its method, and that scope.
Current: TypeAlias = "tuple[object, Mapping[str, Any]]"

# For adapters that hand a WSGI application nothing of the scope but what PEP 3333 names. A context variable leaks into
# tasks and workers that are started during a request, so it is believed only where the environ was made of that scope:
# where its method is the mark, the same object and not only an equal one. Adapters hand on the method as it is; nothing
# on the way has cause to replace it, as proxy middlewares do the client's address, and no request is without one.
current: ContextVar[Current | None] = ContextVar("cookiejar_session.current", default=None)


def find_published(carrier: Mapping[str, Any], identity: str) -> Exchange | None:
    """The exchange that this very scope or environ holds for settings of this identity, if there is one."""
    published: Published | None = carrier.get(PLACE)
    while published is not None:
        exchange, published = published
        if exchange.settings.identity == identity:
            return exchange
    return None


def find_exchange(environ: Mapping[str, Any], identity: str) -> Exchange | None:
    """The exchange published with a WSGI environ, by this stack or one around it, if there is one."""
    exchange = find_published(environ, identity)
    if exchange is None and "asgi.scope" in environ:
        exchange = _find_in_scope(environ["asgi.scope"], identity)
    if exchange is not None:
        return exchange
    outer, method = current.get(), environ.get("REQUEST_METHOD")
    if outer is None or method is None:
        return None
    mark, scope = outer
    return _find_in_scope(scope, identity) if mark is method else None


def _find_in_scope(scope: Mapping[str, Any], identity: str) -> Exchange | None:
    exchange = find_published(scope, identity)
    # Around that ASGI stack may be a WSGI stack again.
    return find_published(scope.get("wsgi_environ", {}), identity) if exchange is None else exchange


def drop_finished(carrier: dict[str, Any]) -> Published | None:
    """What is published there and goes on: a scope or environ may be used again, also after an inner response only."""
    published: Published | None = carrier.pop(PLACE, None)
    while published is not None and published[0].is_finished:
        published = published[1]
    if published is not None:
        carrier[PLACE] = published
    return published
