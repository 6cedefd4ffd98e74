"""Where frameworks look for a session: Starlette and FastAPI, Litestar, Bottle and WebOb."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from .exchange import Exchange
from .session.session import Session


def is_litestar(app: object) -> bool:
    """Whether ``app`` is an object of Litestar, such as its application. Litestar is not imported."""
    return any(each.__module__.partition(".")[0] == "litestar" for each in type(app).__mro__)


def prepare_litestar(session: Session[Any]) -> None:
    """Open the session at once: Litestar's ``request.session`` has no hook, and its serializer bypasses our methods."""
    session.mark_accessed()


def place_in_environ(environ: MutableMapping[str, Any], session: Session[Any]) -> None:
    """Put the session where ``request.session`` of Bottle and WebOb finds it.

    Each key contains a dot: under keys without a dot, the validator of wsgiref accepts only strings.
    """
    environ["cookiejar_session.session"] = environ["bottle.request.ext.session"] = session
    environ["webob.adhoc_attrs"] = {**environ.get("webob.adhoc_attrs", {}), "session": session}


def take_replacement(scope: Mapping[str, Any], exchange: Exchange[Any]) -> None:
    """Adopt the content that Litestar's ``set_session`` or ``clear_session`` put in the session's place.

    In other frameworks, an object in the session's place belongs to other software, most often to another session
    middleware: adopting it would end the visitor's session. A mapping is reported once, since the application itself
    may have put it there.
    """
    content = scope.get("session")
    if content is exchange.session or isinstance(content, Session):
        return
    if "litestar_app" in scope:
        exchange.adopt(content)
    elif issubclass(type(content), Mapping):
        exchange.settings.telemetry.warn_replaced(scope)
