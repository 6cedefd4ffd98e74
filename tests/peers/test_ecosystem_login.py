"""Authlib and Flask-Dance sign a visitor in over our session, at a provider that the test starts.

In Flask, both use the integration.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest
from authlib.integrations.flask_client import OAuth
from examples import run_example
from flask import Flask, redirect, session, url_for
from flask_dance.consumer import OAuth2ConsumerBlueprint
from openid_provider import CLAIMS, CLIENT, Provider, start_provider
from starlette.testclient import TestClient

from cookiejar_session import CookieSessions, Key, Keyring
from cookiejar_session.integrations.flask import FlaskSessions

SITE = "https://testserver"


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
    check_signed_in(after)
    assert after.sid != before.sid
    # The state of the login is used up: the same redirect signs nobody in again.
    with pytest.raises(Exception, match="state"):
        client.get(back)


def test_callback_of_another_browser_signs_nobody_in(shop: dict[str, Any]) -> None:
    attacker = TestClient(shop["app"], base_url=SITE, follow_redirects=False)
    back = consent(attacker.get("/login").headers["location"])
    with pytest.raises(Exception, match="state"):
        TestClient(shop["app"], base_url=SITE).get(back)


def test_authlib_s_flask_client_signs_in(provider: Provider, sessions: CookieSessions[None]) -> None:
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

    client = app.test_client()
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
