"""Authlib and Flask-Dance sign a visitor in over our session, at a provider that the test starts.

In Flask, both use the integration.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from authlib.integrations.flask_client import OAuth
from documents import Page
from examples import SIZES, SIZES_COMMAND, run_example
from flask import Flask, redirect, session, url_for
from flask_dance.consumer import OAuth2ConsumerBlueprint
from openid_provider import CLAIMS, CLIENT, Provider, start_provider
from starlette.testclient import TestClient

from cookiejar_session import CookieSessions, Key, Keyring
from cookiejar_session.integrations.flask import FlaskSessions

SITE = "https://testserver"
# In seconds, for a program of the page.
PATIENCE = 60


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with start_provider() as started:
        yield started


@pytest.fixture
def sessions() -> CookieSessions[None]:
    return CookieSessions(Keyring.generate())


def consent(location: str) -> str:
    """Follow the redirect to the provider, as a browser would, and return where the provider sends it."""
    response = httpx.get(location)
    assert response.status_code == 302
    back: str = response.headers["location"]
    assert back.startswith(SITE)
    return back.removeprefix(SITE)


@pytest.fixture
def shop(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names of the example for Authlib's Starlette client, run in an environment that is set as the page says."""
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    monkeypatch.setenv("CLIENT_ID", CLIENT["client_id"])
    monkeypatch.setenv("CLIENT_SECRET", CLIENT["client_secret"])
    monkeypatch.setenv("ISSUER", provider.issuer)
    return run_example("Authlib")


def test_authlib_s_starlette_client_signs_in(shop: dict[str, Any]) -> None:
    client = TestClient(shop["app"], base_url=SITE, follow_redirects=False)
    back = consent(client.get("/login").headers["location"])
    before = read(shop["sessions"], client.cookies["__Host-session"])
    assert client.get(back).headers["location"] == "/"
    after = read(shop["sessions"], client.cookies["__Host-session"])
    assert after == {"user": CLAIMS}
    assert shop["TOKENS"][CLAIMS["sub"]]["id_token"].count(".") == 2
    assert after.sid != before.sid
    # The state of the login is used up: the same redirect signs nobody in again.
    with pytest.raises(Exception, match="state"):
        client.get(back)


def test_logout_forgets_the_tokens(shop: dict[str, Any]) -> None:
    client = TestClient(shop["app"], base_url=SITE, follow_redirects=False)
    client.get(consent(client.get("/login").headers["location"]))
    assert list(shop["TOKENS"]) == [CLAIMS["sub"]]
    assert client.post("/logout").status_code == 303
    assert shop["TOKENS"] == {}
    assert "__Host-session" not in client.cookies


def test_unfinished_logins_take_what_the_page_says(
    shop: dict[str, Any], provider: Provider, sessions: CookieSessions[None]
) -> None:
    page = Page("docs/how-to/openid-connect.md").prose
    assert "takes about 500 octets of the session" in page
    client = TestClient(shop["app"], base_url=SITE, follow_redirects=False)
    for _ in range(4):
        client.get("/login")
    (octets,) = read(shop["sessions"], client.cookies["__Host-session"]).size.by_key.values()
    assert 450 <= octets <= 550
    assert "a fourth does not fit" in page
    flask = make_flask(provider, sessions).test_client()
    assert [flask.get("/login", base_url=SITE).status_code for _ in range(4)] == [302, 302, 302, 500]


def test_sizes_of_the_page_are_those_of_its_program(tmp_path: Path) -> None:
    tmp_path.joinpath("sizes.py").write_text(SIZES)
    assert SIZES_COMMAND == "python sizes.py\n"
    run = subprocess.run(
        [sys.executable, "sizes.py"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    (shown,) = [block.text for block in Page("docs/how-to/openid-connect.md").blocks if block.language == "text"]
    assert run.stdout == shown


def test_callback_of_another_browser_signs_nobody_in(shop: dict[str, Any]) -> None:
    attacker = TestClient(shop["app"], base_url=SITE, follow_redirects=False)
    back = consent(attacker.get("/login").headers["location"])
    with pytest.raises(Exception, match="state"):
        TestClient(shop["app"], base_url=SITE).get(back)


def make_flask(provider: Provider, sessions: CookieSessions[None]) -> Flask:
    """An application over Authlib's Flask client, whose session is ours."""
    app = Flask(__name__)
    FlaskSessions(sessions).init_app(app)
    oauth = OAuth(app)
    oauth.register(
        "provider",
        **CLIENT,
        server_metadata_url=f"{provider.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
    )

    @app.get("/login")
    def login() -> Any:
        return oauth.provider.authorize_redirect(url_for("finish_login", _external=True))

    @app.get("/callback")
    def finish_login() -> Any:
        token = oauth.provider.authorize_access_token()
        session["user"] = token.pop("userinfo")
        session["token"] = token
        return redirect("/")

    return app


def test_authlib_s_flask_client_signs_in(provider: Provider, sessions: CookieSessions[None]) -> None:
    client = make_flask(provider, sessions).test_client()
    back = consent(client.get("/login", base_url=SITE).location)
    assert client.get(back, base_url=SITE).location == "/"
    check_signed_in(read(sessions, client.get_cookie("__Host-session", "testserver").value))


def test_flask_dance_signs_in(
    provider: Provider, sessions: CookieSessions[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    # oauthlib refuses a provider without https otherwise.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    app = Flask(__name__)
    FlaskSessions(sessions).init_app(app)
    blueprint = OAuth2ConsumerBlueprint(
        "provider",
        __name__,
        **CLIENT,
        base_url=provider.issuer,
        authorization_url=f"{provider.issuer}/authorize",
        token_url=f"{provider.issuer}/token",
        scope="profile",
        use_pkce=True,
        redirect_url="/done",
    )
    app.register_blueprint(blueprint)
    client = app.test_client()
    back = consent(client.get("/provider", base_url=SITE).location)
    assert client.get(back, base_url=SITE).location == "/done"
    kept = read(sessions, client.get_cookie("__Host-session", "testserver").value)
    assert set(kept) == {"provider_oauth_token"}
    assert kept["provider_oauth_token"]["scope"] == ["profile"]


def read(sessions: CookieSessions[None], token: str) -> Any:
    found = sessions.read(token)
    assert found.reason is None
    return found.session


def check_signed_in(kept: Any) -> None:
    assert set(kept) == {"token", "user"}
    assert {name: kept["user"][name] for name in CLAIMS} == CLAIMS
    assert kept["token"]["token_type"] == "Bearer"
    assert kept["token"]["id_token"].count(".") == 2
