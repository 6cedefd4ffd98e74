"""The floor with all checks: a session for one configuration and for requests without any fault. Never use it.

It makes every check of SPEC 6 to 9 and 11 to 13, finds nested and late changes and wrappers around this one, and
publishes the session. But it has one function to seal and one to open, one key and the default configuration. Where a
check fails, it raises AmissError: it gives no reason, and it preserves, renews and deletes nothing. The package needs
more time than this floor because it has modules and handles those other cases.
"""

from __future__ import annotations

import logging
import math
import os
import re
import time
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from hashlib import blake2b
from typing import Any, Never

import msgspec
from nacl.bindings import crypto_secretbox_easy, crypto_secretbox_open

from . import asgi_stacks, wsgi_stacks
from .codec_peers import Codec
from .contents import MAX_AGE, Content
from .floor_envelope import Envelope, decode_envelope, encode_envelope
from .stacks import Stack, Touch

_NAME, _EXCHANGE = "__Host-session", "tightest.exchange"
_WANTED, _LIFETIME, _LIMIT = f"{_NAME}=", 90 * 86400, 2660
_NEVER = 1 << 62
# By key id: the key of the secretbox, when it starts to seal, and when it ends.
BoxKeys = Mapping[bytes, tuple[bytes, int, int]]
_LENGTHS = range(132, 3973, 32)
_PADDINGS = tuple(b"\x80".ljust(24 - over, b"\0") for over in range(24))
_ATTRIBUTES = "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age="
_SCALARS = frozenset({type(None), bool, int, float, str, bytes})
_LOOKED_FOR = b"\xa9\xc7\xc8\xc9\xcb\xcf\xd4\xd5\xd6\xd7\xd8"
_BEGINS = bytes(
    1 if 0x80 <= octet <= 0x9F or 0xDC <= octet <= 0xDF else 2 if octet in _LOOKED_FOR else 0 for octet in range(256)
)
_INFINITE = rb"\xcb[\x7f\xff][\xf0-\xff]"
_find_infinite = re.compile(_INFINITE).search
_find_suspect = re.compile(rb"[\xc7-\xc9\xd4-\xd8]|\xcf[\x80-\xff]|" + _INFINITE + rb"|\xa9__proto__", re.DOTALL).search
_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
_CONCERNED = frozenset({"vary", "cache-control", "set-cookie", b"vary", b"cache-control", b"set-cookie"})
_current: ContextVar[Any] = ContextVar("tightest.current", default=None)
_log = logging.getLogger("cookiejar_session")


class AmissError(Exception):
    """A check failed. The package has an answer for this case; the floor has none."""


def make_box_keys(material: bytes, purpose: str, seals_from: int = 0, until: int = _NEVER) -> BoxKeys:
    """Return the keyring of the one key of 32 octets ``material``, for ``purpose``."""
    return {_derive(material, b"key-id")[:8]: (_derive(material, b"box", purpose.encode()), seals_from, until)}


def _derive(material: bytes, label: bytes, *pieces: bytes) -> bytes:
    # SPEC 3.1 to 3.3.
    pieces = (b"cookiejar-session/v1/" + label, *pieces)
    encoded = b"".join(len(piece).to_bytes(8, "little") + piece for piece in pieces)
    return blake2b(len(pieces).to_bytes(8, "little") + encoded, key=material, digest_size=32).digest()


_BOX_KEYS = make_box_keys(os.urandom(32), _NAME)


def make_codec() -> Codec:
    """Seal and open of a whole envelope (SPEC 7 and 8)."""
    sid, created = os.urandom(16), int(time.time())

    def seal_content(content: Content) -> str:
        envelope = Envelope(sid, created, created, MAX_AGE, created + _LIFETIME, True, content, [])
        return seal(envelope, int(time.time()))

    return Codec(seal_content, lambda token: open_token(token, int(time.time()))[0].data)


def seal(envelope: Envelope, now: int) -> str:
    """Return the token that holds ``envelope`` (SPEC 7). Raises AmissError."""
    sid, created, issued, idle = envelope.sid, envelope.created, envelope.issued, envelope.idle
    until, data, flash = envelope.until, envelope.data, envelope.flash
    if not (
        type(now) is type(created) is type(issued) is type(idle) is type(until) is int
        and now >= 0 <= issued
        and type(sid) is bytes
        and len(sid) == 16
        and 1 <= idle < 1 << 32
        and type(envelope.persistent) is bool
        and type(data) is dict
        and type(flash) is list
    ):
        raise AmissError
    if not now <= issued >= created:
        issued = max(now, created)
        envelope = Envelope(sid, created, issued, idle, until, envelope.persistent, data, flash)
    if not 0 <= created <= issued < until < 1 << 48 or flash or not _is_plain(data):
        raise AmissError
    encoded = encode_envelope(envelope)
    _refuse_doubtful(encoded, envelope)
    return seal_octets(encoded, now)


