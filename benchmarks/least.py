"""The floor without checks: the calls that a session in a secretbox cannot do without. Never use it.

It encodes and encrypts once to seal, and decrypts and decodes once to open. It looks up no key, checks no type, range,
depth, padding or time, finds no nested change, and knows no second cookie, no nested wrapper, no error and no event. No
session in a secretbox can be much quicker with these libraries.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any

import msgspec
from nacl.bindings import crypto_secretbox_easy, crypto_secretbox_open

from . import asgi_stacks, wsgi_stacks
from .codec_peers import Codec
from .contents import MAX_AGE, Content
from .floor_envelope import Envelope, decode_envelope, encode_envelope
from .stacks import Stack, Touch

_KEY, _SID = os.urandom(32), os.urandom(16)
_START = "__Host-session="
_ATTRIBUTES = f"; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={MAX_AGE}"


def make_codec() -> Codec:
    """Seal and open of a whole envelope (SPEC 7 and 8) without checks."""
    return Codec(_seal, lambda token: _open(token).data)


def make_asgi_stack() -> Stack:
    """An ASGI wrapper that adds a session to the scope and edits the message that starts the response."""

    def wrap(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            session = _Session(scope)

            def send_edited(message: Any) -> Any:
                if message["type"] == "http.response.start" and session.content is not None:
                    fields = [(name.encode(), value.encode()) for name, value in session.list_fields()]
                    message = {**message, "headers": [*message["headers"], *fields]}
                return send(message)

            await app({**scope, "session": session}, receive, send_edited)

        return middleware

    return asgi_stacks.make_stack(wrap)


def make_wsgi_stack() -> Stack:
    """A WSGI wrapper that adds a session to the environ and edits the headers."""

    def make_app(touch: Touch | None) -> Any:
        app = wsgi_stacks.make_plain(touch, lambda environ: environ["session"])

        def middleware(environ: Any, start_response: Any) -> Iterable[bytes]:
            session = environ["session"] = _Session(environ)

            def start(status: str, headers: Any, exc_info: Any = None) -> Any:
                if session.content is not None:
                    headers = [*headers, *session.list_fields()]
                return start_response(status, headers)

            body: Iterable[bytes] = app(environ, start)
            return body

        return middleware

    return wsgi_stacks.make_stack(make_app, wsgi_stacks.make_plain_bare)


class _Session:
    __slots__ = ("content", "is_changed", "request")

    def __init__(self, request: Any) -> None:
        self.request = request
        self.content: Content | None = None
        self.is_changed = False

    def open(self) -> Content:
        text = self.request.get("HTTP_COOKIE")
        if text is None:
            text = next((value.decode() for name, value in self.request.get("headers", ()) if name == b"cookie"), "")
        self.content = _open(text[len(_START) :]).data if text else {}
        return self.content

    def __getitem__(self, key: str) -> Any:
        return (self.content or self.open())[key]

    def __setitem__(self, key: str, value: object) -> None:
        (self.content or self.open())[key] = value
        self.is_changed = True

    def update(self, other: Content) -> None:
        self.open().update(other)
        self.is_changed = True

    def keys(self) -> Iterable[str]:
        return self.open()

    def list_fields(self) -> list[tuple[str, str]]:
        fields = [("vary", "Cookie")]
        if self.is_changed and self.content is not None:
            fields += [("cache-control", "private"), ("set-cookie", f"{_START}{_seal(self.content)}{_ATTRIBUTES}")]
        return fields


def _seal(content: Content) -> str:
    now = int(time.time())
    encoded = encode_envelope(Envelope(_SID, now, now, MAX_AGE, now + MAX_AGE, True, content, []))
    nonce = os.urandom(24)
    box = crypto_secretbox_easy(encoded + bytes(24 - len(encoded) % 24), nonce, _KEY)
    return "cj1." + msgspec.to_builtins(_SID[:8] + nonce + box).replace("+", "-").replace("/", "_")


def _open(token: str) -> Envelope:
    octets = msgspec.convert(token[4:].replace("-", "+").replace("_", "/"), bytes)
    encoded = crypto_secretbox_open(octets[32:], octets[8:32], _KEY).rstrip(b"\0")
    envelope = decode_envelope(encoded)
    # Encoding the envelope again is how an opener finds that the octets were its only encoding (SPEC 6).
    encode_envelope(envelope)
    return envelope
