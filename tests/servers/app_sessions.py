"""The configured sessions of fastapi_app.py and flask_app.py, which answer the same requests in the same way."""

import os
from typing import Any

from cookiejar_session import CookieSessions, Policy

# Set where tokens longer than the default limit are tried.
LIMIT = os.environ.get("MAX_TOKEN_CHARACTERS")
LIMITS: dict[str, Any] = {} if LIMIT is None else {"max_token_characters": int(LIMIT)}

# Keys from COOKIEJAR_SESSION_KEYS; sessions end with the browser unless it is to remember the visitor.
sessions = CookieSessions(policy=Policy(persistent=False), **LIMITS)


def fill(session: Any) -> int:
    """Puts text into the session until the longest token that the limit allows is full; gives the text's length."""
    session["fill"] = ""
    # Text of 256 octets or more has a length of two octets more than empty text (SPEC 6.1).
    session["fill"] = "x" * (session.size.left - 2)
    session.check()
    if session.size.left != 0:
        raise AssertionError(f"{session.size.left} octets are left")
    return len(session["fill"])
