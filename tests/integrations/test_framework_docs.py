"""The how-to pages of Flask and Quart: each example runs, and the sample app works before and after the diff."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_login
import pytest
from documents import Page
from flask import Flask, request, session
from starlette.testclient import TestClient

from cookiejar_session import CookieSessions, Key
from cookiejar_session.integrations.flask import FlaskSessions
from cookiejar_session.testing import sign_in

FLASK, FACTORY, NEXT_DOOR, FLASK_TEST = Page("docs/how-to/flask.md").take_blocks("python", 4)
(FLASK_DIFF,) = Page("docs/how-to/flask.md").take_blocks("diff", 1)
(QUART,) = Page("docs/how-to/quart.md").take_blocks("python", 1)
(QUART_DIFF,) = Page("docs/how-to/quart.md").take_blocks("diff", 1)
HTTPS = "https://localhost"


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())


def run_block(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "sample"}
    exec(compile(code, "sample", "exec", dont_inherit=True), names)  # noqa: S102
    return names


def apply_diff(code: str, diff: str) -> str:
    """Return ``code`` with the imports of the diff at its top, and the removed line replaced."""
    added = [line[1:] for line in diff.splitlines() if line.startswith("+")]
    removed = [line[1:] for line in diff.splitlines() if line.startswith("-")]
    assert len(added) <= 3
    *imports, line = added
    (old,) = removed
    assert code.count(f"{old}\n") == 1
    return "\n".join([*imports, code.replace(old, line)])


FLASK_SAMPLES = {"before": FLASK, "after": apply_diff(FLASK, FLASK_DIFF)}
QUART_SAMPLES = {"before": QUART, "after": apply_diff(QUART, QUART_DIFF)}


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_sample_app_of_flask_works(when: str) -> None:
    app = run_block(FLASK_SAMPLES[when])["app"]
    client = app.test_client()

    def get(path: str) -> str:
        return str(client.get(path, base_url=HTTPS).text)

    def post(path: str, token: str = "") -> Any:
        headers = {"X-CSRFToken": token, "Referer": f"{HTTPS}/"}
        return client.post(path, data={"name": "ada"}, base_url=HTTPS, headers=headers)

    assert [get("/"), get("/")] == ["visit 1: ", "visit 2: "]
    assert client.get("/account", base_url=HTTPS).status_code == 401
    assert post("/login").status_code == 400
    assert post("/login", get("/form")).status_code == 302
    assert [get("/"), get("/"), get("/account")] == ["visit 3: welcome", "visit 4: ", "ada"]
    assert post("/logout", get("/form")).status_code == 302
    assert client.get("/account", base_url=HTTPS).status_code == 401
    assert get("/") == "visit 5: "
    is_ours = client.get_cookie("__Host-session") is not None
    assert is_ours is (when == "after")


def test_the_fastapi_app_next_door_reads_the_user_of_flask_login() -> None:
    flask = run_block(FLASK_SAMPLES["after"])["app"].test_client()
    api = TestClient(run_block(NEXT_DOOR)["api"], base_url=HTTPS)
    assert api.get("/whoami").json() == {"user": None}
    token = flask.get("/form", base_url=HTTPS).text
    headers = {"X-CSRFToken": token, "Referer": f"{HTTPS}/"}
    flask.post("/login", data={"name": "ada"}, base_url=HTTPS, headers=headers)
    cookie = f"__Host-session={flask.get_cookie('__Host-session').value}"
    assert api.get("/whoami", headers={"Cookie": cookie}).json() == {"user": "ada"}


def test_the_test_of_flask_passes() -> None:
    app = run_block(FLASK_SAMPLES["after"])["app"]
    run_block(FLASK_TEST)["test_home"](app)


def test_factory_of_flask_takes_the_sessions_of_a_test(cookie_sessions: CookieSessions[None]) -> None:
    create_app = run_block(FACTORY)["create_app"]
    for sessions in (None, cookie_sessions):
        app = create_app({"TESTING": True}, sessions)
        assert app.testing
        app.add_url_rule("/", view_func=lambda: str(session.setdefault("visits", 1)))
        client = app.test_client()
        assert client.get("/", base_url=HTTPS).text == "1"
        used = app.extensions["sessions"]
        assert used is sessions or sessions is None
        assert used.read(client.get_cookie("__Host-session").value).session == {"visits": 1}


def test_flask_login_touches_the_session_in_each_request(cookie_sessions: CookieSessions[None], tmp_path: Path) -> None:
    tmp_path.joinpath("page.css").write_text("")

    def visit(path: str, *, login: bool) -> tuple[str | None, bool]:
        app = Flask("shop", static_folder=tmp_path, static_url_path="/static")
        FlaskSessions(cookie_sessions).init_app(app)
        if login:
            flask_login.LoginManager(app)

        @app.get("/poll")
        def poll() -> str:
            cookie_sessions.get(request).keep_expiry()
            return "nothing new"

        client = app.test_client()
        sign_in(client, {"_user_id": "ada"}, sessions=cookie_sessions, age=timedelta(days=7))
        response = client.get(path, base_url=HTTPS, buffered=True)
        response.close()
        assert response.status_code == 200
        return response.headers.get("Vary"), "Set-Cookie" in response.headers

    assert visit("/static/page.css", login=False) == (None, False)
    assert visit("/static/page.css", login=True) == ("Cookie", True)
    assert visit("/poll", login=True) == ("Cookie", False)


@pytest.mark.parametrize("when", ["before", "after"])
def test_old_cookie_of_flask_login_needs_secret_key(when: str) -> None:
    app = run_block(FLASK_SAMPLES["after"])["app"]
    app.secret_key = "change me"
    with app.app_context():
        remembered = flask_login.encode_cookie("ada")
    if when == "after":
        app.secret_key = None
    client = app.test_client()
    client.set_cookie("remember_token", remembered)
    assert client.get("/account", base_url=HTTPS).status_code == (200 if when == "before" else 401)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_sample_app_of_quart_works(when: str) -> None:
    app = run_block(QUART_SAMPLES[when])["app"]

    async def visit() -> list[Any]:
        client = app.test_client()
        pages = [await (await client.get("/", scheme="https")).get_data(as_text=True) for _ in range(2)]
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookie_jar or ())
        async with client.websocket("/talk", headers={"Cookie": cookies}) as connection:
            return [*pages, await connection.receive()]

    assert asyncio.run(visit()) == ["visit 1: ", "visit 2: seen", "talk 1"]
