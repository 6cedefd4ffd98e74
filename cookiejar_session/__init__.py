"""Encrypted, stateless sessions in one cookie, shared by WSGI and ASGI applications. SPEC.md is the wire format.

sessions = CookieSessions()        # keys from COOKIEJAR_SESSION_KEYS
app = sessions.asgi(app)           # or sessions.wsgi(app)
session = sessions.get(request)
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
from .headers.cookies import CookieAttributes
from .keys.key import Key
from .keys.keyring import Keyring
from .session.flash import Flash
from .session.minted_cookie import MintedCookie
from .session.session import Session
from .wire.envelope import Envelope
from .wire.sealing import open_token, seal_token
from .wire.time_rules import Policy

__all__ = [
    "CookieSessions",
    "Session",
    "Flash",
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