def seal_octets(encoded: bytes, now: int, box_keys: BoxKeys = _BOX_KEYS) -> str:
    """Return the token that holds an encoded envelope under the one key of ``box_keys`` (SPEC 7). Raises AmissError."""
    ((key_id, (box_key, seals_from, until)),) = box_keys.items()
    if not seals_from <= now < until or len(encoded) > 2927:
        raise AmissError
    nonce = os.urandom(24)
    box = crypto_secretbox_easy(encoded + _PADDINGS[len(encoded) % 24], nonce, box_key)
    return "cj1." + msgspec.to_builtins(key_id + nonce + box).replace("+", "-").replace("/", "_")


def open_token(token: str, now: int, box_keys: BoxKeys = _BOX_KEYS) -> tuple[Envelope, bytes]:
    """Return the envelope in ``token`` and its octets (SPEC 8). Raises AmissError."""
    if token[:4] != "cj1." or len(token) not in _LENGTHS or "+" in token or "/" in token or "=" in token:
        raise AmissError
    try:
        octets = msgspec.convert(token[4:].replace("-", "+").replace("_", "/"), bytes)
        box_key, _, key_until = box_keys[octets[:8]]
        padded = crypto_secretbox_open(octets[32:], octets[8:32], box_key)
        encoded = padded.rstrip(b"\0")
        if encoded[-1:] != b"\x80" or len(padded) - len(encoded) >= 24:
            raise AmissError
        encoded = encoded[:-1]
        envelope = decode_envelope(encoded)
        issued, until = envelope.issued, envelope.until
        if not envelope.created <= issued < until or encode_envelope(envelope) != encoded or now >= key_until:
            raise AmissError
        # The types of Envelope refuse everything else that SPEC 6 forbids.
        if (encoded.find(b"\xcb", 19) >= 0 and _find_infinite(encoded, 19)) or encoded.find(b"__proto__", 19) >= 0:
            raise AmissError
    except Exception:
        raise AmissError from None
    if issued > now + 60 or now >= until or now >= issued + envelope.idle:
        raise AmissError
    return envelope, encoded


def _refuse_doubtful(encoded: bytes, envelope: Envelope) -> None:
    # The search skips the sid and the times, which may hold any octets. From 1970 to 2106 they take 39 octets.
    begun = encoded[39:].translate(_BEGINS)
    is_doubtful = (2 in begun and _find_suspect(encoded, 39)) or begun.count(1) > 16
    if is_doubtful and not (_is_within(envelope.data, 1) and _is_within(envelope.flash, 1)):
        raise AmissError
    if not encoded[19] == encoded[24] == encoded[29] == encoded[34] == 0xCE:
        raise AmissError


def _is_plain(value: Any) -> bool:
    if type(value) is dict:
        for key, item in value.items():
            if type(key) is not str or (type(item) not in _SCALARS and not _is_plain(item)):
                return False
        return "__proto__" not in value
    if type(value) is not list:
        return False
    for item in value:  # noqa: SIM110 - all() of a generator costs more than twice as much
        if type(item) not in _SCALARS and not _is_plain(item):
            return False
    return True


def _is_within(value: Any, level: int) -> bool:
    kind = type(value)
    if kind is dict or kind is list or kind is tuple:
        if level > 16 or (kind is dict and "__proto__" in value):
            return False
        return all(_is_within(item, level + 1) for item in (value.values() if kind is dict else value))
    if kind is int:
        return bool(-(1 << 63) <= value < 1 << 63)
    return kind in _SCALARS and (kind is not float or math.isfinite(value))


