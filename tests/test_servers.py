"""One visitor over real sockets: every server that people deploy, each with a partner of the other kind, one ring.

FastAPI under ASGI servers and Flask under WSGI servers in processes of their own on loopback, a real HTTP client with
one cookie jar for all: cookies ignore ports. tests/servers/ holds the applications, the list of servers and what starts
them; SERVERS_UNDER_TEST names some of them where not all are to run. measure.py there makes the table of
docs/reference/servers.md.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cookiejar_session import CookieSessions, Key, Keyring

if sys.platform == "win32":
    pytest.skip("gunicorn and uWSGI do not run on Windows", allow_module_level=True)

# On the path by pytest's setting pythonpath.
from server_list import SERVERS
from server_process import start_servers
from visitor import COOKIE, Browser, Way, find_ways, get_at_once, give_fields, open_client

PAGE = (Path(__file__).parent.parent / "docs" / "reference" / "servers.md").read_text(encoding="utf-8")
DEFAULT_LIMIT, LONGEST_TOKEN = 2660, 3972
PARTNERS = ["uvicorn-h11", "gunicorn-sync"]
# The rings under which the servers are started in turn. Under the last one they serve the other tests too.
FIRST_KEY, SECOND_KEY = Key.generate().to_text(), Key.generate().to_text()
RINGS = (FIRST_KEY, f"{FIRST_KEY} {SECOND_KEY}", f"{SECOND_KEY} {FIRST_KEY}", SECOND_KEY)

chosen = os.environ.get("SERVERS_UNDER_TEST")
NAMES = list(SERVERS) if chosen is None else chosen.split()
INSTALLED = [name for name in NAMES if SERVERS[name].is_installed]
# PEP 3333 servers that join several Cookie fields of HTTP/1.1 by ",", which splits nothing (SPEC 11.1 step 2).
JOINING = {"hypercorn-wsgi", "gunicorn-sync", "gunicorn-gthread", "waitress", "uwsgi", "wsgiref"}
# Of itself, also for an application without a session; fails strictly, so that we learn when it is mended.
NO_EMPTY_BODY = pytest.mark.xfail(
    strict=True, reason="answers 500 to every WSGI response with an empty body, with a session or without"
)


def mark(name: str) -> list[pytest.MarkDecorator]:
    return [pytest.mark.skipif(name not in INSTALLED, reason=f"{name} is not installed: apt-get install {name}")]


WAYS = [pytest.param(way, id=str(way), marks=mark(way.server)) for way in find_ways(NAMES)]
# Each way is the first or the second of two servers; measure.py finds it in the id.
PAIRS = [
    pytest.param(*pair, id=case, marks=mark(way.server))
    for way in find_ways(NAMES)
    for case, pair in {
        f"{way}-then-partner": (way, way.partner),
        f"partner-then-{way}": (way.partner, way),
    }.items()
]
on_each = pytest.mark.parametrize("server", WAYS)
on_each_pair = pytest.mark.parametrize(("here", "there"), PAIRS)


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """All servers under one key, for the tests that do not restart them, and for the last stage of the rotation."""
    with start_servers(INSTALLED, keys=RINGS[-1], folder=tmp_path_factory.mktemp("servers")) as found:
        yield found


@pytest.fixture
def browser() -> Iterator[Browser]:
    with closing(Browser()) as visitor:
        yield visitor


@pytest.fixture
def visitor(browser: Browser, urls: dict[str, str]) -> Browser:
    """A browser that has not been here before."""
    browser.visit(urls)
    return browser


@pytest.mark.skipif(not os.environ.get("CI"), reason="outside continuous integration nginx may be missing")
@pytest.mark.skipif("nginx" not in NAMES, reason="not among the servers of this run")
def test_nginx_is_not_left_out_of_continuous_integration() -> None:
    assert "nginx" in INSTALLED


# Two servers, one visitor


@on_each_pair
def test_sign_in_on_one_server_is_read_on_the_other(visitor: Browser, here: Way, there: Way) -> None:
    visitor.post(here, "/sign-in", name="Ada")
    assert visitor.read(there) == "Ada"


@on_each_pair
def test_nested_change_on_one_server_is_read_on_the_other(visitor: Browser, here: Way, there: Way) -> None:
    visitor.post(here, "/sign-in", name="Ada")
    visitor.post(there, "/cart", item="tea")
    visitor.post(here, "/cart", item="milk")
    assert visitor.read(there, "cart") == ["tea", "milk"]


@on_each_pair
def test_flash_message_of_one_server_is_read_on_the_other(visitor: Browser, here: Way, there: Way) -> None:
    assert visitor.post(here, "/order").status_code == 303
    assert visitor.read(there, "flash") == ["ordered"]


@on_each_pair
def test_sign_out_on_one_server_signs_out_on_the_other(visitor: Browser, here: Way, there: Way) -> None:
    visitor.post(here, "/sign-in", name="Ada")
    visitor.post(there, "/sign-out")
    assert visitor.read(here) is None


@on_each_pair
def test_sign_out_leaves_no_cookie_in_the_browser(visitor: Browser, here: Way, there: Way) -> None:
    visitor.post(here, "/sign-in", name="Ada")
    visitor.post(there, "/sign-out")
    assert visitor.cookies == {}


@on_each_pair
def test_remembered_visitor_keeps_the_cookie_when_the_browser_ends(visitor: Browser, here: Way, there: Way) -> None:
    signed_in = visitor.post(here, "/sign-in", name="Ada", remember="true")
    changed = visitor.post(there, "/cart", item="tea")
    # Thirty days; the other server keeps what this one set.
    assert ["; Max-Age=2592000" in answer.headers["set-cookie"] for answer in (signed_in, changed)] == [True, True]
    assert [cookie.discard for cookie in visitor.jar] == [False]


@on_each_pair
def test_visitor_who_is_not_remembered_has_a_cookie_until_the_browser_ends(
    visitor: Browser, here: Way, there: Way
) -> None:
    signed_in = visitor.post(here, "/sign-in", name="Ada")
    changed = visitor.post(there, "/cart", item="tea")
    assert ["Max-Age" in answer.headers["set-cookie"] for answer in (signed_in, changed)] == [False, False]
    assert [cookie.discard for cookie in visitor.jar] == [True]


@on_each_pair
def test_longest_token_of_the_default_limit_passes_both_ways(visitor: Browser, here: Way, there: Way) -> None:
    filled = visitor.post(here, "/fill").json()["filled"]
    assert len(visitor.cookies[COOKIE]) == DEFAULT_LIMIT
    assert [visitor.read(way, "filled") for way in (here, there)] == [filled, filled]


# One server


@on_each
def test_flash_message_is_read_behind_the_redirect_and_once(visitor: Browser, server: Way) -> None:
    assert visitor.post(server, "/order", follow_redirects=True).json()["flash"] == ["ordered"]
    assert visitor.read(server, "flash") == []


@on_each
def test_reading_sets_no_cookie(visitor: Browser, server: Way) -> None:
    visitor.post(server, "/sign-in", name="Ada")
    assert "set-cookie" not in visitor.get(server).headers


@on_each
def test_cookie_has_the_default_attributes(visitor: Browser, server: Way) -> None:
    cookie = visitor.post(server, "/sign-in", name="Ada").headers["set-cookie"]
    assert re.fullmatch(r"__Host-session=cj1\.[\w-]+; Path=/; Secure; HttpOnly; SameSite=Lax", cookie)


@on_each
def test_version_of_http_is_the_one_meant(visitor: Browser, server: Way) -> None:
    expected = "HTTP/2" if server.http2 else "HTTP/1.0" if server.server == "wsgiref" else "HTTP/1.1"
    assert visitor.get(server).http_version == expected


@on_each
@pytest.mark.parametrize("cookie", ["", "cj1.", "cj2.AAAA", "cj1." + "A" * 128, 'j={"a":1}', '"\\"', "\xff\xa0"])
def test_any_cookie_gets_an_answer(visitor: Browser, server: Way, cookie: str) -> None:
    headers = {"Cookie": f"{COOKIE}={cookie}".encode("latin-1")}
    assert visitor.get(server, headers=headers).json()["user"] is None


@on_each
@pytest.mark.parametrize(
    ("method", "path", "length"),
    [("GET", "/stream?", 7), ("GET", "/file?", None), ("HEAD", "/file?", 0)],
    ids=["stream", "file", "file-head"],
)
def test_session_is_set_once_whatever_the_body(
    visitor: Browser, server: Way, method: str, path: str, length: int | None, request: pytest.FixtureRequest
) -> None:
    if method == "HEAD" and server.server == "hypercorn-wsgi":
        request.applymarker(NO_EMPTY_BODY)
    answer = visitor.send(server, method, path + "user=Ada")
    assert answer.status_code == 200
    assert (len(answer.content) > 1000) if length is None else (len(answer.content) == length)
    assert len(answer.headers.get_list("set-cookie")) == 1
    assert visitor.read(server) == "Ada"


@on_each
@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("GET", 204), ("GET", 304), ("HEAD", 200)])
def test_session_is_set_once_without_a_body(
    visitor: Browser, server: Way, method: str, status: int, request: pytest.FixtureRequest
) -> None:
    if server.server == "hypercorn-wsgi":
        request.applymarker(NO_EMPTY_BODY)
    answer = visitor.send(server, method, f"/empty?user=Ada&status={status}")
    assert (answer.status_code, answer.content) == (status, b"")
    assert len(answer.headers.get_list("set-cookie")) == 1
    assert visitor.read(server) == "Ada"


def mint_tokens(visitor: Browser, server: Way, names: list[str]) -> dict[str, bytes]:
    """The cookie of each visitor, as it is sent."""
    cookies = {}
    for name in names:
        visitor.post(server, "/sign-in", name=name)
        cookies[name] = f"{COOKIE}={visitor.cookies[COOKIE]}".encode()
    return cookies


@on_each
def test_visitors_behind_one_another_on_one_connection_do_not_meet(visitor: Browser, server: Way) -> None:
    cookies = mint_tokens(visitor, server, ["Ada", "Bob"]) | {"nobody": b"theme=dark"}
    names = ["Ada", "nobody", "Bob", "nobody", "Ada", "Bob"]
    with open_client(http2=server.http2) as client:
        url = visitor.urls[server.server] + "/me"
        seen = [
            client.get(url, headers={**server.headers, "Cookie": cookies[name]}).json()["user"] or "nobody"
            for name in names
        ]
    assert seen == names


@on_each
def test_visitors_at_the_same_time_do_not_meet(visitor: Browser, server: Way) -> None:
    cookies = mint_tokens(visitor, server, ["Ada", "Bob"]) | {"nobody": b"theme=dark"}
    names = ["Ada", "Bob", "nobody"] * 4

    def read(name: str) -> str:
        with open_client(http2=server.http2) as client:
            headers: Any = {**server.headers, "Cookie": cookies[name]}
            return client.get(visitor.urls[server.server] + "/me", headers=headers).json()["user"] or "nobody"

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, names)) == names


@pytest.mark.parametrize("server", [param for param in WAYS if param.values[0].http2])
def test_visitors_in_streams_of_one_connection_do_not_meet(visitor: Browser, server: Way) -> None:
    cookies = mint_tokens(visitor, server, ["Ada", "Bob"]) | {"nobody": b"theme=dark"}
    names = ["Ada", "Bob", "nobody"] * 4
    bodies = get_at_once(visitor.urls[server.server], "/me", [cookies[name] for name in names])
    assert [json.loads(body)["user"] or "nobody" for body in bodies] == names


# Several Cookie fields


def read_with_fields(visitor: Browser, server: Way, fields: list[bytes]) -> str | None:
    with open_client(http2=server.http2) as client:
        client.event_hooks = {"request": [lambda request: give_fields(request, fields)]}
        user: str | None = client.get(visitor.urls[server.server] + "/me", headers=server.headers).json()["user"]
    return user


@on_each
def test_cookie_is_found_in_the_first_of_two_fields(visitor: Browser, server: Way) -> None:
    cookie = mint_tokens(visitor, server, ["Ada"])["Ada"]
    assert read_with_fields(visitor, server, [cookie, b"theme=dark"]) == "Ada"


@pytest.mark.parametrize("server", [param for param in WAYS if param.values[0] not in {(n, False) for n in JOINING}])
def test_cookie_is_found_in_the_second_of_two_fields(visitor: Browser, server: Way) -> None:
    cookie = mint_tokens(visitor, server, ["Ada"])["Ada"]
    assert read_with_fields(visitor, server, [b"theme=dark", cookie]) == "Ada"


@pytest.mark.parametrize("server", [param for param in WAYS if param.values[0] in {(n, False) for n in JOINING}])
def test_cookie_in_the_second_field_is_not_seen_where_the_server_joins_fields_by_a_comma(
    visitor: Browser, server: Way
) -> None:
    cookie = mint_tokens(visitor, server, ["Ada"])["Ada"]
    assert read_with_fields(visitor, server, [b"theme=dark", cookie]) is None


# The longest token


@pytest.fixture(scope="module")
def long_urls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The servers that need a line of configuration for the longest token, with it."""
    names = dict.fromkeys(PARTNERS + [name for name in INSTALLED if SERVERS[name].line is not None])
    folder = tmp_path_factory.mktemp("long")
    keys = Key.generate().to_text()
    with start_servers(names, keys=keys, folder=folder, limit=LONGEST_TOKEN, with_line=True) as found:
        yield found


