"""Encrypted sessions in one cookie, without a store, shared by WSGI and ASGI applications.

sessions = CookieSessions()        # keys from COOKIEJAR_SESSION_KEYS
app = sessions.asgi(app)           # or sessions.wsgi(app)
session = sessions.get(request)    # a dict

SPEC.md describes the wire format.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cookie_sessions import CookieSessions, ReadResult
    from .errors import (
        ConfigError,
        CookiejarError,
        MissingKeysError,
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
    from .stats import KeyStats, SessionStats, TokenSizes, UnknownKeyStats
    from .wire.envelope import Envelope
    from .wire.opening import open_token
    from .wire.sealing import seal_token
    from .wire.size import SessionSize
    from .wire.time_rules import Policy

# Each public name and the module that has it. A module is imported when one of its names is used, so that the command
# line starts quickly: importing PyNaCl takes longer than most commands take to run.
_MODULES = {
    "CookieSessions": "cookie_sessions",
    "Session": "session.session",
    "Exchange": "exchange",
    "PlainResponse": "exchange",
    "Flash": "session.flash",
    "SessionSize": "wire.size",
    "Policy": "wire.time_rules",
    "CookieAttributes": "headers.set_cookie",
    "Key": "keys.key",
    "Keyring": "keys.keyring",
    "Envelope": "wire.envelope",
    "seal_token": "wire.sealing",
    "open_token": "wire.opening",
    "MintedCookie": "session.minted_cookie",
    "ReadResult": "cookie_sessions",
    "SessionStats": "stats",
    "KeyStats": "stats",
    "UnknownKeyStats": "stats",
    "TokenSizes": "stats",
    "Event": "events",
    "Reason": "errors",
    "CookiejarError": "errors",
    "ConfigError": "errors",
    "MissingKeysError": "errors",
    "SessionCommittedError": "errors",
    "SessionTooLargeError": "errors",
    "TokenError": "errors",
    "UnsupportedValueError": "errors",
}

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
    "SessionStats",
    "KeyStats",
    "UnknownKeyStats",
    "TokenSizes",
    "Event",
    "Reason",
    "CookiejarError",
    "ConfigError",
    "MissingKeysError",
    "SessionCommittedError",
    "SessionTooLargeError",
    "TokenError",
    "UnsupportedValueError",
]

# This function is hidden from type checkers. If they saw it, they would accept every name.
if not TYPE_CHECKING:  # pragma: no branch

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
