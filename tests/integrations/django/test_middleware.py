"""The middleware inside Django's own chain: saving, cookies, caches, test clients, and wrappers around it."""

from __future__ import annotations

import asyncio
import pickle
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any, ClassVar

import pytest
from django.contrib.sessions.backends import signed_cookies
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client, RequestFactory, override_settings
from django.urls import path
from django.views.decorators.cache import cache_page, never_cache
from django.views.decorators.vary import vary_on_cookie

from cookiejar_session import (
    ConfigError,
    CookieAttributes,
    CookieSessions,
    Keyring,
    SessionCommittedError,
    SessionTooLargeError,
)
from cookiejar_session.integrations.django import SessionMiddleware, SessionStore
from cookiejar_session.integrations.django.configuration import MIDDLEWARE, get_sessions

pytestmark = pytest.mark.usefixtures("project")

View = Callable[[Any], Any]
CACHED = [
    "django.middleware.cache.UpdateCacheMiddleware",
    MIDDLEWARE,
    "django.middleware.cache.FetchFromCacheMiddleware",
]


def count(request: HttpRequest) -> HttpResponse:
    request.session["n"] = request.session.get("n", 0) + 1
    return HttpResponse(str(request.session["n"]))


async def count_async(request: ASGIRequest) -> HttpResponse:
    await request.session.aset("n", await request.session.aget("n", 0) + 1)
    return HttpResponse(str(await request.session.aget("n")))


def show(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.session.get("name")))


def say_hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def set_name(request: HttpRequest) -> HttpResponse:
    request.session["name"] = request.GET["name"]
    return HttpResponse(status=int(request.GET.get("status", 200)))


def log_out(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return HttpResponse(status=int(request.GET.get("status", 200)))


@pytest.fixture(autouse=True)
def urls(project: None) -> Iterator[None]:
    module: Any = ModuleType("integration_urls")
    module.urlpatterns = [
        path("count", count),
        path("count-async", count_async),
        path("show", show),
        path("hello", say_hello),
        path("set", set_name),
        path("log-out", log_out),
        path("cached", cache_page(60)(vary_on_cookie(show))),
        path("never", never_cache(show)),
    ]
    sys.modules["integration_urls"] = module
    with override_settings(ROOT_URLCONF="integration_urls"):
        yield
    del sys.modules["integration_urls"]


def serve(view: View, *, cookie: str = "", middleware: type[SessionMiddleware] = SessionMiddleware) -> Any:
    return middleware(view)(RequestFactory().get("/", HTTP_COOKIE=cookie))


def mint(data: dict[str, Any]) -> str:
    return get_sessions().mint(data).header


def test_a_visitor_keeps_the_session() -> None:
    client = Client()
    assert [client.get("/count").content for _ in range(3)] == [b"1", b"2", b"3"]


def test_an_asynchronous_view_keeps_the_session() -> None:
    async def visit() -> list[bytes]:
        client = AsyncClient()
        return [(await client.get("/count-async")).content for _ in range(3)]

    assert asyncio.run(visit()) == [b"1", b"2", b"3"]


def test_an_untouched_session_changes_nothing_in_the_response() -> None:
    response = serve(lambda request: HttpResponse("ok"), cookie=mint({"name": "ada"}))
    assert (list(response.headers), dict(response.cookies)) == (["Content-Type"], {})


def test_a_session_that_was_read_makes_the_response_vary() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.session["name"], headers={"Vary": "Accept-Language"})

    response = serve(view, cookie=mint({"name": "ada"}))
    assert (response["Vary"], dict(response.cookies)) == ("Accept-Language, Cookie", {})


def test_the_settings_are_the_cookie_s_attributes() -> None:
    with override_settings(
        SESSION_COOKIE_NAME="shop",
        SESSION_COOKIE_DOMAIN="example.com",
        SESSION_COOKIE_PATH="/shop/",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=False,
        SESSION_COOKIE_SAMESITE="strict",
        SESSION_COOKIE_AGE=600,
    ):
        cookie = serve(count).cookies["shop"]
    attributes = {name: value for name, value in cookie.items() if value}
    assert attributes == {
        "domain": "example.com",
        "path": "/shop/",
        "secure": True,
        "samesite": "Strict",
        "max-age": "600",
    }


