"""Cookie attributes: which are refused (SPEC 12.1, 12.2 and 12.6). Knows nothing of cookie values."""

from __future__ import annotations

import string
from dataclasses import dataclass

from .refusal import Refused

LETTERS_AND_DIGITS = string.ascii_letters + string.digits
NAME_CHARACTERS = LETTERS_AND_DIGITS + "!#$%&'*+-.^_`|~"  # tchar of RFC 9110 section 5.6.2
DOMAIN_CHARACTERS = LETTERS_AND_DIGITS + "-."


@dataclass(frozen=True, slots=True)
class Attributes:
    """The name and attributes of one cookie; None is absent."""

    name: str
    path: str
    domain: str | None
    secure: bool
    httponly: bool
    samesite: str | None
    partitioned: bool


def check_attributes(cookie: Attributes) -> None:
    check_table(cookie)
    name = cookie.name.lower()
    if name.startswith("__host-") and cookie.domain is not None:
        raise Refused("refused")  # SPEC 12.2 item 1
    if name.startswith("__host-") and not cookie.secure:
        raise Refused("refused")  # SPEC 12.2 item 1
    if name.startswith("__host-") and cookie.path != "/":
        raise Refused("refused")  # SPEC 12.2 item 1
    if name.startswith("__secure-") and not cookie.secure:
        raise Refused("refused")  # SPEC 12.2 item 2
    if cookie.samesite == "None" and not cookie.secure:
        raise Refused("refused")  # SPEC 12.2 item 3
    if cookie.partitioned and not cookie.secure:
        raise Refused("refused")  # SPEC 12.2 item 3
    # __Host-Http- without Secure is refused by item 1.
    if name.startswith("__http-") and not cookie.secure:
        raise Refused("refused")  # SPEC 12.2 item 4
    if name.startswith("__http-") and not cookie.httponly:
        raise Refused("refused")  # SPEC 12.2 item 4
    if name.startswith("__host-http-") and not cookie.httponly:
        raise Refused("refused")  # SPEC 12.2 item 4
    if len(cookie.name) > 124:
        raise Refused("refused")  # SPEC 12.2 item 5
    if len(cookie.path) > 1024:
        raise Refused("refused")  # SPEC 12.2 item 5
    if cookie.domain is not None and len(cookie.domain) > 1024:
        raise Refused("refused")  # SPEC 12.2 item 5


def check_table(cookie: Attributes) -> None:
    if not cookie.name:
        raise Refused("refused")  # SPEC 12.2
    for character in cookie.name:
        if character not in NAME_CHARACTERS:
            raise Refused("refused")  # SPEC 12.2
    if not cookie.path.startswith("/"):
        raise Refused("refused")  # SPEC 12.2
    for character in cookie.path:
        if not " " <= character <= "~":
            raise Refused("refused")  # SPEC 12.2
        if character == ";":
            raise Refused("refused")  # SPEC 12.2
    for character in cookie.domain or "":
        if character not in DOMAIN_CHARACTERS:
            raise Refused("refused")  # SPEC 12.2
    for label in [] if cookie.domain is None else cookie.domain.removeprefix(".").split("."):
        if not label:
            raise Refused("refused")  # SPEC 12.2
    if cookie.samesite not in ("Strict", "Lax", "None", None):
        raise Refused("refused")  # SPEC 12.2


def check_previous(previous: Attributes, cookie: Attributes, *, has_purpose: bool) -> None:
    if get_place(previous) == get_place(cookie):
        raise Refused("refused")  # SPEC 12.6
    if has_purpose and has_host_prefix(cookie) and not has_host_prefix(previous):
        raise Refused("refused")  # SPEC 12.6


def has_host_prefix(cookie: Attributes) -> bool:
    return cookie.name.lower().startswith("__host-")  # SPEC 12.6


def get_place(cookie: Attributes) -> tuple[object, ...]:
    """What browsers know a cookie by."""
    domain = cookie.domain
    if domain is not None:
        domain = domain.lower().removeprefix(".")  # SPEC 12.6
    return cookie.name, cookie.path, domain, cookie.partitioned
