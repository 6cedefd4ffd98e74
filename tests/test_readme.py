"""Run every example of README.md, and compare its numbers and error messages with the package's."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2
import msgspec
import pytest
from a2wsgi import WSGIMiddleware
from documents import ROOT, Page
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.testclient import TestClient

import cookiejar_session
from cookiejar_session import (
    ConfigError,
    CookieAttributes,
    CookieSessions,
    Event,
    Key,
    Keyring,
    Policy,
    Reason,
    SessionTooLargeError,
)
from cookiejar_session.keys.keyring import CHECK_EVERY
from cookiejar_session.wire.layout import MAX_TOKEN_CHARACTERS, count_encoded_octets
from cookiejar_session.wire.time_rules import RESEAL_PAUSE

PAGE = Page("README.md")
README, PYTHON, PROSE = PAGE.text, PAGE.examples, PAGE.prose
find_example, run_example = PAGE.find_example, PAGE.run_example
DOCS = sorted(ROOT.glob("docs/*.md"))
PUBLISHED = "hex:" + bytes(range(32)).hex()
KEYS = "COOKIEJAR_SESSION_KEYS"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS, Key.generate().to_text())


@pytest.mark.usefixtures("keys")
def test_signing_in_to_the_flask_app_shows_in_the_fastapi_app() -> None:
    flask, fastapi = run_example("from flask import")["app"], run_example("add_middleware")["app"]
    assert 'action="/login"' in flask.test_client().get("/").text
    response = flask.test_client().post("/login", data={"user": "ada"}, base_url="https://localhost")
    assert response.text == "welcome"
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    client = TestClient(fastapi, base_url="https://localhost")
    assert client.get("/whoami").json() == {"user": None}
    assert client.get("/whoami", headers={"Cookie": cookie}).json() == {"user": "ada"}


@pytest.mark.usefixtures("keys")
def test_serverless_handler_reads_and_writes_the_session() -> None:
    names = run_example("def handler(event")
    first = names["handler"]({}, None)
    assert (first["statusCode"], first["body"]) == (200, "light")
    assert first["headers"] == {"content-type": "text/plain", "vary": "Cookie", "cache-control": "private"}
    (cookie,) = first["cookies"]
    assert names["sessions"].read(cookie.partition(";")[0]).session == {"theme": "light"}
    second = names["handler"]({"cookies": ["other=1", names["sessions"].mint({"theme": "dark"}).header]}, None)
    assert (second["body"], second["cookies"]) == ("dark", [])


@pytest.mark.usefixtures("keys")
def test_exchange_that_cannot_finish_has_a_response_to_send() -> None:
    assert "`exchange.fail(error)` logs it and returns the response to send instead" in PROSE
    exchange = CookieSessions().begin("")
    exchange.session["cart"] = "x" * 3000
    with pytest.raises(SessionTooLargeError) as caught:
        exchange.finish([])
    assert exchange.fail(caught.value).status == 500


def test_poll_that_keeps_the_expiry_renews_nothing() -> None:
    assert "`keep_expiry()` leaves the expiry as it is" in PROSE
    sessions = CookieSessions(Keyring.generate())
    header = sessions.mint({"user": "ada"}, now=0).header
    due = Policy().idle_timeout // timedelta(seconds=2)
    for keeps in (False, True):
        exchange = sessions.begin(header, now=due)
        assert exchange.session["user"] == "ada"
        if keeps:
            exchange.session.keep_expiry()
        assert ("set-cookie" in dict(exchange.finish([]))) is not keeps


def test_looking_at_a_session_does_not_touch_it() -> None:
    events: list[Event] = []
    sessions = CookieSessions(Keyring.generate(), on_event=events.append)
    header = sessions.mint({"user": "ada"}).header
    (expression,) = re.findall(r"`(sessions\.read\(request.+?)`", README)
    found: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope)
        found.append(dict(eval(expression, {"sessions": sessions, "request": request})))  # noqa: S307
        await PlainTextResponse("ok")(scope, receive, send)

    response = TestClient(sessions.asgi(app), base_url="https://localhost").get("/", headers={"Cookie": header})
    assert found == [{"user": "ada"}]
    assert {"vary", "set-cookie"}.isdisjoint(response.headers)
    assert events == []


@pytest.mark.parametrize(
    "show",
    [
        json.dumps,
        lambda session: json.dumps(dict(session)),
        lambda session: bytes(JSONResponse(session).body),
        lambda session: jinja2.Template("{{ session|tojson }}").render(session=session),
        lambda session: msgspec.json.encode(dict(session)),
    ],
)
def test_session_is_shown_as_a_dict(show: Callable[[Any], str | bytes]) -> None:
    sessions = CookieSessions(Keyring.generate())
    session = sessions.begin(sessions.mint({"user": "ada"}).header).session
    assert isinstance(session, dict)
    assert json.loads(show(session)) == {"user": "ada"}


def test_session_that_is_not_open_is_refused_by_msgspec_and_then_shown() -> None:
    assert "they raise TypeError for a session that is not open yet" in PROSE
    session = CookieSessions(Keyring.generate()).begin("").session
    with pytest.raises(TypeError):
        msgspec.json.encode(session)
    assert len(session) == 0
    assert msgspec.json.encode(session) == b"{}"


def test_value_that_equals_its_base_value_comes_back_as_that() -> None:
    assert "such as a StrEnum or a Markup, and stores the base value" in PROSE
    sessions = CookieSessions(Keyring.generate())
    exchange = sessions.begin("")
    exchange.session.update(b=Reason.EXPIRED, a=Markup("<b>"), c=(1, 2))
    with pytest.raises(TypeError, match="d: set"):
        exchange.session["d"] = {1, 2}
    read = sessions.read(dict(exchange.finish([]))["set-cookie"].partition(";")[0]).session
    assert [(key, type(read[key])) for key in read] == [("a", str), ("b", str), ("c", list)]


@pytest.mark.usefixtures("keys")
def test_mapping_flash_and_lifetime_examples_run_on_one_session() -> None:
    namespace = run_example("def sign_in")
    sessions: CookieSessions[None] = namespace["sessions"]
    found: list[Any] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        session = sessions.get(environ)
        namespace["sign_in"](session, "ada", True)
        found.append(session.expires_at - session.created_at)
        namespace["sign_in"](session, "ada", False)
        run_example('session["cart"][0]', session=session)
        found.append(session["cart"])
        run_example("session.flash.add", session=session)
        found.append(run_example("session.flash.add", session=session)["messages"])
        start_response("200 OK", [])
        return []

    headers: list[tuple[str, str]] = []
    sessions.wsgi(app)({"REQUEST_METHOD": "GET"}, lambda status, fields: headers.extend(fields))  # type: ignore[arg-type, return-value, misc]
    assert found == [timedelta(days=30), [{"id": 7, "count": 2}], ["saved", "saved"]]
    assert "Max-Age" not in dict(headers)["set-cookie"]


@pytest.mark.usefixtures("keys")
def test_typed_example_runs() -> None:
    namespace = run_example("class Visitor")
    sessions, visitor = namespace["sessions"], namespace["Visitor"]
    session = sessions.read(sessions.mint(visitor(7)).header).session
    assert session.data == visitor(7)
    assert sessions.read("").session.data is None
    assert '`session["user_id"]` raises KeyError' in PROSE
    with pytest.raises(KeyError, match=r"session\.data\.user_id"):
        session["user_id"]


@pytest.mark.usefixtures("keys")
def test_event_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    sessions = run_example("def count(event")["sessions"]
    app = sessions.wsgi(lambda environ, start_response: [str(len(sessions.get(environ))).encode()])
    app({"REQUEST_METHOD": "GET", "HTTP_COOKIE": "__Host-session=junk"}, lambda *_: None)
    assert capsys.readouterr().out == "refused malformed None\n"


def test_testing_example_passes_under_pytest(tmp_path: Path) -> None:
    tmp_path.joinpath("test_readme.py").write_text(find_example("import pytest"))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    folder = str(Path(cookiejar_session.__file__).parent.parent)
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env={"PYTHONPATH": folder})
    assert "1 passed" in run.stdout, run.stdout + run.stderr


@pytest.mark.usefixtures("keys")
def test_what_a_response_has_set_is_read_from_the_client() -> None:
    namespace = run_example("from flask import")
    client = TestClient(WSGIMiddleware(namespace["app"]), base_url="https://localhost")
    client.post("/login", data={"user": "ada"})
    (expression,) = re.findall(r"`(sessions\.read\(client.+?)`", README)
    assert eval(expression, {"client": client, **namespace})["user"] == "ada"  # noqa: S307


def test_every_python_example_is_run_by_a_test() -> None:
    assert PAGE.list_examples_without_test(__file__) == []


def test_python_examples_of_the_design_page_run() -> None:
    for example in Page("docs/design.md").examples:
        exec(compile(example, "design", "exec", dont_inherit=True), {})  # noqa: S102


def test_examples_of_every_page_are_run() -> None:
    # Those of the other pages are run by test_recipes.py, test_testing_docs.py, peers/test_ecosystem_pages.py and the
    # tests in integrations/.
    with_examples = {path.name for path in DOCS if Page(f"docs/{path.name}").examples}
    frameworks = {"flask.md", "quart.md", "django.md", "fastapi.md", "one-user.md"}
    assert with_examples <= {"design.md", "recipes.md", "libraries.md", "testing.md", *frameworks}


PAGES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", *(f"docs/{path.name}" for path in DOCS)]


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_links_to_exist(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_rotation_steps_keep_every_token_readable() -> None:
    names = {"OLD": Key.generate().to_text(), "NEW": Key.generate().to_text()}
    steps = re.findall(rf'{KEYS}="(.*?)"', README)
    rings = [Keyring.parse(re.sub(r"\$(\w+)", lambda found: names[found[1]], step)) for step in steps]
    assert len(rings) == 4
    deployed = [Keyring.parse(names["OLD"]), *rings[:3]]
    for before, after in pairwise(deployed):
        # During a deployment processes with either ring run side by side.
        for sealer, opener in ((before, after), (after, before)):
            token = CookieSessions(sealer).mint({"user": "ada"}).token
            assert CookieSessions(opener).read(token).reason is None
    assert rings[0].ring(0).primary(0).key == deployed[0].ring(0).primary(0).key
    assert rings[1].ring(0).primary(0).key == rings[2].ring(0).primary(0).key


def test_numbers_are_the_package_s_own() -> None:
    policy = Policy()
    assert f"ends {policy.idle_timeout.days} days after its last renewal" in PROSE
    assert f"{policy.absolute_lifetime.days} days after it began" in PROSE
    assert "used five minutes after it was sealed" in PROSE
    assert RESEAL_PAUSE == 5 * 60
    assert "checked every ten seconds" in PROSE
    assert CHECK_EVERY == 10
    sessions = CookieSessions(Keyring.generate())
    assert "holds about 1,900 octets" in PROSE
    assert 1900 <= count_encoded_octets(sessions.settings.max_token_characters) < 2000
    assert f"max_token_characters={MAX_TOKEN_CHARACTERS}" in PROSE
    assert "`__Host-session; Path=/; Secure; HttpOnly; SameSite=Lax`" in PROSE
    assert CookieAttributes().render("", max_age=None) == "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax"


def parse(text: str) -> Callable[[], object]:
    return lambda: Keyring.parse(text, now=0)


def read(**environ: str) -> Callable[[], object]:
    return lambda: Keyring.from_environment(environ, now=0)


KEY = Key.generate().to_text()
FAULTS: list[Callable[[], object]] = [
    read(),
    read(**{KEYS: KEY, f"{KEYS}_FILE": "keys"}),
    read(**{f"{KEYS}_FILE": KEY}),
    read(**{KEYS: "/run/secrets/keys"}),
    read(**{f"{KEYS}_FILE": "/"}),
    read(**{f"{KEYS}_FILE": "/nowhere/keys"}),
    parse(f'"{KEY}"'),
    parse("ab" * 32),
    parse(KEY[:-1]),
    parse(KEY[:5] + ("B" if KEY[5] == "A" else "A") + KEY[6:]),
    parse("hex:" + "ab" * 31),
    parse("hex:" + "00" * 32),
    parse(PUBLISHED),
    parse(f"{KEY} {KEY}"),
    parse(" ".join(Key.generate().to_text() for _ in range(17))),
    parse(f"{KEY}@to=2027-01-31T00:00:00Z"),
    parse(f"{KEY} @from=2027-01-31T00:00:00Z"),
    parse(f"{KEY}@from=2027-01-31T00:00:00Z@until=2027-01-31T00:00:00Z"),
    parse(f"{KEY}@until=2027-01-31T00:00:00Z"),
    lambda: CookieAttributes(domain="example.com"),
    lambda: CookieAttributes(secure=False),
    lambda: CookieAttributes(path="/app"),
    lambda: CookieAttributes(name="s s"),
]
ROWS = re.findall(
    r"^\| (.+?) \| .+ \|$", README.partition("## Start-up errors")[2].partition("\n## ")[0], re.MULTILINE
)[2:]


@pytest.mark.parametrize(("row", "fault"), list(zip(ROWS, FAULTS, strict=True)), ids=ROWS)
def test_start_up_error_says_what_the_table_says(row: str, fault: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as caught:
        fault()
    message = str(caught.value)
    assert all(part in message for part in re.findall(r"`(.+?)`", row)), message
    assert "\n" not in message
    # What was found, then how to fix it.
    assert ";" in message or ", " in message or ": write" in message