def test_a_partitioned_cookie_is_rendered() -> None:
    cookie = CookieAttributes(name="sessionid", samesite="None", partitioned=True)
    with override_settings(COOKIEJAR_SESSIONS=CookieSessions(Keyring.generate(), cookie=cookie)):
        assert "; Partitioned" in serve(count).cookies["sessionid"].OutputString()


def test_a_response_with_the_cookie_can_be_pickled() -> None:
    response = serve(count)
    copied = pickle.loads(pickle.dumps(response.cookies["sessionid"]))  # noqa: S301 - our own pickle
    assert copied.OutputString() == response.cookies["sessionid"].OutputString()


def test_a_cookie_of_the_view_stays_beside_ours() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        response = count(request)
        response.set_cookie("theme", "dark")
        return response

    assert sorted(serve(view).cookies) == ["sessionid", "theme"]


def test_previous_cookies_of_one_name_are_all_deleted() -> None:
    keyring = Keyring.generate()
    previous = [CookieAttributes(name="sessionid", path=path) for path in ("/shop", "/blog")]
    before = CookieSessions(keyring, cookie=previous[0])
    sessions = CookieSessions(keyring, cookie=CookieAttributes(name="session"), previous=previous, purpose="sessionid")
    with override_settings(COOKIEJAR_SESSIONS=sessions, SESSION_COOKIE_NAME="session"):
        response = serve(log_out, cookie=before.mint({"name": "ada"}).header)
    paths = sorted(cookie["path"] for cookie in response.cookies.values())
    assert paths == ["/", "/blog", "/shop"]


def test_cache_control_is_replaced() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        response = count(request)
        response["Cache-Control"] = "public, max-age=60"
        return response

    response = serve(view)
    assert response["Cache-Control"] == "private, max-age=60"
    assert len(response.headers) == 3


# Where Django drops changes


def test_the_changes_of_a_5xx_response_are_dropped() -> None:
    client = Client()
    client.get("/set?name=ada")
    response = client.get("/set?name=eve&status=503")
    assert (dict(response.cookies), response["Vary"]) == ({}, "Cookie")
    assert client.get("/show").content == b"ada"


def test_a_logout_counts_even_if_the_page_fails() -> None:
    client = Client()
    client.get("/set?name=ada")
    assert client.get("/log-out?status=500").cookies["sessionid"]["max-age"] == "0"
    assert client.get("/show").content == b"None"


def test_a_session_that_is_too_large_is_an_error_in_django_s_chain() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request.session["text"] = "x" * 4000
        return HttpResponse("ok")

    with pytest.raises(SessionTooLargeError):
        serve(view)


def test_a_write_after_the_response_is_an_error() -> None:
    request = RequestFactory().get("/")
    SessionMiddleware(count)(request)
    with pytest.raises(SessionCommittedError):
        request.session["n"] = 2


