"""Helpers for tests of applications: minted cookies, and signing in with the test client of a framework."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from email.message import Message
from http.cookiejar import CookieJar
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any, TypeVar, cast
from urllib.parse import urljoin, urlsplit
from urllib.request import Request

from .cookie_sessions import CookieSessions
from .errors import ConfigError, quote
from .headers.set_cookie import CookieAttributes
from .session.minted_cookie import MintedCookie

T = TypeVar("T")

_NO_TIME = timedelta(0)


def minted_cookie(
    sessions: CookieSessions[T],
    data: T | Mapping[str, Any] | None = None,
    *,
    flash: Iterable[tuple[str, Any]] = (),
    persistent: bool | None = None,
    age: timedelta = _NO_TIME,
) -> MintedCookie:
    """Return the cookie of a session that began, and was last saved, ``age`` ago.

    With an ``age`` a test shows what happens when a session is renewed, resealed or expired. The other arguments and
    the errors are those of :meth:`CookieSessions.mint`.
    """
    return sessions.mint(data, flash=flash, persistent=persistent, now=time.time() - age.total_seconds())


def sign_in(
    client: object,
    data: Any = None,
    *,
    sessions: CookieSessions[Any],
    flash: Iterable[tuple[str, Any]] = (),
    persistent: bool | None = None,
    age: timedelta = _NO_TIME,
    base_url: str | None = None,
) -> MintedCookie:
    """Give a test client the cookie of a session with ``data``, as if a response had set it, and return the cookie.

    ``client`` is the test client of Starlette, FastAPI, Flask, Quart, Django or WebTest, or an httpx client.
    ``base_url`` is the URL of the requests, if it differs from the client's own base URL. The other arguments are those
    of :func:`minted_cookie`.

    Raises ConfigError if the client would not send the cookie, such as a Secure cookie over http; the message says how
    to solve the problem. Raises TypeError for another client, and the errors of :meth:`CookieSessions.mint`.
    """
    minted = minted_cookie(sessions, data, flash=flash, persistent=persistent, age=age)
    attributes, tools = sessions.settings.cookie, cast("Any", client)
    cookies = getattr(client, "cookies", None)
    places = ((cookies, "jar"), (client, "cookiejar"), (client, "cookie_jar"))
    jars = [getattr(each, name, None) for each, name in places]
    jar = next((each for each in jars if isinstance(each, CookieJar)), None)
    if jar is not None:
        _set_in_jar(jar, attributes, minted.token, base_url or _find_url(tools))
    elif isinstance(cookies, SimpleCookie):
        _set_in_django(cookies, attributes, minted.token)
    elif hasattr(client, "set_cookie") and hasattr(client, "application"):
        _set_in_flask(tools, attributes, minted.token, base_url)
    else:
        raise TypeError(
            "sign_in takes the test client of Starlette, FastAPI, Flask, Quart, Django or WebTest, or an httpx client, "
            f'got {type(client).__name__}; send the header field "Cookie: " + minted_cookie(sessions, data).header'
        )
    return minted


def _set_in_jar(jar: CookieJar, attributes: CookieAttributes, token: str, url: str) -> None:
    """Let a jar of the standard library read a response, and check that the next request sends the cookie."""
    fields = Message()
    fields["Set-Cookie"] = attributes.render(token, max_age=None)
    request = Request(urljoin(url, attributes.path))  # noqa: S310 - nothing is opened
    jar.extract_cookies(cast("Any", SimpleNamespace(info=lambda: fields)), request)
    jar.add_cookie_header(request)
    if token in (request.get_header("Cookie") or ""):
        return
    if attributes.secure and request.type != "https":
        raise ConfigError(
            f"cookie {attributes.name} is Secure, so this client does not send it to {quote(url)}; write "
            'TestClient(app, base_url="https://testserver"), httpx.Client(base_url="https://..."), or '
            'webtest.TestApp(app, extra_environ={"wsgi.url_scheme": "https"})'
        )
    raise _refuse_host(attributes, url)


def _set_in_django(cookies: SimpleCookie, attributes: CookieAttributes, token: str) -> None:
    """Put the cookie into Django's client, which sends every cookie with every request, also over http."""
    cookies[attributes.name] = token
    morsel = cookies[attributes.name]
    morsel["path"] = attributes.path
    morsel["domain"] = attributes.domain or ""
    morsel["secure"] = attributes.secure
    morsel["httponly"] = attributes.httponly
    morsel["samesite"] = attributes.samesite or ""


def _set_in_flask(client: Any, attributes: CookieAttributes, token: str, base_url: str | None) -> None:
    """Put the cookie into Flask's client, which compares the host and the path, and sends a Secure cookie over http."""
    url = base_url or _find_server(client.application)
    host, domain = urlsplit(url).hostname or "", (attributes.domain or "").removeprefix(".").lower()
    if domain and not f".{host}".endswith(f".{domain}"):
        raise _refuse_host(attributes, url)
    client.set_cookie(
        attributes.name,
        token,
        domain=domain or host,
        origin_only=not domain,
        path=attributes.path,
        secure=attributes.secure,
        httponly=attributes.httponly,
        samesite=attributes.samesite,
    )


def _find_url(client: Any) -> str:
    """Return the URL of the requests of a client of Starlette, httpx, WebTest or Quart."""
    environ = getattr(client, "extra_environ", None)
    if isinstance(environ, dict):
        values = cast("dict[str, str]", environ)
        return f"{values.get('wsgi.url_scheme', 'http')}://{values.get('HTTP_HOST', 'localhost')}"
    if not hasattr(client, "base_url"):
        # Quart's client sends each cookie with each request, also a Secure one over http.
        return _find_server(client.app)
    url = str(client.base_url)
    if not url:
        raise ConfigError('the client has no base URL; write httpx.Client(base_url="https://...")')
    return url


def _find_server(app: Any) -> str:
    """Return an https URL with the host to which the test client of a Flask or Quart application sends requests.

    Such a client returns a Secure cookie over http too.
    """
    # An application of Werkzeug alone has no configuration.
    config = getattr(app, "config", {})
    return f"https://{config.get('SERVER_NAME') or 'localhost'}"


def _refuse_host(attributes: CookieAttributes, url: str) -> ConfigError:
    return ConfigError(
        f"a client at {quote(url)} does not send cookie {attributes.name} with Domain {attributes.domain}; give the "
        "client, or sign_in, a base_url under this domain"
    )
