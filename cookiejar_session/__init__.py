"""Encrypted, stateless sessions in one cookie, shared by WSGI and ASGI applications. SPEC.md is the wire format.

sessions = CookieSessions()        # keys from COOKIEJAR_SESSION_KEYS
app = sessions.asgi(app)           # or sessions.wsgi(app)
session = sessions.get(request)
"""

from .cookie_sessions import CookieSessions, ReadResult
from .cookies import CookieAttributes
from .envelope import Envelope
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
from .flash import Flash
from .key import Key
from .keyring import Keyring
from .minted_cookie import MintedCookie
from .policy import Policy
from .session import Session
from .wire import open_token, seal_token

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
