"""The codecs that are compared: how each turns a session's content into a cookie value and back, as a request does.

Knows nothing of timing. Each codec is made by a function, so that a peer that cannot be imported is told, not dropped.
"""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from cookiejar_session import Envelope, Keyring, open_token, seal_token

from .contents import Content

MAX_AGE = 14 * 24 * 60 * 60
SECRET = os.urandom(32)
SECRET_TEXT = SECRET.hex()


class Codec(NamedTuple):
    """How content becomes a cookie's value and is read from it again, with all checks that its library makes."""

    seal: Callable[[Content], Any]
    open: Callable[[Any], Content]


def make_ours() -> Codec:
    """seal_token and open_token. A writer has the envelope it read, with other data."""
    keyring, purpose, sid, created = Keyring.generate(), "__Host-session", os.urandom(16), int(time.time())

    def seal(content: Content) -> str:
        now = int(time.time())
        envelope = Envelope(sid, created, created, MAX_AGE, created + 90 * 86400, True, content, [])
        return seal_token(envelope, keyring=keyring, purpose=purpose, now=now)

    def open_(token: str) -> Content:
        return open_token(token, keyring=keyring, purpose=purpose, now=int(time.time())).data

    return Codec(seal, open_)


def make_starlette() -> Codec:
    """What starlette.middleware.sessions does: a time-stamped signature over base64 over JSON."""
    from itsdangerous import TimestampSigner

    signer = TimestampSigner(SECRET_TEXT)

    def seal(content: Content) -> str:
        return signer.sign(base64.b64encode(json.dumps(content).encode("utf-8"))).decode("utf-8")

    def open_(token: str) -> Content:
        opened: Content = json.loads(base64.b64decode(signer.unsign(token.encode("utf-8"), max_age=MAX_AGE)))
        return opened

    return Codec(seal, open_)


def make_flask() -> Codec:
    """The serializer that Flask's own SecureCookieSessionInterface makes."""
    from flask import Flask

    app = Flask("benchmark")
    app.secret_key = SECRET_TEXT
    interface: Any = app.session_interface

    # As the interface does: a serializer is made for each reading and each writing.
    def seal(content: Content) -> str:
        token: str = interface.get_signing_serializer(app).dumps(content)
        return token

    def open_(token: str) -> Content:
        opened: Content = interface.get_signing_serializer(app).loads(token, max_age=MAX_AGE)
        return opened

    return Codec(seal, open_)


def make_django() -> Codec:
    """django.core.signing as the signed_cookies backend uses it."""
    from django.conf import settings
    from django.contrib.sessions.serializers import JSONSerializer
    from django.core import signing

    if not settings.configured:
        settings.configure(SECRET_KEY=SECRET_TEXT)
    salt = "django.contrib.sessions.backends.signed_cookies"

    def seal(content: Content) -> str:
        return signing.dumps(content, compress=True, salt=salt, serializer=JSONSerializer)

    def open_(token: str) -> Content:
        opened: Content = signing.loads(token, serializer=JSONSerializer, max_age=MAX_AGE, salt=salt)
        return opened

    return Codec(seal, open_)


def make_fernet() -> Codec:
    """cryptography's Fernet over JSON."""
    from cryptography.fernet import Fernet

    return _seal_json(Fernet(Fernet.generate_key()))


def make_multifernet() -> Codec:
    """MultiFernet with three keys; what it opens is under the first, the quickest case."""
    from cryptography.fernet import Fernet, MultiFernet

    return _seal_json(MultiFernet([Fernet(Fernet.generate_key()) for _ in range(3)]))


def _seal_json(fernet: Any) -> Codec:
    def seal(content: Content) -> str:
        token: bytes = fernet.encrypt(json.dumps(content).encode("utf-8"))
        return token.decode("utf-8")

    def open_(token: str) -> Content:
        opened: Content = json.loads(fernet.decrypt(token.encode("utf-8"), ttl=MAX_AGE))
        return opened

    return Codec(seal, open_)


def make_litestar() -> Codec:
    """Litestar's ClientSideSessionBackend: AES-256-GCM over JSON, base64."""
    from litestar.middleware.session.client_side import ClientSideSessionBackend, CookieBackendConfig

    backend = ClientSideSessionBackend(CookieBackendConfig(secret=SECRET, max_age=MAX_AGE))

    def seal(content: Content) -> str:
        (chunk,) = backend.dump_data(content)
        return chunk.decode("utf-8")

    def open_(token: str) -> Content:
        return backend.load_data([token.encode("utf-8")])

    return Codec(seal, open_)


OURS, STARLETTE, FERNET, LITESTAR = "cookiejar-session", "Starlette (signed)", "Fernet", "Litestar (AES-GCM)"
CODECS: dict[str, Callable[[], Codec]] = {
    OURS: make_ours,
    STARLETTE: make_starlette,
    "Flask (signed)": make_flask,
    "Django (signed)": make_django,
    FERNET: make_fernet,
    "MultiFernet, 3 keys": make_multifernet,
    LITESTAR: make_litestar,
}
