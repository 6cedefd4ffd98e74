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

from .contents import MAX_AGE, SECRET, Content
from .django_settings import configure_django
from .stacks import run_to_end

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
    configure_django()
    from django.contrib.sessions.serializers import JSONSerializer
    from django.core import signing

    salt = "django.contrib.sessions.backends.signed_cookies"

    def seal(content: Content) -> str:
        token: str = signing.dumps(content, compress=True, salt=salt, serializer=JSONSerializer)
        return token

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


def make_pyramid_nacl() -> Codec:
    """pyramid_nacl_session's EncryptedSerializer over JSON; pickle, its default, is gone from Pyramid."""
    from pyramid.session import JSONSerializer
    from pyramid_nacl_session import EncryptedSerializer

    serializer = EncryptedSerializer(SECRET, serializer=JSONSerializer())

    def seal(content: Content) -> str:
        token: bytes = serializer.dumps(content)
        return token.decode("ascii")

    def open_(token: str) -> Content:
        opened: Content = serializer.loads(token.encode("ascii"))
        return opened

    return Codec(seal, open_)


def make_aiohttp_fernet() -> Codec:
    """aiohttp_session's EncryptedCookieStorage: Fernet over JSON."""
    from aiohttp_session.cookie_storage import EncryptedCookieStorage

    return _store_aiohttp(EncryptedCookieStorage)


def make_aiohttp_nacl() -> Codec:
    """aiohttp_session's NaClCookieStorage: secretbox over JSON."""
    from aiohttp_session.nacl_storage import NaClCookieStorage

    return _store_aiohttp(NaClCookieStorage)


def _store_aiohttp(storage_class: Any) -> Codec:
    """The storage with its cookies in ``held`` instead of in a request and a response."""
    from aiohttp_session import Session

    held: dict[str, str] = {}

    class HeldStorage(storage_class):  # type: ignore[misc]
        def load_cookie(self, request: Any) -> str:
            return held["token"]

        def save_cookie(self, response: Any, cookie_data: str, *, max_age: int | None = None) -> None:
            held["token"] = cookie_data

    storage = HeldStorage(SECRET, max_age=MAX_AGE)

    def seal(content: Content) -> str:
        session = Session(None, data={"created": int(time.time()), "session": content}, new=False, max_age=MAX_AGE)
        run_to_end(storage.save_session(None, None, session))
        return held["token"]

    def open_(token: str) -> Content:
        held["token"] = token
        return dict(run_to_end(storage.load_session(None)))

    return Codec(seal, open_)


def make_pyseto() -> Codec:
    """pyseto's v4.local with an expiry in the payload."""
    import pyseto

    key = pyseto.Key.new(version=4, purpose="local", key=SECRET)

    def seal(content: Content) -> str:
        # A copy: pyseto writes the expiry into the payload it is given.
        return pyseto.encode(key, dict(content), serializer=json, exp=MAX_AGE).decode("ascii")

    def open_(token: str) -> Content:
        payload: Any = pyseto.decode(key, token, deserializer=json).payload
        del payload["exp"]
        opened: Content = payload
        return opened

    return Codec(seal, open_)


def make_joserfc() -> Codec:
    """joserfc's JWE, compact, direct A256GCM, over JSON; no expiry is looked at."""
    from joserfc import jwe
    from joserfc.jwk import OctKey

    key, header = OctKey.import_key(SECRET), {"alg": "dir", "enc": "A256GCM"}

    def seal(content: Content) -> str:
        return jwe.encrypt_compact(header, json.dumps(content).encode("utf-8"), key)

    def open_(token: str) -> Content:
        opened: Content = json.loads(jwe.decrypt_compact(token, key).plaintext or b"")
        return opened

    return Codec(seal, open_)


def make_beaker() -> Codec:
    """Beaker's CookieSession, encrypted, over JSON; making and parsing of the cookie cannot be had apart."""
    from beaker.session import CookieSession

    options = {
        "encrypt_key": SECRET_TEXT,
        "validate_key": SECRET_TEXT,
        "crypto_type": "cryptography",
        "data_serializer": "json",
        "timeout": MAX_AGE,
    }

    def seal(content: Content) -> str:
        request: dict[str, Any] = {}
        session = CookieSession(request, **options)
        session.update(content)
        session.save()
        field: str = request["cookie_out"]
        return field.strip().partition(";")[0].partition("=")[2]

    def open_(token: str) -> Content:
        session = CookieSession({"cookie": f"beaker.session.id={token}"}, **options)
        return {name: value for name, value in session.items() if not name.startswith("_")}

    return Codec(seal, open_)


OURS, STARLETTE, FERNET, LITESTAR = "cookiejar-session", "Starlette (signed)", "Fernet", "Litestar (AES-GCM)"
CODECS: dict[str, Callable[[], Codec]] = {
    OURS: make_ours,
    STARLETTE: make_starlette,
    "Flask (signed)": make_flask,
    "Django (signed)": make_django,
    FERNET: make_fernet,
    "MultiFernet, 3 keys": make_multifernet,
    "pyramid_nacl_session": make_pyramid_nacl,
    LITESTAR: make_litestar,
    "aiohttp_session (Fernet)": make_aiohttp_fernet,
    "aiohttp_session (NaCl)": make_aiohttp_nacl,
    "pyseto v4.local": make_pyseto,
    "joserfc A256GCM": make_joserfc,
    "Beaker (encrypted)": make_beaker,
}