def test_the_exchange_ends_with_the_response(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []

    def view(request: HttpRequest) -> StreamingHttpResponse:
        seen.append(request.session.setdefault("list", []))
        return StreamingHttpResponse([b"ok"])

    response = serve(view)
    seen[0].append("late")
    response.close()
    assert "session changed after its response headers were sent" in caplog.text


def test_a_logout_deletes_no_cookie_that_the_browser_does_not_have() -> None:
    response = serve(log_out, cookie="othersessionid=1; theme=sessionid=1")
    assert dict(response.cookies) == {}


# Settings


@override_settings(SESSION_SAVE_EVERY_REQUEST=True)
def test_every_request_renews_the_cookie_if_the_setting_says_so() -> None:
    response = serve(lambda request: HttpResponse("ok"), cookie=mint({"name": "ada"}))
    assert "sessionid" in response.cookies
    assert response["Vary"] == "Cookie"


@override_settings(SESSION_SAVE_EVERY_REQUEST=True)
@pytest.mark.parametrize("cookie", ["", "sessionid=cj1.nonsense"])
def test_a_visitor_without_a_session_gets_no_token(cookie: str) -> None:
    response = serve(lambda request: HttpResponse("ok"), cookie=cookie)
    assert all(not each.value for each in response.cookies.values())


@override_settings(SESSION_SAVE_EVERY_REQUEST=True)
def test_a_cookie_whose_name_ends_like_ours_does_not_open_the_session() -> None:
    response = serve(lambda request: HttpResponse("ok"), cookie="othersessionid=1")
    assert "Vary" not in response


# What tests do


def test_the_two_halves_can_be_called_alone() -> None:
    request = RequestFactory().get("/")
    middleware = SessionMiddleware(count)
    middleware.process_request(request)
    request.session["name"] = "ada"
    request.session.save()
    response = middleware.process_response(request, HttpResponse("ok"))
    assert "sessionid" in response.cookies


def test_cookies_that_a_test_sets_on_the_request_count() -> None:
    request = RequestFactory().get("/")
    request.COOKIES["sessionid"] = get_sessions().mint({"name": "ada"}).token
    assert SessionMiddleware(show)(request).content == b"ada"


def test_a_request_that_was_made_by_hand_has_a_session() -> None:
    request = HttpRequest()
    assert SessionMiddleware(count)(request).content == b"1"


def test_a_response_to_a_request_without_a_session_stays_as_it_is() -> None:
    response = SessionMiddleware(count).process_response(HttpRequest(), HttpResponse("ok"))
    assert list(response.headers) == ["Content-Type"]


@pytest.mark.parametrize("status", [200, 500])
def test_a_view_may_replace_the_session(status: int) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        request.session["name"] = "ada"
        request.session = {}  # type: ignore[assignment]
        return HttpResponse(status=status)

    assert bool(serve(view).cookies) == (status == 200)


def test_a_session_that_the_test_client_saves_is_found(test_environment: Any) -> None:
    client = Client()
    session = client.session
    session["name"] = "ada"
    session.save()
    assert client.get("/show").content == b"ada"
    session = client.session
    session["name"] = "eve"
    session.save()
    assert client.get("/show").content == b"eve"
    client.session.flush()
    assert client.get("/show").content == b"None"


def test_sessions_get_finds_the_same_session() -> None:
    found: list[object] = []

    def view(request: HttpRequest) -> HttpResponse:
        found.append(get_sessions().get(request))
        request.session["name"] = "ada"
        return HttpResponse(get_sessions().get(request)["name"])

    assert serve(view).content == b"ada"
    assert len(found) == 1


# Client.login() makes a request of the first kind.
each_request = pytest.mark.parametrize("request_made", [HttpRequest(), RequestFactory().get("/")], ids=["bare", "wsgi"])


@each_request
def test_sessions_get_finds_a_session_that_a_test_puts_into_the_request(request_made: HttpRequest) -> None:
    request_made.session = SessionStore()
    get_sessions().get(request_made)["name"] = "ada"
    get_sessions().get(request_made).set_lifetime(idle_timeout=timedelta(hours=1))
    request_made.session.save()
    session = get_sessions().read(request_made.session.session_key or "").session
    assert (session, session.idle_timeout) == ({"name": "ada"}, timedelta(hours=1))


@each_request
def test_other_sessions_than_those_of_the_project_are_refused_in_such_a_request(request_made: HttpRequest) -> None:
    request_made.session = SessionStore()
    with pytest.raises(ConfigError, match=r"a wrapper of other sessions.* name it in COOKIEJAR_SESSIONS"):
        CookieSessions(Keyring.generate()).get(request_made)


def test_a_session_of_django_s_own_in_a_request_is_not_ours() -> None:
    request = HttpRequest()
    request.session = signed_cookies.SessionStore()
    with pytest.raises(TypeError, match=r"sessions\.get takes .* got HttpRequest"):
        get_sessions().get(request)


def test_without_the_middleware_the_error_names_its_line() -> None:
    line = 'add "cookiejar_session.integrations.django.SessionMiddleware" to MIDDLEWARE'
    with pytest.raises(ConfigError, match=line):
        get_sessions().get(RequestFactory().get("/"))


@pytest.mark.parametrize("is_async", [False, True], ids=["wsgi", "asgi"])
def test_the_error_for_other_sessions_than_those_of_the_project_names_the_setting(is_async: bool) -> None:
    shop = CookieSessions(Keyring.generate(), cookie=CookieAttributes(name="__Host-shop"))
    errors: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        with pytest.raises(ConfigError) as raised:
            shop.get(request)
        errors.append(str(raised.value))
        return HttpResponse()

    sys.modules["integration_urls"].urlpatterns = [path("view", view)]  # type: ignore[attr-defined]
    if is_async:
        asyncio.run(AsyncClient().get("/view"))
    else:
        Client().get("/view")
    assert errors == [
        "no session for cookie __Host-shop: the request passed a wrapper of other sessions, with the cookie sessionid; "
        "use one CookieSessions object for the wrapper and for get(), and name it in COOKIEJAR_SESSIONS"
    ]


# Caches: Django decides by the Vary field that its own chain sees


@pytest.fixture
def empty_cache() -> Iterator[None]:
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()


def visit_as_ada_and_eve(url: str) -> list[bytes]:
    ada, eve, stranger = Client(), Client(), Client()
    for client, name in ((ada, "ada"), (eve, "eve")):
        client.cookies["sessionid"] = get_sessions().mint({"name": name}).token
    return [client.get(url).content for client in (ada, eve, stranger, ada)]


@override_settings(MIDDLEWARE=CACHED)
@pytest.mark.parametrize("url", ["/show", "/never"])
def test_the_per_site_cache_gives_nobody_another_visitor_s_page(empty_cache: None, url: str) -> None:
    assert visit_as_ada_and_eve(url) == [b"ada", b"eve", b"None", b"ada"]


def test_cache_page_beside_vary_on_cookie_gives_nobody_another_visitor_s_page(empty_cache: None) -> None:
    assert visit_as_ada_and_eve("/cached") == [b"ada", b"eve", b"None", b"ada"]


@override_settings(MIDDLEWARE=CACHED)
def test_the_per_site_cache_serves_a_page_without_a_session_to_everybody(empty_cache: None) -> None:
    client = Client()
    assert not client.get("/hello").has_header("Vary")
    assert client.get("/hello").has_header("Expires")


@override_settings(MIDDLEWARE=CACHED)
def test_a_response_that_sets_the_cookie_is_never_cached(empty_cache: None) -> None:
    client, stranger = Client(), Client()
    assert [client.get("/count").content, stranger.get("/count").content] == [b"1", b"1"]


# A wrapper around Django


class Answer:
    """A response of a WSGI application."""

    headers: ClassVar[list[tuple[str, str]]] = []

    def __init__(self, app: Any, url: str, cookie: str = "") -> None:
        def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
            self.status, self.headers = status, headers

        route, _, query = url.partition("?")
        environ = RequestFactory().get(route, QUERY_STRING=query, HTTP_COOKIE=cookie).environ
        body = app(environ, start)
        self.body = b"".join(body)
        body.close()

    @property
    def set_cookies(self) -> list[str]:
        return [value for name, value in self.headers if name.lower() == "set-cookie"]


def test_a_wrapper_around_django_and_the_middleware_commit_once() -> None:
    app = get_sessions().wsgi(get_wsgi_application())
    answer = Answer(app, "/set?name=ada")
    (cookie,) = answer.set_cookies
    assert Answer(app, "/show", cookie.partition(";")[0]).body == b"ada"


@override_settings(MIDDLEWARE=CACHED)
def test_with_a_wrapper_the_cache_still_sees_vary(empty_cache: None) -> None:
    app = get_sessions().wsgi(get_wsgi_application())
    pages = [Answer(app, "/show", mint({"name": name})).body for name in ("ada", "eve")]
    assert pages == [b"ada", b"eve"]


def test_with_a_wrapper_django_answers_a_session_that_is_too_large() -> None:
    app = get_sessions().wsgi(get_wsgi_application())
    answer = Answer(app, f"/set?name={'x' * 4000}", mint({"name": "ada"}))
    # The page is Django's, not the plain 500 of the wrapper.
    assert (b"<h1>Server Error (500)</h1>" in answer.body, answer.set_cookies) == (True, [])


def test_with_a_wrapper_an_untouched_session_changes_nothing() -> None:
    app = get_sessions().wsgi(get_wsgi_application())
    answer = Answer(app, "/hello", mint({"name": "ada"}))
    assert [name for name, _ in answer.headers] == ["Content-Type"]


def test_with_a_wrapper_the_changes_of_a_5xx_response_are_dropped() -> None:
    app = get_sessions().wsgi(get_wsgi_application())
    assert Answer(app, "/set?name=eve&status=500", mint({"name": "ada"})).set_cookies == []


def test_an_asgi_wrapper_around_django_and_the_middleware_commit_once() -> None:
    app = get_sessions().asgi(get_asgi_application())
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def visit() -> None:
        waiting = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            await asyncio.sleep(30)
            raise AssertionError("the response did not end")

        scope = {"type": "http", "method": "GET", "path": "/count-async", "headers": [], "query_string": b""}
        await app(scope, receive, send)

    asyncio.run(visit())
    fields = [name for name, _ in sent[0]["headers"] if name.lower() == b"set-cookie"]
    assert (sent[0]["status"], len(fields)) == (200, 1)
