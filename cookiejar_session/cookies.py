"""Cookie and Set-Cookie field text (SPEC 11 and 12). Knows nothing of what a cookie's value means."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any, Literal, Self

from .errors import ConfigError

# Browsers cap Max-Age at 400 days (RFC 6265bis 5.5).
MAX_AGE_LIMIT = 400 * 24 * 60 * 60
# Browsers drop a cookie whose name and value exceed 4096 octets, and ignore an attribute value past 1024 (RFC 6265bis
# 5.6); the longest token is 3972 characters.
MAX_NAME_OCTETS = 4096 - 3972
MAX_ATTRIBUTE_OCTETS = 1024

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DOMAIN = re.compile(r"\.?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_PATH = re.compile(r"/[\x20-\x3a\x3c-\x7e]*")

_log = logging.getLogger("cookiejar_session")


@dataclass(frozen=True, slots=True, kw_only=True)
class CookieAttributes:
    """The name and attributes of one cookie. ConfigError for what browsers refuse (RFC 6265bis 5.7)."""

    name: str = "__Host-session"
    path: str = "/"
    domain: str | None = None
    secure: bool = True
    httponly: bool = True
    samesite: Literal["Lax", "Strict", "None"] | None = "Lax"
    partitioned: bool = False

    def __post_init__(self) -> None:
        _refuse_other_types(self)
        _refuse_bad_text(self)
        _refuse_bad_combinations(self)

    @classmethod
    def for_subdomains(cls, domain: str, *, name: str = "__Secure-session") -> Self:
        """A cookie for ``domain`` and its subdomains, each of which can then set it: trust them all."""
        return cls(name=name, domain=domain)

    @classmethod
    def for_development(cls, name: str = "session") -> Self:
        """A cookie without Secure, for plain http on a host that is not localhost. Logs a warning: never deploy it."""
        _log.warning(
            "cookie %s is sent without Secure: anybody on the network can take the session; never deploy this", name
        )
        return cls(name=name, secure=False)

    def render(self, value: str, *, max_age: int | None) -> str:
        """The Set-Cookie field value (SPEC 12). ``max_age`` in seconds; None ends the cookie with the browser."""
        # SPEC 12.4: a session that has ended gets 0. An exchange seals none.
        return SetCookieTemplate(self).render(value, None if max_age is None else max(0, max_age))

    def render_deletion(self) -> str:
        """The Set-Cookie field value that makes a browser drop the cookie (SPEC 12)."""
        return self.render("", max_age=0)


class SetCookieTemplate:
    """The Set-Cookie field of one cookie (SPEC 12), rendered once but for what differs from one to the next."""

    __slots__ = ("_attributes", "_start")

    def __init__(self, cookie: CookieAttributes) -> None:
        domain = f"; Domain={cookie.domain}" if cookie.domain else ""
        secure = "; Secure" if cookie.secure else ""
        httponly = "; HttpOnly" if cookie.httponly else ""
        samesite = f"; SameSite={cookie.samesite}" if cookie.samesite else ""
        partitioned = "; Partitioned" if cookie.partitioned else ""
        self._start = f"{cookie.name}="
        self._attributes = f"; Path={cookie.path}{domain}{secure}{httponly}{samesite}{partitioned}"

    def render(self, value: str, max_age: int | None) -> str:
        """The field value; see :meth:`CookieAttributes.render`."""
        if max_age is None:
            return f"{self._start}{value}{self._attributes}"
        return f"{self._start}{value}{self._attributes}; Max-Age={min(max_age, MAX_AGE_LIMIT)}"


def scan_cookies(header: str, name: str) -> list[str]:
    """The values of all cookies called ``name`` in a Cookie field value, in order (SPEC 11).

    Only text around the name is looked at, so that other cookies, whatever their octets, cost and change nothing.
    """
    values: list[str] = []
    wanted = f"{name}="
    start = header.find(wanted)
    while start >= 0:
        # The name begins a piece if only blanks stand between it and the ";" before it.
        before = start
        while before > 0 and header[before - 1] in " \t":
            before -= 1
        start += len(wanted)
        if before == 0 or header[before - 1] == ";":
            end = header.find(";", start)
            value = header[start:] if end < 0 else header[start:end]
            # No token contains a comma; one behind ours belongs to a header that an adapter joined (SPEC 11).
            if "," in value:
                value = value.partition(",")[0]
            values.append(value.strip(" \t"))
            # No piece begins before the next ";".
            if end < 0:
                break
            start = end
        start = header.find(wanted, start)
    return values


def _refuse_other_types(cookie: Any) -> None:
    for field in ("name", "path", "domain"):
        value = getattr(cookie, field)
        if not isinstance(value, str) and not (field == "domain" and value is None):
            raise ConfigError(f'cookie {field} must be a str, got {type(value).__qualname__}; write {field}="..."')
    for field in ("secure", "httponly", "partitioned"):
        value = getattr(cookie, field)
        if type(value) is not bool:
            raise ConfigError(f"cookie {field} must be a bool, got {type(value).__qualname__}; write True or False")


def _refuse_bad_text(cookie: CookieAttributes) -> None:
    if not _TOKEN.fullmatch(cookie.name):
        raise ConfigError(f"cookie name {cookie.name!r} is not an RFC 6265 token; use letters, digits, - and _")
    if len(cookie.name) > MAX_NAME_OCTETS:
        raise ConfigError(
            f"cookie name has {len(cookie.name)} characters, at most {MAX_NAME_OCTETS} leave room for a token"
        )
    if not _PATH.fullmatch(cookie.path) or len(cookie.path) > MAX_ATTRIBUTE_OCTETS:
        raise ConfigError(f'cookie path {cookie.path!r} must begin with "/" and hold printable ASCII without ";"')
    if cookie.domain is not None and (
        not _DOMAIN.fullmatch(cookie.domain) or len(cookie.domain) > MAX_ATTRIBUTE_OCTETS
    ):
        raise ConfigError(f"cookie domain {cookie.domain!r} is not a host name; write it as example.com")
    if cookie.samesite not in ("Lax", "Strict", "None", None):
        raise ConfigError(
            f'cookie samesite is {cookie.samesite!r}; use "Lax", "Strict", "None", or None to leave it out'
        )


def _refuse_bad_combinations(cookie: CookieAttributes) -> None:
    # Browsers compare the prefixes without regard to case (RFC 6265bis 5.7).
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
        raise ConfigError(f'cookie {cookie.name} needs path "/", got {cookie.path!r}; take a name without __Host-')
    if prefix.startswith(("__http-", "__host-http-")) and not cookie.httponly:
        raise ConfigError(f"cookie {cookie.name} needs HttpOnly; set httponly=True")
    if cookie.samesite == "None" and not cookie.secure:
        raise ConfigError("cookie with SameSite=None needs Secure; set secure=True")
    if cookie.partitioned and not cookie.secure:
        raise ConfigError("cookie with Partitioned needs Secure; set secure=True")
