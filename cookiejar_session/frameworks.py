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
    """Open the session at once: Litestar's ``request.session`` has no hook, and its serializer reads at C level."""
    session.mark_accessed()


def place_in_environ(environ: MutableMapping[str, Any], session: Session[Any]) -> None:
    """Put the session where ``request.session`` of Bottle and WebOb finds it.

    The validator of wsgiref refuses other objects under keys without a dot.
    """
    environ["cookiejar_session.session"] = environ["bottle.request.ext.session"] = session
    environ["webob.adhoc_attrs"] = {**environ.get("webob.adhoc_attrs", {}), "session": session}


def take_replacement(scope: Mapping[str, Any], exchange: Exchange[Any]) -> None:
    """Take over what Litestar puts in the place of the session: ``set_session`` and ``clear_session`` do so.

    Elsewhere, what stands there belongs to other software, most often to another session middleware: taking it over
    would end the visitor's session. A mapping is reported once, since an application may have put it there.
    """
    content = scope.get("session")
    if content is exchange.session or isinstance(content, Session):
        return
    if "litestar_app" in scope:
        exchange.adopt(content)
    elif issubclass(type(content), Mapping):
        exchange.settings.telemetry.warn_replaced()
