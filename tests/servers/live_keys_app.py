"""An app for each interface whose keys change while it runs, from a file or from a function.

RING names the file. SOURCE is "file", or "function" for a function that reads it, as if it asked a secret manager.
With RELOAD_SIGNAL the process reloads at SIGHUP.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from cookiejar_session import CookieSessions, Keyring

RING = Path(os.environ["RING"])


def read_ring() -> str:
    return RING.read_text()


if os.environ["SOURCE"] == "file":
    keyring = Keyring.from_file(RING)
else:
    keyring = Keyring.from_callable(read_ring, every=timedelta(seconds=float(os.environ.get("EVERY", "1"))))
if "RELOAD_SIGNAL" in os.environ:
    keyring.reload_on_signal(signal.SIGHUP)
sessions = CookieSessions(keyring)
# Of ours alone: a server may have threads of its own.
THREADS_AT_START = sum("cookiejar" in thread.name for thread in threading.enumerate())


def describe(carrier: Any) -> bytes:
    """Return the process, the user of the session, and the key ids of the ring."""
    user = sessions.get(carrier).get("user")
    ring = [entry.key.key_id.hex() for entry in keyring.ring(int(time.time())).entries]
    answer = {"process": os.getpid(), "user": user, "ring": ring, "threads at start": THREADS_AT_START}
    return json.dumps(answer).encode()


@sessions.wsgi
def wsgi_app(environ: Any, start_response: Any) -> list[bytes]:
    body = describe(environ)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


@sessions.asgi
async def asgi_app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        for step in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{step}.complete"})
        return
    body = describe(scope)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})