@pytest.mark.parametrize("server", [param for param in WAYS if SERVERS[param.values[0].server].line is not None])
def test_longest_token_passes_both_ways_with_the_line_that_the_table_names(
    browser: Browser, long_urls: dict[str, str], server: Way
) -> None:
    browser.visit(long_urls)
    filled = browser.post(server, "/fill").json()["filled"]
    assert len(browser.cookies[COOKIE]) == LONGEST_TOKEN
    assert [browser.read(way, "filled") for way in (server, server.partner)] == [filled, filled]


# Rotation


class Rotation(NamedTuple):
    """What the visitors of one server saw there and on its partner under the rings A, A B, B A and B."""

    writer: list[list[str | None]]
    reader: list[list[str | None]]
    absentee: list[str | None]
    cookies_of_absentee: list[str]


@pytest.fixture(scope="module")
def rotations(tmp_path_factory: pytest.TempPathFactory, urls: dict[str, str]) -> dict[str, Rotation]:
    """The servers restarted with four rings in turn. Of the three visitors that each has, one writes under every ring,
    one only reads, one stays away."""
    folder = tmp_path_factory.mktemp("rotation")
    seen = {name: Rotation([], [], [], []) for name in INSTALLED}
    # A token of ten minutes ago: one of the last five is not sealed again under another key.
    old = CookieSessions(Keyring.parse(FIRST_KEY)).mint({"user": "Rita"}, now=int(time.time()) - 600)
    visitors = {name: (Browser(), Browser(), Browser()) for name in INSTALLED}
    for number, ring in enumerate(RINGS):
        with ExitStack() as stack:
            is_last = ring == RINGS[-1]
            start = start_servers(INSTALLED, keys=ring, folder=folder)
            urls_of_stage = urls if is_last else stack.enter_context(start)
            for name, (writer, reader, absentee) in visitors.items():
                server = Way(name)
                for browser in (writer, reader, absentee):
                    browser.visit(urls_of_stage)
                    stack.callback(browser.close)
                if number == 0:
                    writer.post(server, "/sign-in", name="Wilma")
                    absentee.post(server, "/sign-in", name="Abe")
                    reader.give_cookie(old.name, old.token)
                for visitor, names in ((writer, seen[name].writer), (reader, seen[name].reader)):
                    names.append([visitor.read(way) for way in (server, server.partner)])
                writer.post(server, "/cart", item=str(number))
                if is_last:
                    seen[name].absentee.extend(absentee.read(way) for way in (server, server.partner))
                    seen[name].cookies_of_absentee.extend(absentee.cookies)
    return seen


