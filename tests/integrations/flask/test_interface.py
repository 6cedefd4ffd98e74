"""Flask applications with our sessions: the test client, flash messages, extensions, errors, mistakes."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import flask_login
import pytest
from flask import Flask, Response, flash, get_flashed_messages, request, session, stream_with_context
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from missing_frameworks import reload_without

from cookiejar_session import (
    ConfigError,
    CookieAttributes,
    CookieSessions,
    Key,
    Keyring,
    Policy,
    SessionCommittedError,
    SessionTooLargeError,
    UnsupportedValueError,
)
from cookiejar_session.integrations import flask as integration
from cookiejar_session.integrations.flask import FlaskSessions

KEYS = "COOKIEJAR_SESSION_KEYS"
HTTPS = "https://localhost"
IDLE, ABSOLUTE, MONTH = timedelta(hours=1), timedelta(days=1), timedelta(days=30)


@pytest.fixture
def sessions() -> CookieSessions[Any]:
    return CookieSessions(Keyring.generate())


@pytest.fixture
def app(sessions: CookieSessions[Any]) -> Flask:
    return make_app(sessions)


def make_app(sessions: CookieSessions[Any] | None, **config: Any) -> Flask:
    app = Flask("app")
    app.config.update({"TESTING": True, "PREFERRED_URL_SCHEME": "https"} | config)
    FlaskSessions(sessions).init_app(app)

    @app.route("/add/<path:value>")
    def add(value: str) -> str:
        session["values"] = (*session.get("values", ()), value)
        return "added"

    @app.route("/show")
    def show() -> str:
        return repr((dict(session), get_flashed_messages(with_categories=True)))

    @app.route("/flash")
    def add_messages() -> str:
        flash("one")
        flash(Markup("<b>"), "error")
        return "flashed"

    @app.route("/untouched")
    def leave() -> str:
        return "untouched"

    return app


@pytest.fixture
def get(app: Flask) -> Callable[[str], Response]:
    client = app.test_client()
    return lambda path: client.get(path, base_url=HTTPS)  # type: ignore[return-value]


def test_the_session_lasts_over_requests(get: Any) -> None:
    assert [get("/add/a").text, get("/add/b").text] == ["added", "added"]
    assert get("/show").text == "({'values': ('a', 'b')}, [])"


def test_an_untouched_request_has_no_fields_of_the_session(get: Any) -> None:
    get("/add/a")
    headers = get("/untouched").headers
    assert ("Vary" in headers, "Set-Cookie" in headers, "Cache-Control" in headers) == (False, False, False)


def test_flash_messages_are_shown_once(get: Any) -> None:
    get("/flash")
    # Flask shows the messages in the session too, until they are read.
    assert "[('message', 'one'), ('error', Markup('<b>'))])" in get("/show").text
    assert get("/show").text == "({}, [])"


def test_messages_are_readable_after_the_response(app: Flask) -> None:
    with app.test_client() as client:
        client.get("/flash", base_url=HTTPS)
        assert get_flashed_messages() == ["one", Markup("<b>")]
        assert "'one'" in client.get("/show", base_url=HTTPS).text


def test_session_transaction_reads_and_writes(app: Flask) -> None:
    client = app.test_client()
    with client.session_transaction(base_url=HTTPS) as opened:
        assert (opened.new, dict(opened)) == (True, {})
        opened["values"] = ("a",)
    assert client.get("/add/b", base_url=HTTPS).text == "added"
    with client.session_transaction(base_url=HTTPS) as opened:
        assert (opened.new, opened["values"]) == (False, ("a", "b"))


def test_a_request_context_without_a_response_has_a_session(app: Flask) -> None:
    with app.test_request_context("/"):
        session["a"] = 1
        assert dict(session) == {"a": 1}
    with app.app_context(), pytest.raises(RuntimeError):
        session["a"]


def test_one_environ_may_be_opened_several_times(app: Flask, sessions: CookieSessions[Any]) -> None:
    environ = app.test_request_context("/add/a", base_url=HTTPS).request.environ
    environ["HTTP_COOKIE"] = sessions.mint({"values": {" t": ["z"]}}).header
    for _ in range(2):
        with app.request_context(environ):
            assert session["values"] == ("z",)
            session["values"] = ()
    headers: list[Any] = []
    app(environ, lambda status, fields, exc_info=None: headers.extend(fields))  # type: ignore[arg-type, return-value]
    (cookie,) = [value for name, value in headers if name.lower() == "set-cookie"]
    assert sessions.read(cookie.partition(";")[0]).session == {"values": {" t": ["z", "a"]}}


def test_sessions_get_finds_the_session(app: Flask, sessions: CookieSessions[Any]) -> None:
    with app.test_request_context("/"):
        session["a"] = 1
        found = sessions.get(request)
        assert found == {"a": 1}
        found["b"] = 2
        assert session["b"] == 2


def test_sessions_get_of_other_sessions_raises_an_error_that_says_how_they_differ(app: Flask) -> None:
    with app.test_request_context("/"):
        session["a"] = 1
        with pytest.raises(ConfigError, match="passed a wrapper of other sessions, with the same cookie but no key in"):
            CookieSessions(Keyring.generate()).get(request)


def test_a_wrapper_around_the_application_shares_the_session(app: Flask, sessions: CookieSessions[Any]) -> None:
    app.wsgi_app = sessions.wsgi(app.wsgi_app)  # type: ignore[method-assign]

    @app.route("/nested")
    def nest() -> str:
        session["list"] = [1]
        session["list"].append((2,))
        assert sessions.get(request) is session.exchange.session  # type: ignore[attr-defined]
        return "nested"

    client = app.test_client()
    response = client.get("/nested", base_url=HTTPS)
    assert len(response.headers.getlist("Set-Cookie")) == 1
    assert client.get("/show", base_url=HTTPS).text == "({'list': [1, (2,)]}, [])"


@pytest.mark.parametrize("is_wrapped", [False, True], ids=["alone", "wrapped"])
def test_a_session_that_cannot_be_saved_reaches_the_error_handler(sessions: Any, *, is_wrapped: bool) -> None:
    app = make_app(sessions, TESTING=False)
    if is_wrapped:
        app.wsgi_app = sessions.wsgi(app.wsgi_app)  # type: ignore[method-assign]

    @app.errorhandler(500)
    def answer(error: Any) -> tuple[str, int]:
        flash("not saved")
        return f"{type(error.original_exception).__name__} {dict(session)['values']}", 500

    @app.errorhandler(SessionTooLargeError)
    def answer_early(error: Any) -> tuple[str, int]:
        session.revert()  # type: ignore[attr-defined]
        return "checked", 413

    @app.route("/check")
    def check() -> str:
        session["values"] = ["x"]
        session["values"].append("x" * 3000)
        session.check()  # type: ignore[attr-defined]
        return "not reached"

    client = app.test_client()
    client.get("/add/a", base_url=HTTPS)
    response = client.get(f"/add/{'x' * 3000}", base_url=HTTPS)
    assert (response.status_code, response.text) == (500, "SessionTooLargeError ('a',)")
    assert "[('message', 'not saved')]" in client.get("/show", base_url=HTTPS).text
    assert client.get("/check", base_url=HTTPS).text == "checked"
    assert client.get("/show", base_url=HTTPS).text == "({'values': ('a',)}, [])"


def test_a_value_that_cannot_be_sealed_raises_in_the_view(app: Flask) -> None:
    @app.errorhandler(UnsupportedValueError)
    def answer(error: Exception) -> tuple[str, int]:
        return str(error), 422

    @app.route("/object")
    def write() -> str:
        session["a"] = {"b": [object()]}
        return "not reached"

    response = app.test_client().get("/object", base_url=HTTPS)
    assert (response.status_code, response.text.partition(":")[0]) == (422, "a.b[0]")


def test_a_write_while_the_body_is_streamed_is_refused(app: Flask) -> None:
    @app.route("/stream")
    def stream() -> Response:
        session["a"] = 1

        def body() -> Iterator[str]:
            with pytest.raises(SessionCommittedError):
                session["a"] = 2
            yield f"{session['a']}"

        return Response(stream_with_context(body()))

    assert app.test_client().get("/stream", base_url=HTTPS).text == "1"


# Extensions


class User(flask_login.UserMixin):  # type: ignore[misc]
    def __init__(self, name: str) -> None:
        self.id = name


def add_login(app: Flask) -> None:
    manager = flask_login.LoginManager(app)
    manager.user_loader(User)

    @app.route("/login")
    def log_in() -> str:
        flask_login.login_user(User("ada"), remember=True)
        return "welcome"

    @app.route("/logout")
    def log_out() -> str:
        flask_login.logout_user()
        return "bye"

    @app.route("/who")
    def show_user() -> str:
        return str(flask_login.current_user.get_id())


def test_login_regenerates_the_session(app: Flask, sessions: CookieSessions[Any], get: Any) -> None:
    add_login(app)
    cookies = [get(path).headers["Set-Cookie"].partition(";")[0] for path in ("/add/a", "/login", "/add/b")]
    before, after, later = (sessions.read(cookie).session for cookie in cookies)
    assert before.log_id != after.log_id == later.log_id
    assert (after["_user_id"], after["values"], later.is_persistent) == ("ada", {" t": ["a"]}, True)
    assert get("/who").text == "ada"


def test_without_secret_key_flask_login_sets_and_reads_no_cookie_of_its_own(app: Flask) -> None:
    add_login(app)
    client = app.test_client()
    client.set_cookie("remember_token", "eve|forged")
    assert client.get("/who", base_url=HTTPS).text == "None"
    response = client.get("/login", base_url=HTTPS)
    assert [field.partition("=")[0] for field in response.headers.getlist("Set-Cookie")] == ["__Host-session"]
    assert client.get("/logout", base_url=HTTPS).text == "bye"
    assert client.get("/who", base_url=HTTPS).text == "None"


class Remembering:
    """A browser at an app whose logins say whether to remember the visitor, and for how long."""

    def __init__(self, *, persistent: bool = False) -> None:
        policy = Policy(idle_timeout=IDLE, absolute_lifetime=ABSOLUTE, persistent=persistent)
        self.sessions = CookieSessions(Keyring.generate(), policy=policy)
        app = make_app(self.sessions, REMEMBER_COOKIE_DURATION=MONTH)
        add_login(app)
        self.client = app.test_client()

        @app.route("/login/<name>")
        def log_in_as(name: str) -> str:
            if "permanent" in request.args:
                session.permanent = request.args["permanent"] == "yes"
            flask_login.login_user(User(name), remember="remember" in request.args)
            return "welcome"

    def visit(self, path: str) -> tuple[timedelta, timedelta, bool]:
        """Visit ``path``, and return the limits of the session then, and whether it outlives the browser."""
        self.client.get(path, base_url=HTTPS)
        cookie = self.client.get_cookie("__Host-session")
        assert cookie is not None
        found = self.sessions.read(cookie.value).session
        return found.idle_timeout, found.absolute_lifetime, found.is_persistent


def test_remembering_ends_with_a_logout_and_is_not_passed_to_the_next_visitor() -> None:
    browser = Remembering()
    browser.visit("/add/pen")
    assert browser.visit("/login/ada?remember") == (MONTH, MONTH, True)
    idle, _, persistent = browser.visit("/logout")
    assert (idle, persistent) == (IDLE, False)
    assert browser.visit("/login/bob") == (IDLE, ABSOLUTE, False)
    assert browser.visit("/add/ink") == (IDLE, ABSOLUTE, False)


def test_second_login_without_a_logout_decides_whether_to_remember() -> None:
    browser = Remembering()
    assert browser.visit("/login/ada?remember") == (MONTH, MONTH, True)
    assert browser.visit("/login/bob") == (IDLE, ABSOLUTE, False)
    assert browser.visit("/login/ada?remember") == (MONTH, MONTH, True)


@pytest.mark.parametrize(("persistent", "wanted"), [(False, "yes"), (True, "no")])
def test_login_keeps_what_the_application_assigned_to_permanent(wanted: str, *, persistent: bool) -> None:
    browser = Remembering(persistent=persistent)
    browser.visit("/login/ada?remember")
    assert browser.visit(f"/login/bob?permanent={wanted}") == (IDLE, ABSOLUTE, wanted == "yes")


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning")
def test_with_secret_key_flask_login_remembers_by_its_own_cookie(sessions: CookieSessions[Any]) -> None:
    app = make_app(sessions, SECRET_KEY="a")
    add_login(app)
    client = app.test_client()
    client.get("/login", base_url=HTTPS)
    client.delete_cookie("__Host-session")
    assert client.get("/who", base_url=HTTPS).text == "ada"


def test_flask_wtf_needs_no_secret_key(app: Flask) -> None:
    CSRFProtect(app)

    @app.route("/form", methods=["GET", "POST"])
    def form() -> str:
        return generate_csrf()

    client, other = app.test_client(), app.test_client()
    token = client.get("/form", base_url=HTTPS).text
    headers = {"X-CSRFToken": token, "Referer": HTTPS}
    assert client.post("/form", base_url=HTTPS, headers=headers).status_code == 200
    other.get("/form", base_url=HTTPS)
    assert other.post("/form", base_url=HTTPS, headers=headers).status_code == 400


# Mistakes


def test_without_keys_the_application_starts_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEYS, raising=False)
    app = make_app(None)
    client = app.test_client()
    assert client.get("/show", base_url=HTTPS).text == "({}, [])"
    with pytest.raises(RuntimeError) as caught:
        client.get("/add/a", base_url=HTTPS)
    assert str(caught.value).startswith("the session is unavailable: COOKIEJAR_SESSION_KEYS is not set")
    with pytest.raises(RuntimeError, match="backend did not open a session"), client.session_transaction():
        pass


def test_keys_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS, Key.generate().to_text())
    client = make_app(None).test_client()
    client.get("/add/a", base_url=HTTPS)
    assert client.get("/show", base_url=HTTPS).text == "({'values': ('a',)}, [])"


def test_wrong_keys_stop_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS, "wrong")
    with pytest.raises(ConfigError):
        FlaskSessions()


def test_an_application_in_place_of_the_sessions_is_refused() -> None:
    with pytest.raises(ConfigError, match="sessions must be CookieSessions, got Flask"):
        FlaskSessions(Flask("app"))  # type: ignore[arg-type]


def test_another_application_is_refused(sessions: CookieSessions[Any]) -> None:
    with pytest.raises(ConfigError, match="init_app takes a Flask application, got SessionMiddleware"):
        FlaskSessions(sessions).init_app(sessions.wsgi(Flask("app")))  # type: ignore[arg-type]


def test_a_setting_that_contradicts_is_refused(sessions: CookieSessions[Any]) -> None:
    with pytest.raises(ConfigError, match="SESSION_COOKIE_NAME"):
        make_app(sessions, SESSION_COOKIE_NAME="sid")


def test_another_interface_that_takes_the_place_is_logged_once(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.secret_key, app.session_interface = "a", Flask.session_interface
    client = app.test_client()
    for _ in range(2):
        client.get("/add/a", base_url=HTTPS)
    (message,) = [each.getMessage() for each in caplog.records if each.name == "cookiejar_session"]
    assert message.startswith("SecureCookieSessionInterface replaced the sessions of cookiejar-session")


def test_another_interface_whose_place_is_taken_is_logged(
    sessions: CookieSessions[Any], caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask("app")
    FlaskSessions(sessions).init_app(app)
    FlaskSessions(sessions).init_app(app)
    (record,) = caplog.records
    assert record.getMessage().startswith("FlaskSessions was replaced; remove")


def test_one_interface_serves_several_applications_in_silence(
    sessions: CookieSessions[Any], caplog: pytest.LogCaptureFixture
) -> None:
    ours = FlaskSessions(sessions)
    for app in (Flask("one"), Flask("two")):
        ours.init_app(app)
        app.test_client().get("/")
    assert caplog.records == []


def test_flasks_own_session_beside_a_wrapper_under_one_name_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    sessions = CookieSessions(Keyring.generate(), cookie=CookieAttributes(name="session"))
    app = Flask("app")
    app.secret_key = "a"
    app.wsgi_app = sessions.wsgi(app.wsgi_app)  # type: ignore[method-assign]

    @app.route("/")
    def write() -> str:
        session["a"] = sessions.get(request)["a"] = 1
        return "written"

    with caplog.at_level(logging.ERROR):
        app.test_client().get("/", base_url=HTTPS)
    assert "cookie session is set twice in one response" in caplog.text


@pytest.mark.parametrize(
    ("missing", "problem"),
    [("flask.sessions", "flask.sessions"), ("flask", r'pip install "cookiejar-session\[flask\]"')],
)
def test_missing_framework_names_the_extra(missing: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModuleNotFoundError, match=problem):
        reload_without(missing, integration, monkeypatch)


def test_the_package_imports_no_framework() -> None:
    code = "import cookiejar_session, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"flask", "werkzeug", "quart", "django", "starlette", "fastapi"} & set(run.stdout.split()) == set()
