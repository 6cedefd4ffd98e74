"""README.md: its pair of examples, its size and its numbers."""

from __future__ import annotations

from typing import Any

import pytest
from documents import Page
from starlette.testclient import TestClient

from cookiejar_session import CookieSessions, Key, Keyring
from cookiejar_session.wire.layout import count_encoded_octets

PAGE = Page("README.md")
FLASK, FASTAPI = Page("README.md").take_blocks("python", 2)
# tests/test_first_minutes.py starts the demonstration.
(COMMANDS,) = Page("README.md").take_blocks("sh", 1)


def run(example: str) -> Any:
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(example, "README.md", "exec", dont_inherit=True), names)  # noqa: S102
    return names["app"]


def test_signing_in_to_the_flask_app_shows_in_the_fastapi_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    flask, fastapi = run(FLASK), run(FASTAPI)
    assert 'action="/login"' in flask.test_client().get("/").text
    response = flask.test_client().post("/login", data={"user": "ada"}, base_url="https://localhost")
    assert response.text == "welcome"
    cookie = response.headers["Set-Cookie"].partition(";")[0]
    client = TestClient(fastapi, base_url="https://localhost")
    assert client.get("/whoami").json() == {"user": None}
    assert client.get("/whoami", headers={"Cookie": cookie}).json() == {"user": "ada"}


def test_readme_is_short() -> None:
    assert len(PAGE.text.split()) < 700


def test_size_of_a_session_is_the_package_s() -> None:
    assert "holds about 1,900 octets" in PAGE.prose
    sessions = CookieSessions(Keyring.generate())
    assert 1900 <= count_encoded_octets(sessions.settings.max_token_characters) < 2000