class _Session:
    __slots__ = ("closed", "committed", "data", "encoded", "envelope", "headers", "is_exposed", "now", "scheme")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]] | str, scheme: str) -> None:
        self.headers, self.scheme, self.now = headers, scheme, int(time.time())
        self.data: Content | None = None
        # is_exposed: the application holds a list or dict of the session, which it can change without a call.
        self.closed = self.is_exposed = False
        self.committed: bytes | None = None

    def open(self) -> Content:
        headers, now = self.headers, self.now
        if type(headers) is not str:
            fields = [value for name, value in headers if len(name) == 6 and name.lower() == b"cookie"]
            headers = b"; ".join(fields).decode("latin-1")
        start = headers.find(_WANTED)
        if start < 0:
            self.envelope = Envelope(os.urandom(16), now, now, MAX_AGE, now + _LIFETIME, True, {}, [])
            self.encoded = encode_envelope(self.envelope)
        else:
            end = headers.find(";", start)
            before, value = headers[:start], headers[start + len(_WANTED) : None if end < 0 else end]
            if (before and before.rstrip(" \t")[-1:] != ";") or (end >= 0 and headers.find(_WANTED, end) >= 0):
                raise AmissError
            self.envelope, self.encoded = open_token(value.partition(",")[0].strip(" \t"), now)
        if _log.isEnabledFor(logging.DEBUG):
            raise AmissError
        self.data = self.envelope.data
        return self.data

    def __getitem__(self, key: str) -> Any:
        value = (self.open() if self.data is None else self.data)[key]
        if type(value) not in _SCALARS:
            self.is_exposed = True
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        data, kind = self.open() if self.data is None else self.data, type(value)
        if self.closed or type(key) is not str or key == "__proto__" or not key.isascii():
            raise AmissError
        if kind is int:
            if not -(1 << 63) <= value < 1 << 63:
                raise AmissError
        elif kind is str:
            if not value.isascii():
                raise AmissError
        elif kind not in _SCALARS:
            if not _is_plain(value):
                raise AmissError
            self.is_exposed = True
        elif kind is float and not math.isfinite(value):
            raise AmissError
        data[key], self.committed = value, b""

    def update(self, other: Content) -> None:
        for key, value in other.items():
            self[key] = value

    def keys(self) -> Iterable[str]:
        return self.open() if self.data is None else self.data

    def commit(self, headers: Iterable[tuple[Any, Any]]) -> str | None:
        """Return the value of Set-Cookie, or None where no cookie is set. Raises AmissError."""
        self.closed = True
        for name, _ in headers:
            if name.lower() in _CONCERNED:
                raise AmissError
        envelope, encoded = self.envelope, self.encoded
        issued = envelope.issued
        if self.is_exposed or self.committed is not None:
            encoded = encode_envelope(envelope)
        self.committed = encoded
        if encoded == self.encoded:
            age = self.now - issued
            if age >= 300 or age >= envelope.idle // 10:
                raise AmissError
            return None
        now = int(time.time())
        if encoded[-2:] == b"\x80\x90":
            raise AmissError
        if now > issued:
            issued = now
            encoded = encoded[:24] + encode_envelope(issued) + encoded[29:]
        if not envelope.created <= issued < envelope.until < 1 << 48:
            raise AmissError
        if self.is_exposed:
            if not _is_plain(envelope.data):
                raise AmissError
            _refuse_doubtful(encoded, envelope)
        token = seal_octets(encoded, now)
        if len(token) * 2 > _LIMIT or _log.isEnabledFor(logging.DEBUG) or self.scheme != "https":
            raise AmissError
        return f"{_WANTED}{token}{_ATTRIBUTES}{min(issued + envelope.idle, envelope.until) - now}"

    def end(self) -> None:
        if self.is_exposed and encode_envelope(self.envelope) != self.committed:
            raise AmissError


def make_asgi_stack() -> Stack:
    """An ASGI wrapper with all checks."""

    def wrap(app: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] not in ("http", "websocket") or _EXCHANGE in scope or "wsgi_environ" in scope:
                raise AmissError
            session = _Session(scope.get("headers", ()), scope.get("scheme", "http"))
            inner = {**scope, _EXCHANGE: session, "tightest.last": session, "session": session}
            mark = inner["method"] = "".join((inner["method"], ""))
            token = _current.set((mark, inner))
            started = False

            def send_edited(message: Any) -> Any:
                nonlocal started
                if started or message["type"] not in _STARTS:
                    return send(message)
                started = True
                if "litestar_app" in inner and inner.get("session") is not session:
                    raise AmissError
                session.closed = True
                if session.data is None:
                    return send(message)
                headers = list(message.get("headers") or ())
                set_cookie = session.commit(headers)
                headers.append((b"vary", b"Cookie"))
                if set_cookie is not None:
                    headers += [(b"cache-control", b"private"), (b"set-cookie", set_cookie.encode("latin-1"))]
                return send({**message, "headers": headers})

            try:
                await app(inner, receive, send_edited)
            finally:
                session.end()
                _current.reset(token)

        return middleware

    return asgi_stacks.make_stack(wrap)


def make_wsgi_stack() -> Stack:
    """A WSGI wrapper with all checks, for applications that return a list."""

    def make_app(touch: Touch | None) -> Any:
        app = wsgi_stacks.make_plain(touch, lambda environ: environ["cookiejar_session.session"])

        def middleware(environ: Any, start_response: Any) -> Iterable[bytes]:
            if _EXCHANGE in environ or "asgi.scope" in environ or _current.get() is not None:
                raise AmissError
            session = _Session(environ.get("HTTP_COOKIE", ""), environ.get("wsgi.url_scheme", "http"))
            environ[_EXCHANGE] = environ["tightest.last"] = session
            environ["cookiejar_session.session"] = environ["bottle.request.ext.session"] = session
            environ["webob.adhoc_attrs"] = {**environ.get("webob.adhoc_attrs", {}), "session": session}
            pending: list[tuple[str, list[tuple[str, str]]]] = []

            def start(status: str, headers: Any, exc_info: Any = None) -> Any:
                if pending or exc_info is not None:
                    raise AmissError
                pending.append((status, headers))
                return _write

            body: Iterable[bytes] = app(environ, start)
            if type(body) not in (list, tuple):
                raise AmissError
            ((status, headers),) = pending
            session.closed = True
            if session.data is not None:
                set_cookie = session.commit(headers)
                headers = [*headers, ("vary", "Cookie")]
                if set_cookie is not None:
                    headers += [("cache-control", "private"), ("set-cookie", set_cookie)]
            start_response(status, headers)
            session.end()
            return body

        return middleware

    return wsgi_stacks.make_stack(make_app, wsgi_stacks.make_plain_bare)


def _write(chunk: bytes) -> Never:
    raise AmissError