on_each_name = pytest.mark.parametrize("name", [pytest.param(name, marks=mark(name)) for name in NAMES])


@on_each_name
def test_visitor_who_writes_stays_signed_in_while_keys_rotate(rotations: dict[str, Rotation], name: str) -> None:
    assert rotations[name].writer == [["Wilma", "Wilma"]] * 4


@on_each_name
def test_visitor_who_only_reads_stays_signed_in_while_keys_rotate(rotations: dict[str, Rotation], name: str) -> None:
    assert rotations[name].reader == [["Rita", "Rita"]] * 4


@on_each_name
def test_visitor_who_stayed_away_is_signed_out_by_the_end_of_the_old_key(
    rotations: dict[str, Rotation], name: str
) -> None:
    assert rotations[name].absentee == [None, None]


@on_each_name
def test_cookie_under_a_key_that_is_gone_is_left_in_the_browser(rotations: dict[str, Rotation], name: str) -> None:
    assert rotations[name].cookies_of_absentee == [COOKIE]


# The table


@pytest.mark.parametrize("name", SERVERS)
def test_table_of_the_page_has_a_row_for_the_server(name: str) -> None:
    table = PAGE.split("<!-- servers")[1].split("<!-- end of servers -->")[0]
    assert re.search(rf"^\| {re.escape(name)} \|", table, re.MULTILINE)
