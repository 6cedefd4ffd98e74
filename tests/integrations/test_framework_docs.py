"""The how-to pages of Flask and Quart: each example runs, and the sample app works before and after the diff."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from documents import Page
from starlette.testclient import TestClient

from cookiejar_session import Key

FLASK, NEXT_DOOR, FLASK_TEST = Page("docs/how-to/flask.md").take_blocks("python", 3)
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
