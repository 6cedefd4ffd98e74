"""The Set-Cookie header field: a cookie's name and attributes, and how they are rendered (SPEC 12)."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Literal, Self

from ..argument_checks import check_types
from ..errors import ConfigError, quote

# Browsers cap Max-Age at 400 days (RFC 6265bis 5.5).
MAX_AGE_LIMIT = 400 * 24 * 60 * 60
# Browsers drop a cookie whose name and value exceed 4096 octets, and ignore an attribute value of more than 1024 octets
# (RFC 6265bis 5.6). The longest token has 3972 characters.
MAX_NAME_OCTETS = 4096 - 3972
MAX_ATTRIBUTE_OCTETS = 1024

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DOMAIN = re.compile(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_PATH = re.compile(r"/[\x20-\x3a\x3c-\x7e]*")
# Matches a Set-Cookie field value with an empty cookie value, or with a Max-Age of 0 or less.
_match_deletion = re.compile(r'[^=;]*=\s*(?:"")?\s*(?:;|\Z)|.*;\s*max-age=(?:0+|-\d+)\s*(?:;|\Z)', re.IGNORECASE).match
# Matches the beginning of a JSON object in base64, compressed or not. itsdangerous signs such sessions for Flask and
# Starlette.
_match_signed_session = re.compile(r"session=(?:eyJ|\.eJ)").match

_log = logging.getLogger("cookiejar_session")


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieAttributes:
    """The name and attributes of a cookie. Raises ConfigError for those that browsers refuse (RFC 6265bis 5.7)."""

    name: str = "__Host-session"
    path: str = "/"
    domain: str | None = None
    secure: bool = True
    httponly: bool = True
    samesite: Literal["Lax", "Strict", "None"] | None = "Lax"
    partitioned: bool = False
    _rendered: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_types(
            **{
                "cookie name": (self.name, str),
                "cookie path": (self.path, str),
                "cookie domain": (self.domain, str | None),
                "cookie secure": (self.secure, bool),
                "cookie httponly": (self.httponly, bool),
                "cookie partitioned": (self.partitioned, bool),
            }
        )
        _refuse_bad_text(self)
        _refuse_bad_combinations(self)
        object.__setattr__(self, "_rendered", _render_attributes(self))

    @classmethod
    def for_subdomains(cls, domain: str, *, name: str = "__Secure-session") -> Self:
        """Return a cookie for ``domain`` and all its subdomains.

        Each of these hosts can set the cookie. Use this method only if you trust them all.
        """
        return cls(name=name, domain=domain)

    @classmethod
    def for_development(cls, name: str = "session") -> Self:
        """Return a cookie without Secure, for plain http on a host that is not localhost.

        Logs a warning. Never use this in production.
        """
        _log.warning(
            "cookie %s is sent without Secure: anybody on the network can take the session; never deploy this",
            quote(name),
        )
        return cls(name=name, secure=False)

    def render(self, value: str, *, max_age: int | None) -> str:
        """Return the Set-Cookie field value (SPEC 12.3).

        ``max_age`` is in seconds. If it is None, the browser drops the cookie when it closes.
        """
        # SPEC 12.4: if the session has ended, Max-Age is 0.
        age = "" if max_age is None else f"; Max-Age={max(0, min(max_age, MAX_AGE_LIMIT))}"
        return f"{self.name}={value}{self._rendered}{age}"

    def render_deletion(self) -> str:
        """Return the Set-Cookie field value that makes a browser drop the cookie (SPEC 12.5)."""
        return self.render("", max_age=0)


def _render_attributes(cookie: CookieAttributes) -> str:
    """Return the attributes that all Set-Cookie fields of a cookie have (SPEC 12.3)."""
    # Browsers ignore a leading dot, and some clients refuse it (RFC 6265 4.1.2.3).
    domain = f"; Domain={cookie.domain.removeprefix('.')}" if cookie.domain else ""
    secure = "; Secure" if cookie.secure else ""
    httponly = "; HttpOnly" if cookie.httponly else ""
    samesite = f"; SameSite={cookie.samesite}" if cookie.samesite else ""
    partitioned = "; Partitioned" if cookie.partitioned else ""
    return f"; Path={cookie.path}{domain}{secure}{httponly}{samesite}{partitioned}"


def is_deletion(set_cookie: str) -> bool:
    """Whether a Set-Cookie field value, of this package or of other software, ends a session.

    Its cookie value is then empty, or its Max-Age is 0 or less. Expires is not examined.
    """
    return _match_deletion(set_cookie) is not None


def is_signed_session(set_cookie: str) -> bool:
    """Whether a Set-Cookie field value looks like Flask's or Starlette's own session under its default cookie name."""
    return _match_signed_session(set_cookie) is not None


def _refuse_bad_text(cookie: CookieAttributes) -> None:
    if not _TOKEN.fullmatch(cookie.name):
        raise ConfigError(f"cookie name {quote(cookie.name)} is not an RFC 6265 token; use letters, digits, - and _")
    if len(cookie.name) > MAX_NAME_OCTETS:
        raise ConfigError(
            f"cookie name has {len(cookie.name)} characters, at most {MAX_NAME_OCTETS} leave room for a token"
        )
    if not _PATH.fullmatch(cookie.path) or len(cookie.path) > MAX_ATTRIBUTE_OCTETS:
        raise ConfigError(
            f'cookie path {quote(cookie.path)} must begin with "/" and hold printable ASCII characters except ";"'
        )
    if cookie.domain is not None and (
        not _DOMAIN.fullmatch(cookie.domain) or len(cookie.domain) > MAX_ATTRIBUTE_OCTETS
    ):
        raise ConfigError(f"cookie domain {quote(cookie.domain)} is not a host name; write it as example.com")
    if cookie.samesite not in ("Lax", "Strict", "None", None):
        raise ConfigError(
            f'cookie samesite is {quote(str(cookie.samesite))}; use "Lax", "Strict", "None", or None to leave it out'
        )


def _refuse_bad_combinations(cookie: CookieAttributes) -> None:
    # Browsers ignore the case of the prefixes (RFC 6265bis 5.7).
    prefix = cookie.name.lower()
    if prefix.startswith(("__host-", "__secure-", "__http-")) and not cookie.secure:
        raise ConfigError(
            f"cookie {cookie.name} needs Secure; set secure=True, or use CookieAttributes.for_development()"
        )
    if prefix.startswith("__host-") and cookie.domain is not None:
        raise ConfigError(
            f'cookie {cookie.name} cannot have a Domain; use CookieAttributes.for_subdomains("{cookie.domain}")'
        )
    if prefix.startswith("__host-") and cookie.path != "/":
        raise ConfigError(f'cookie {cookie.name} needs path "/", got {quote(cookie.path)}; use a name without __Host-')
    if prefix.startswith(("__http-", "__host-http-")) and not cookie.httponly:
        raise ConfigError(f"cookie {cookie.name} needs HttpOnly; set httponly=True")
    if cookie.samesite == "None" and not cookie.secure:
        raise ConfigError("cookie with SameSite=None needs Secure; set secure=True")
    if cookie.partitioned and not cookie.secure:
        raise ConfigError("cookie with Partitioned needs Secure; set secure=True")
