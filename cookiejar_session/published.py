"""Where the exchanges of a request are published, and which still serve it. Knows nothing of what they do."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .exchange import Exchange

# Where wrappers keep the exchanges of a request, in an environ or a scope, by the identity of their settings.
EXCHANGES = "cookiejar_session.exchanges"

Exchanges: TypeAlias = "Mapping[tuple[str, str], Exchange]"


# The mark of an ASGI request's scope, the very object that is its method, and the exchanges of the request.
Current: TypeAlias = "tuple[object, Exchanges]"

# For adapters that hand a WSGI application nothing of the scope but what PEP 3333 names. A context variable leaks into
# tasks and workers that are started during a request, so it is believed only where the environ was made of that scope:
# where its method is the mark, the same object and not only an equal one. Adapters hand on the method as it is; nothing
# on the way has cause to replace it, as proxy middlewares do the client's address, and no request is without one.
current: ContextVar[Current | None] = ContextVar("cookiejar_session.current", default=None)


def list_exchanges(environ: Mapping[str, Any]) -> Exchanges:
    """The exchanges published with a WSGI environ, by this stack or the one around it."""
    published: Exchanges | None = environ.get(EXCHANGES) or environ.get("asgi.scope", {}).get(EXCHANGES)
    if published is not None:
        return published
    outer, method = current.get(), environ.get("REQUEST_METHOD")
    if outer is None or method is None:
        return {}
    mark, exchanges = outer
    return exchanges if mark is method else {}


def drop_finished(exchanges: Exchanges) -> Exchanges:
    """Those that can still serve a request: an environ, and with it what was published, may be used again."""
    return {identity: exchange for identity, exchange in exchanges.items() if not exchange.is_finished}
