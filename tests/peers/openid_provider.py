"""A small OpenID Connect provider: one user who always consents, PKCE required, tokens signed with RS256."""

from __future__ import annotations

import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from cookiejar_session import base64url

CLIENT = {"client_id": "shop", "client_secret": "not so secret"}
CLAIMS = {"sub": "248289761001", "name": "Ada Lovelace", "email": "ada@example.com"}
# In seconds, for starting and for stopping.
PATIENCE = 30


class Provider:
    """The endpoints. ``issuer`` is the URL under which they are served."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.describe),
                Route("/authorize", self.authorize),
                Route("/token", self.issue_token, methods=["POST"]),
                Route("/keys", self.list_keys),
            ]
        )
        self._key = RSAKey.generate_key(2048, parameters={"kid": "1", "use": "sig"}, auto_kid=False)
        self._granted: dict[str, dict[str, str]] = {}

    async def describe(self, request: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def list_keys(self, request: Request) -> JSONResponse:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> RedirectResponse:
        query = dict(request.query_params)
        assert query["client_id"] == CLIENT["client_id"]
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._granted[code] = query
        return RedirectResponse(f"{query['redirect_uri']}?code={code}&state={query['state']}", 302)

    async def issue_token(self, request: Request) -> JSONResponse:
        form = {name: str(value) for name, value in (await request.form()).items()}
        # A code is valid once.
        asked = self._granted.pop(form["code"], None)
        if asked is None or compute_challenge(form["code_verifier"]) != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token: dict[str, Any] = {
            "access_token": secrets.token_urlsafe(32),
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": asked["scope"],
        }
        if "openid" in asked["scope"].split():
            token["id_token"] = self._sign(asked)
        return JSONResponse(token)

    def _sign(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        times = {"iat": now, "exp": now + 600}
        claims = {"iss": self.issuer, "aud": asked["client_id"], "nonce": asked["nonce"], **times, **CLAIMS}
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, self._key)


def compute_challenge(verifier: str) -> str:
    # RFC 7636 4.2
    return base64url.encode(hashlib.sha256(verifier.encode()).digest())


@contextmanager
def start_provider() -> Iterator[Provider]:
    """Serve a provider on a free port of loopback, in a thread."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        provider = Provider(f"http://127.0.0.1:{listener.getsockname()[1]}")
        server = uvicorn.Server(uvicorn.Config(provider.app, log_level="warning", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            wait_until_started(server)
            yield provider
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def wait_until_started(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + PATIENCE
    while not server.started:
        assert time.monotonic() < deadline, "the provider did not start"
        time.sleep(0.01)
