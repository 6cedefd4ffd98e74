"""Where the exchanges of a request are published, and which still serve it. Knows nothing of what they do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .exchange import Exchange

# Where wrappers keep the exchanges of a request, in an environ or a scope, by the identity of their settings.
EXCHANGES = "cookiejar_session.exchanges"

Exchanges: TypeAlias = "Mapping[tuple[str, str], Exchange]"


# The exchanges of ASGI requests by the identity of the mark of their scope, for adapters that hand a WSGI application
# nothing of the scope but what PEP 3333 names. The mark is the very object that is the scope's method: adapters hand it
# on as it is; nothing on the way has cause to replace it, as proxy middlewares do the client's address, and no request
# is without one. The mark is kept with them, so that no other object can have its identity meanwhile.
by_mark: dict[int, tuple[object, Exchanges]] = {}


def list_exchanges(environ: Mapping[str, Any]) -> Exchanges:
    """The exchanges published with a WSGI environ, by this stack or the one around it."""
    published: Exchanges | None = environ.get(EXCHANGES) or environ.get("asgi.scope", {}).get(EXCHANGES)
    if published is not None:
        return published
    marked = by_mark.get(id(environ.get("REQUEST_METHOD")))
    return {} if marked is None else marked[1]


def drop_finished(exchanges: Exchanges) -> Exchanges:
    """Those that can still serve a request: an environ, and with it what was published, may be used again."""
    return {identity: exchange for identity, exchange in exchanges.items() if not exchange.is_finished}
