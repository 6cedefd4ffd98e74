"""Real shared caches in front of both wrappers: no visitor gets the cookie or the page of another.

Apache's mod_cache, nginx and Varnish, from the Debian packages apache2, nginx and varnish. Where one is missing its
tests are skipped, but in continuous integration (CI=true) they fail. nginx and Varnish are set up as many sites have
them: a Set-Cookie does not keep a response out of the cache. Apache's defaults are so. Varnish obeys CDN-Cache-Control
as well, as a CDN does.

Cross-cutting: it covers no module of its own.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from itertools import count, product
from pathlib import Path
from socket import create_server
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any, NamedTuple
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pytest
import uvicorn
from server_process import find_free_port, wait_for_port

from cookiejar_session import CookieSessions, Keyring

Fields = tuple[tuple[str, str], ...]

DAY = 24 * 60 * 60
# Longer than a cache takes to start on a busy machine; nothing is waited for without need.
TIMEOUT_SECONDS = 120

CACHE_CONTROL = [
    None,
    "max-age=60",
    "max-age=0",
    "no-cache",
    "public",
    "public, max-age=60",
    "s-maxage=60",
    "must-revalidate, max-age=60",
    'private="x-a", max-age=60',
    "private, max-age=60",
    "no-store",
]
EXPIRES = ("Expires", "Thu, 01 Jan 2099 00:00:00 GMT")
OTHERS: list[Fields] = [
    (),
    (EXPIRES,),
    (("CDN-Cache-Control", "max-age=60"),),
    (("Surrogate-Control", "max-age=60"),),
    (("X-Accel-Expires", "60"),),
    (EXPIRES, ("CDN-Cache-Control", "public"), ("Surrogate-Control", "max-age=60"), ("X-Accel-Expires", "60")),
]
# Every combination of the fields. A path names one by its number. Cache-Control comes last: Debian 12's nginx obeys
# X-Accel-Expires only if it comes first.
COMBINATIONS: list[Fields] = [
    (*more, *((("Cache-Control", value),) if value else ())) for value, more in product(CACHE_CONTROL, OTHERS)
]

SESSIONS = CookieSessions(Keyring.generate())
NUMBERS = count()


def make_page(path: str, session: Any) -> tuple[Fields, bytes]:
    """Return the fields and the page of a path: /STACK/ACTION/COMBINATION."""
    _, _, action, number = path.split("/")
    fields: Fields = COMBINATIONS[int(number)]
    if action == "read":
        page = session.get("user", "nobody")
    elif action == "write":
        session["visit"] = next(NUMBERS)
        page = session.log_id
    else:
        # An application with a cookie of its own, which knows nothing of caches: what happens without our rule.
        page = f"visitor-{next(NUMBERS)}"
        fields = (*fields, ("Set-Cookie", f"visitor={page}"))
    return (*fields, ("ETag", '"1"')), page.encode()


def wsgi_app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    fields, page = make_page(environ["PATH_INFO"], SESSIONS.get(environ))
    is_current = environ.get("HTTP_IF_NONE_MATCH") == '"1"'
    length = [] if is_current else [("Content-Length", str(len(page)))]
    start_response("304 Not Modified" if is_current else "200 OK", [*fields, *length])
    return [] if is_current else [page]


async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    fields, page = make_page(scope["path"], SESSIONS.get(scope))
    is_current = (b"if-none-match", b'"1"') in scope["headers"]
    length = [] if is_current else [("Content-Length", str(len(page)))]
    headers = [(name.lower().encode(), value.encode()) for name, value in [*fields, *length]]
    await send({"type": "http.response.start", "status": 304 if is_current else 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_current else page})


class ThreadingWSGIServer(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serve_wsgi() -> Iterator[int]:
    with ThreadingWSGIServer(("127.0.0.1", 0), QuietHandler) as server:
        server.set_app(SESSIONS.wsgi(wsgi_app))
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@contextmanager
def serve_asgi() -> Iterator[int]:
    with create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(SESSIONS.asgi(asgi_app), log_config=None, lifespan="off", access_log=False)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


# The caches


class Cache(NamedTuple):
    """A cache: its program, its command and its configuration."""

    program: str
    command: str
    config: str


APACHE = Cache(
    "/usr/sbin/apache2",
    "apache2 -f {config} -DFOREGROUND",
    """
    ServerRoot {folder}
    DefaultRuntimeDir {folder}
    PidFile {folder}/pid
    ErrorLog {folder}/error.log
    ServerName localhost
    Listen 127.0.0.1:{port}
    LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
    LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
    LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
    LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
    LoadModule cache_module /usr/lib/apache2/modules/mod_cache.so
    LoadModule cache_socache_module /usr/lib/apache2/modules/mod_cache_socache.so
    LoadModule socache_shmcb_module /usr/lib/apache2/modules/mod_socache_shmcb.so
    User www-data
    Group www-data
    CacheSocache shmcb:{folder}/cache(4194304)
    CacheEnable socache /
    ProxyPass /wsgi/ http://127.0.0.1:{wsgi}/wsgi/
    ProxyPass /asgi/ http://127.0.0.1:{asgi}/asgi/
    """,
)
NGINX = Cache(
    "/usr/sbin/nginx",
    "nginx -p {folder} -c {config} -e {folder}/error.log",
    """
    {user}
    daemon off;
    worker_processes 1;
    pid {folder}/pid;
    events {{ worker_connections 256; }}
    http {{
        access_log off;
        client_body_temp_path {folder}/body;
        proxy_temp_path {folder}/proxy;
        fastcgi_temp_path {folder}/fastcgi;
        uwsgi_temp_path {folder}/uwsgi;
        scgi_temp_path {folder}/scgi;
        proxy_cache_path {folder}/cache keys_zone=cache:1m;
        server {{
            listen 127.0.0.1:{port};
            proxy_cache cache;
            proxy_ignore_headers Set-Cookie;
            proxy_cache_revalidate on;
            location /wsgi/ {{ proxy_pass http://127.0.0.1:{wsgi}; }}
            location /asgi/ {{ proxy_pass http://127.0.0.1:{asgi}; }}
        }}
    }}
    """,
)
VARNISH = Cache(
    "/usr/sbin/varnishd",
    "varnishd -F -j none -n {folder} -f {config} -a 127.0.0.1:{port} -s default,16m",
    """
    vcl 4.1;
    backend wsgi {{ .host = "127.0.0.1"; .port = "{wsgi}"; }}
    backend asgi {{ .host = "127.0.0.1"; .port = "{asgi}"; }}
    sub vcl_recv {{ if (req.url ~ "^/asgi/") {{ set req.backend_hint = asgi; }} }}
    sub vcl_req_cookie {{ return; }}
    sub vcl_beresp_cookie {{ return; }}
    sub vcl_backend_response {{
        if (beresp.http.CDN-Cache-Control) {{ set beresp.ttl = 60s; return (deliver); }}
    }}
    """,
)
CACHES = {"apache2": APACHE, "nginx": NGINX, "varnish": VARNISH}
STACKS = ["wsgi", "asgi"]


@contextmanager
def start_cache(cache: Cache, folder: Path, **ports: int) -> Iterator[int]:
    """Start a cache in front of both servers. ``folder`` is empty, and its own. Yields the cache's port."""
    port = find_free_port()
    config, log = folder / "config", folder / "output.log"
    user = "user root;" if os.geteuid() == 0 else ""
    config.write_text(cache.config.format(folder=folder, port=port, user=user, **ports))
    program, *arguments = cache.command.format(folder=folder, config=config, port=port).split()
    assert Path(cache.program).name == program
    with (
        log.open("wb") as output,
        subprocess.Popen([cache.program, *arguments], stdout=output, stderr=output) as process,
    ):
        try:
            wait_for_port(port, log, process, seconds=TIMEOUT_SECONDS)
            yield port
        finally:
            process.terminate()


class Answer(NamedTuple):
    status: int
    set_cookies: list[str]
    page: str


class Visitors:
    """Visitors who come to the applications through a cache, one after the other."""

    def __init__(self, port: int) -> None:
        self._port = port

    def get(self, path: str, *, cookie: str | None = None) -> Answer:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request("GET", path, headers={} if cookie is None else {"Cookie": cookie})
            response = connection.getresponse()
            return Answer(response.status, response.headers.get_all("set-cookie") or [], response.read().decode())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def ports() -> Iterator[dict[str, int]]:
    """The ports of the two servers behind the caches."""
    with serve_wsgi() as wsgi, serve_asgi() as asgi:
        yield {"wsgi": wsgi, "asgi": asgi}


@pytest.fixture(scope="module", params=CACHES)
def cache(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    if not Path(CACHES[name].program).exists():
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell(f"needs the Debian package {name}")
    return name


@pytest.fixture(scope="module")
def visitors(cache: str, ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    with ExitStack() as stack:
        yield Visitors(stack.enter_context(start_cache(CACHES[cache], tmp_path_factory.mktemp(cache), **ports)))


def describe(fields: Fields) -> str:
    return " + ".join(value if name == "Cache-Control" else name for name, value in fields)


def list_leaks(check: Callable[[int], bool]) -> list[str]:
    """Return the combinations for whose number ``check`` finds a leak."""
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(check, range(len(COMBINATIONS)))
    return [describe(fields) for fields, leaks in zip(COMBINATIONS, found, strict=True) if leaks]


@pytest.mark.parametrize("stack", STACKS)
def test_none_of_264_visitors_gets_the_new_cookie_or_page_of_another(visitors: Visitors, stack: str) -> None:
    def check(number: int) -> bool:
        answers = [visitors.get(f"/{stack}/write/{number}") for _ in range(4)]
        assert {(answer.status, len(answer.set_cookies)) for answer in answers} == {(200, 1)}
        return len({answer.page for answer in answers}) < 4 or len({answer.set_cookies[0] for answer in answers}) < 4

    assert len(COMBINATIONS) * 4 == 264
    assert list_leaks(check) == []


@pytest.mark.parametrize("stack", STACKS)
def test_no_visitor_gets_the_page_or_the_renewal_of_one_who_is_signed_in(visitors: Visitors, stack: str) -> None:
    # Alice's session is due for renewal. She comes first, so that a cache could keep her page.
    alice = SESSIONS.mint({"user": "alice"}, now=int(time.time()) - 3 * DAY).header

    def check(number: int) -> bool:
        path = f"/{stack}/read/{number}"
        assert visitors.get(path, cookie=alice).page == "alice"
        answers = [visitors.get(path) for _ in range(3)]
        # After a second 304 of the application, mod_cache_socache sends an empty page.
        return any(answer.set_cookies or answer.page not in ("nobody", "") for answer in answers)

    assert list_leaks(check) == []


# Without our rule, so that the tests above can fail. Each line is a leak that one part of the rule prevents.
LEAKING = {
    "apache2": ["", "max-age=60", "Expires", "public", "s-maxage=60", 'private="x-a", max-age=60'],
    "nginx": ["max-age=60", "Expires", "s-maxage=60", "X-Accel-Expires + private, max-age=60"],
    "varnish": [
        "",
        "max-age=60",
        "public",
        "s-maxage=60",
        "Surrogate-Control + private, max-age=60",
        "CDN-Cache-Control + private, max-age=60",
    ],
}


@pytest.mark.parametrize("stack", STACKS)
def test_without_our_rule_a_cache_gives_the_cookie_of_one_visitor_to_the_next(
    cache: str, visitors: Visitors, stack: str
) -> None:
    def check(number: int) -> bool:
        first, second = (visitors.get(f"/{stack}/plain/{number}") for _ in range(2))
        return first.set_cookies == second.set_cookies

    assert set(LEAKING[cache]) <= set(list_leaks(check))
