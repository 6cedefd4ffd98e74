"""A server of loopback that answers as the APIs of three secret managers do. Knows no tests."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GOOGLE_PATH = "/v1/projects/my-project/secrets/session-keys/versions/latest:access"
VAULT_PATH, VAULT_TOKEN = "/v1/secret/data/shop/session", "a token of the test"


class Secrets:
    """The secret that the server gives. While ``is_denied``, it gives each vendor's error instead."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_denied = False
        self.requests = 0
        self.url = ""

    def answer_amazon(self, target: str | None, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if target != "secretsmanager.GetSecretValue" or body["SecretId"] != "shop/session-keys":
            return 400, {"__type": "InvalidRequestException", "message": "unexpected"}
        if self.is_denied:
            return 400, {"__type": "AccessDeniedException", "Message": f"{self.text} is not for you"}
        return 200, {"Name": body["SecretId"], "VersionId": "v" * 32, "SecretString": self.text}

    def answer_google(self) -> tuple[int, dict[str, Any]]:
        if self.is_denied:
            return 403, {"error": {"code": 403, "message": f"{self.text} is not for you", "status": "DENIED"}}
        return 200, {"name": GOOGLE_PATH[4:-7], "payload": {"data": base64.b64encode(self.text.encode()).decode()}}

    def answer_vault(self, token: str | None) -> tuple[int, dict[str, Any]]:
        if self.is_denied or token != VAULT_TOKEN:
            return 403, {"errors": [f"{self.text} is not for you"]}
        return 200, {"data": {"data": {"keys": self.text}, "metadata": {"version": 1, "destroyed": False}}}


def _make_handler(secrets: Secrets) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(*secrets.answer_amazon(self.headers["X-Amz-Target"], body))

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == GOOGLE_PATH:
                self._send(*secrets.answer_google())
            elif path == VAULT_PATH:
                self._send(*secrets.answer_vault(self.headers["X-Vault-Token"]))
            else:
                self._send(404, {"errors": [self.path]})

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            secrets.requests += 1
            octets = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the standard library
            pass

    return Handler


@contextmanager
def start_secret_managers(text: str) -> Iterator[Secrets]:
    """Serve ``text`` as the secret. ``url`` is where."""
    secrets = Secrets(text)
    with ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(secrets)) as server:
        secrets.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield secrets
        finally:
            server.shutdown()
            thread.join()
