"""The codecs of the package and its peers: how each turns session content into a cookie value and back.

Knows nothing of timing. A function makes each codec, so that the table can give the reason why a peer is missing.
"""

from __future__ import annotations

import base64
import json
import os
import struct
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import cookiejar_session

from .contents import MAX_AGE, SECRET, Content
from .django_settings import configure_django
from .stacks import run_to_end

SECRET_TEXT = SECRET.hex()
FLOAT = b"\xcb"


class Codec(NamedTuple):
    """How a library turns content into a cookie value and back, with all checks that the library makes."""

    seal: Callable[[Content], Any]
    open: Callable[[Any], Content]


def make_ours(package: Any = cookiejar_session) -> Codec:
    """seal_token and open_token of ``package``."""
    keyring, purpose, created = package.Keyring.generate(), "__Host-session", int(time.time())
    # The octet 0xcb begins a float. Where it occurs, opening must look more closely, which takes 3 % more instructions.
    # In random sids and in times it occurs now and then, and the counts must be the same each time.
    sid = os.urandom(16).replace(FLOAT, b"\0")
    while FLOAT in struct.pack(">QQ", created, created + 90 * 86400):
        created -= 1
    make_envelope, seal_token, open_token = package.Envelope, package.seal_token, package.open_token

    def seal(content: Content) -> str:
        now = int(time.time())
        # By position: sid, created, issued, idle, until, persistent, data, flash (SPEC 5.1).
        envelope = make_envelope(sid, created, created, MAX_AGE, created + 90 * 86400, True, content, [])
        token: str = seal_token(envelope, keyring=keyring, purpose=purpose, now=now)
        return token

    def open_(token: str) -> Content:
        opened: Content = open_token(token, keyring=keyring, purpose=purpose, now=int(time.time())).data
        return opened

    return Codec(seal, open_)


def make_starlette() -> Codec:
    """Starlette's SessionMiddleware: JSON in base64 under a signature with a time stamp."""
    from itsdangerous import TimestampSigner

    signer = TimestampSigner(SECRET_TEXT)

    def seal(content: Content) -> str:
        return signer.sign(base64.b64encode(json.dumps(content).encode("utf-8"))).decode("utf-8")

    def open_(token: str) -> Content:
        opened: Content = json.loads(base64.b64decode(signer.unsign(token.encode("utf-8"), max_age=MAX_AGE)))
        return opened

    return Codec(seal, open_)


def make_flask() -> Codec:
    """The serializer of Flask's SecureCookieSessionInterface."""
    from flask import Flask

    app = Flask("benchmark")
    app.secret_key = SECRET_TEXT
    interface: Any = app.session_interface

    # Flask's interface makes a serializer for each read and each write.
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
    """MultiFernet with three keys. The tokens are under the first key, which is its quickest case."""
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
    """Litestar's ClientSideSessionBackend: JSON under AES-256-GCM, in base64."""
    from litestar.middleware.session.client_side import ClientSideSessionBackend, CookieBackendConfig

    backend = ClientSideSessionBackend(CookieBackendConfig(secret=SECRET, max_age=MAX_AGE))

    def seal(content: Content) -> str:
        (chunk,) = backend.dump_data(content)
        return chunk.decode("utf-8")

    def open_(token: str) -> Content:
        return backend.load_data([token.encode("utf-8")])

    return Codec(seal, open_)


def make_pyramid_nacl() -> Codec:
    """pyramid_nacl_session's EncryptedSerializer over JSON. Its default, pickle, was removed from Pyramid."""
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
    """Return the codec of a storage that keeps its cookie in a dict, not in a request and a response."""
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
    """pyseto's PASETO v4.local with an expiry time in the payload."""
    import pyseto

    key = pyseto.Key.new(version=4, purpose="local", key=SECRET)

    def seal(content: Content) -> str:
        # pyseto writes the expiry time into the dict that it gets.
        return pyseto.encode(key, dict(content), serializer=json, exp=MAX_AGE).decode("ascii")

    def open_(token: str) -> Content:
        payload: Any = pyseto.decode(key, token, deserializer=json).payload
        del payload["exp"]
        opened: Content = payload
        return opened

    return Codec(seal, open_)


def make_joserfc() -> Codec:
    """joserfc's compact JWE over JSON with a direct A256GCM key. It checks no expiry time."""
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
    """Beaker's encrypted CookieSession over JSON. It always renders and parses the cookie's text too."""
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


OURS = "cookiejar-session"
CODECS: dict[str, Callable[[], Codec]] = {
    OURS: make_ours,
    "Starlette (signed)": make_starlette,
    "Flask (signed)": make_flask,
    "Django (signed)": make_django,
    "Fernet": make_fernet,
    "MultiFernet, 3 keys": make_multifernet,
    "pyramid_nacl_session": make_pyramid_nacl,
    "Litestar (AES-GCM)": make_litestar,
    "aiohttp_session (Fernet)": make_aiohttp_fernet,
    "aiohttp_session (NaCl)": make_aiohttp_nacl,
    "pyseto v4.local": make_pyseto,
    "joserfc A256GCM": make_joserfc,
    "Beaker (encrypted)": make_beaker,
}
