"""Encrypted sessions in one cookie, without a store, shared by WSGI and ASGI applications.

sessions = CookieSessions()        # keys from COOKIEJAR_SESSION_KEYS
app = sessions.asgi(app)           # or sessions.wsgi(app)
session = sessions.get(request)    # a dict

SPEC.md describes the wire format.
"""

from .cookie_sessions import CookieSessions, ReadResult
from .errors import (
    ConfigError,
    CookiejarError,
    Reason,
    SessionCommittedError,
    SessionTooLargeError,
    TokenError,
    UnsupportedValueError,
)
from .events import Event
from .exchange import Exchange, PlainResponse
from .headers.set_cookie import CookieAttributes
from .keys.key import Key
from .keys.keyring import Keyring
from .session.flash import Flash
from .session.minted_cookie import MintedCookie
from .session.session import Session
from .wire.envelope import Envelope
from .wire.opening import open_token
from .wire.sealing import seal_token
from .wire.size import SessionSize
from .wire.time_rules import Policy

__all__ = [
    "CookieSessions",
    "Session",
    "Exchange",
    "PlainResponse",
    "Flash",
    "SessionSize",
    "Policy",
    "CookieAttributes",
    "Key",
    "Keyring",
    "Envelope",
    "seal_token",
    "open_token",
    "MintedCookie",
    "ReadResult",
    "Event",
    "Reason",
    "CookiejarError",
    "ConfigError",
    "SessionCommittedError",
    "SessionTooLargeError",
    "TokenError",
    "UnsupportedValueError",
]
