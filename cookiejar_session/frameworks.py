"""Facts about frameworks: where they look for a session, and how to wrap their applications."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Literal, NoReturn

from .deferred_calls import is_async
from .exchange import Exchange
from .session.session import Session
from .settings import Settings

Interface = Literal["wsgi", "asgi"]

_ADD_MIDDLEWARE = (
    "app.add_middleware(SessionMiddleware, sessions=sessions), "
    "with from cookiejar_session.asgi import SessionMiddleware"
)
# What find_wrapping_line() returns for a request of Django. It is a setting and not a code line, since Django's test
# client calls neither wsgi.py nor asgi.py.
_DJANGO = '"cookiejar_session.integrations.django.SessionMiddleware" to MIDDLEWARE'
# The code line that wraps an application. The key is a pair: the framework, which is the package of the application's
# class, and the interface.
_LINES = {
    ("flask", "wsgi"): "app.wsgi_app = sessions.wsgi(app.wsgi_app)",
    ("quart", "asgi"): "app.asgi_app = sessions.asgi(app.asgi_app)",
    ("fastapi", "asgi"): _ADD_MIDDLEWARE,
    ("starlette", "asgi"): _ADD_MIDDLEWARE,
    ("litestar", "asgi"): "Litestar(..., middleware=[sessions.asgi])",
    ("django", "wsgi"): "application = sessions.wsgi(get_wsgi_application())",
    ("django", "asgi"): "application = sessions.asgi(get_asgi_application())",
    ("pyramid", "wsgi"): "app = sessions.wsgi(config.make_wsgi_app())",
}
_KINDS = {"wsgi": "a WSGI application", "asgi": "an ASGI application"}
_ARGUMENTS = {"wsgi": ("environ", "start_response"), "asgi": ("scope", "receive", "send")}


def check_application(app: object, interface: Interface) -> None:
    """Raise TypeError if ``app`` cannot be an application of this interface.

    ``app`` must accept the arguments of the interface, and a WSGI application must not be async. ``*args`` accepts any
    number of arguments. If ``app`` is an application of the other interface, the message shows the line that wraps it.
    """
    wanted = f"sessions.{interface} takes {_KINDS[interface]}"
    if not callable(app):
        raise TypeError(f"{wanted}, which is callable, got {type(app).__name__}")
    is_coroutine = interface == "wsgi" and is_async(app)
    if _takes(app, interface) and not is_coroutine:
        return
    name = getattr(app, "__qualname__", type(app).__qualname__)
    other: Interface = "asgi" if interface == "wsgi" else "wsgi"
    if _takes(app, other):
        # In Flask, app.wsgi_app is a bound method, so examine the object that it is bound to.
        line = _find_line([type(getattr(app, "__self__", app))], other)
        raise TypeError(f"{wanted}, but {name} is {_KINDS[other]}; write {line}")
    problem = "is async" if is_coroutine else "has other parameters"
    raise TypeError(f"{wanted}, called with ({', '.join(_ARGUMENTS[interface])}), but {name} {problem}")


def find_wrapping_line(request: object, carrier: Mapping[str, Any]) -> str:
    """Return the code line that wraps the application that received ``request``. It depends on the framework.

    ``carrier`` is the request's environ or scope.
    """
    if _is_of_django(request):
        return _DJANGO
    interface: Interface = "wsgi" if "REQUEST_METHOD" in carrier else "asgi"
    made_by: list[type[Any]] = [
        request.__class__,
        *(type(carrier.get(key)) for key in ("litestar_app", "app", "werkzeug.request")),
    ]
    return _find_line(made_by, interface)


def find_alternative(request: object, carrier: Mapping[str, Any], *, is_same_name: bool) -> str:
    """Return the end of an error message for a request that passed a wrapper of other sessions.

    ``is_same_name`` says that both sessions have one cookie name. A second wrapper would then overwrite the cookie of
    the first, so it is no alternative.
    """
    if _is_of_django(request):
        return "and name it in COOKIEJAR_SESSIONS"
    if is_same_name:
        return "or give both the same purpose and keys"
    return f"or add {find_wrapping_line(request, carrier)}"


def _is_of_django(request: object) -> bool:
    # Use request.__class__ and not type(request), since the request of Flask and Quart is a proxy.
    return "django" in _list_packages(request.__class__)


def _find_line(kinds: list[type], interface: Interface) -> str:
    lines = (_LINES.get((package, interface)) for kind in kinds for package in _list_packages(kind))
    return next((line for line in lines if line), f"app = sessions.{interface}(app)")


def _list_packages(kind: type) -> Iterator[str]:
    """Yield the names of the packages that define a class and its base classes. No framework is imported for this."""
    for each in kind.__mro__:
        yield each.__module__.partition(".")[0]


def _takes(app: Any, interface: Interface) -> bool:
    """Whether ``app`` can be called with the arguments of an interface."""
    try:
        # The server calls the function that a decorator returns, so examine that one and not the decorated function.
        signature = inspect.signature(app, follow_wrapped=False)
    except (TypeError, ValueError):
        # A function in C may have no signature.
        return True
    try:
        signature.bind(*_ARGUMENTS[interface])
    except TypeError:
        return False
    return True


def is_litestar(app: object) -> bool:
    """Whether ``app`` is an object of Litestar, such as its application. Litestar is not imported."""
    return "litestar" in _list_packages(type(app))


def prepare_litestar(session: Session[Any]) -> None:
    """Open the session at once, since Litestar may read it without a call of our methods.

    Litestar's ``request.session`` returns the object in the scope, and its serializer reads the dict directly.
    """
    session.mark_accessed()


def place_in_environ(environ: MutableMapping[str, Any], session: Session[Any]) -> None:
    """Put the session where ``request.session`` of Bottle and WebOb finds it.

    Each key contains a dot, since the validator of wsgiref accepts only strings under keys without a dot.
    """
    environ["cookiejar_session.session"] = environ["bottle.request.ext.session"] = session
    environ["webob.adhoc_attrs"] = {**environ.get("webob.adhoc_attrs", {}), "session": session}


class RefusedByFastAPI:
    """An annotation that makes FastAPI refuse a parameter, at the line that declares the route.

    FastAPI would take the argument of ``Depends(sessions.get)`` from the query string. To do so, FastAPI asks pydantic
    for the schema of the annotation. Then pydantic calls the method of this class, which raises TypeError.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> NoReturn:
        raise TypeError(
            "Depends(sessions.get) does not work, since FastAPI takes its argument from the query; write "
            "Depends(session_dependency(sessions)), with "
            "from cookiejar_session.integrations.fastapi import session_dependency"
        )


def is_place_free(scope: Mapping[str, Any], settings: Settings) -> bool:
    """Whether the session may be put at ``scope["session"]``: no session of other software is there.

    A session of an outer wrapper of this package may be replaced. Starlette's session middleware would write our data
    into its own cookie, which is signed but not encrypted. A warning about this is logged once.
    """
    if scope["session"] is None or isinstance(scope["session"], Session):
        return True
    settings.telemetry.warn_outer(scope)
    return False


def take_replacement(scope: Mapping[str, Any], exchange: Exchange[Any]) -> None:
    """Adopt the content that Litestar's ``set_session`` or ``clear_session`` put in the session's place.

    In other frameworks, an object in the session's place belongs to other software, most often to a second session
    middleware. Adopting this object would end the visitor's session. If the object is a mapping, a warning is logged
    once, since the application itself may have put the mapping there and expect it to be saved.
    """
    content = scope.get("session")
    if content is exchange.session or isinstance(content, Session):
        return
    if "litestar_app" in scope:
        exchange.adopt(content)
    elif issubclass(type(content), Mapping):
        exchange.settings.telemetry.warn_replaced(scope)
