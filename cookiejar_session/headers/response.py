"""Vary, Cache-Control and the fields for CDNs of a response whose session was accessed (SPEC 13.9 to 13.12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Headers = list[tuple[str, str]]

# The fields to examine in each response whose session was accessed. Other fields are examined only if a cookie is to be
# set or deleted.
CONCERNED = frozenset({"vary", "cache-control", "set-cookie"})
ENCODED_CONCERNED = frozenset(name.encode() for name in CONCERNED)
# Finds the pieces between commas. A comma inside a quoted string separates nothing (RFC 9110 5.6.4).
_find_pieces = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|\\?\Z))+', re.DOTALL).findall
_SHARED = frozenset({"public", "s-maxage"})
_UNSHARED = frozenset({"private", "no-store"})
# The endings of the names of targeted fields (SPEC 13.9.2). The first ending is for CDN-Cache-Control (RFC 9213) and
# for similar fields of one vendor, such as Cloudflare-CDN-Cache-Control. Fastly, Varnish and other surrogates read
# fields with the second ending, Akamai reads those with the third, and nginx reads those with the fourth.
_TARGETED_ENDS = ("-cache-control", "surrogate-control", "edge-control", "x-accel-expires")
ENCODED_TARGETED_ENDS = tuple(end.encode() for end in _TARGETED_ENDS)
_UNSTORED = frozenset({"no-store", "0"})
_UNSHARED_TARGETED = _UNSTORED | {"private", "no-cache", "max-age=0"}


class TargetedField(NamedTuple):
    """A field that some shared caches obey in place of Cache-Control, such as CDN-Cache-Control (SPEC 13.9.2).

    ``name`` and ``directives`` are in lower case.
    """

    name: str
    directives: frozenset[str]

    @property
    def is_shared_cacheable(self) -> bool:
        """Whether the field asks shared caches to keep the response (SPEC 13.9)."""
        return bool(self.directives) and self.directives.isdisjoint(_UNSHARED_TARGETED)

    @property
    def allows_storing(self) -> bool:
        """Whether the field does not keep every shared cache from storing the response.

        Only no-store and 0 do. Some caches store a response with private or no-cache (SPEC 13.10).
        """
        return self.directives.isdisjoint(_UNSTORED)


class ResponseFields:
    """The header fields of an application's response that concern the session.

    ``vary`` and ``cache_control`` are the values of these fields, ``set_cookies`` those of Set-Cookie. ``concerned``
    holds the name and the value of each field whose name is in CONCERNED.
    """

    def __init__(self, concerned: Headers) -> None:
        values: dict[str, list[str]] = {name: [] for name in CONCERNED}
        for name, value in concerned:
            values[name].append(value)
        self.vary: list[str] = values["vary"]
        self.cache_control: list[str] = values["cache-control"]
        self.set_cookies: list[str] = values["set-cookie"]

    def sets_cookie(self, name: str) -> bool:
        """Whether the response already sets a cookie with this name."""
        return any(value.startswith(f"{name}=") for value in self.set_cookies)

    @property
    def is_shared_cacheable(self) -> bool:
        """Whether Cache-Control asks shared caches to keep the response, by public or s-maxage (SPEC 13.9)."""
        return not _SHARED.isdisjoint(map(_name_of, _split(self.cache_control)))

    def edit(self, set_cookies: Sequence[str]) -> Headers:
        """Return the fields that a response with an accessed session gets (SPEC 13.10 to 13.12).

        Names are in lower case. A Vary or Cache-Control field replaces the application's fields of that name. A
        Set-Cookie field is added to the application's fields.
        """
        vary = _add_cookie(self.vary) if self.vary else "Cookie"
        edited: Headers = [] if vary is None else [("vary", vary)]
        if set_cookies:
            cache_control = _make_private(self.cache_control) if self.cache_control else "private"
            if cache_control is not None:
                edited.append(("cache-control", cache_control))
            edited += [("set-cookie", value) for value in set_cookies]
        return edited


# Most responses have none of these fields.
NO_FIELDS = ResponseFields([])


def find_targeted(headers: Iterable[tuple[str, str]]) -> list[TargetedField]:
    """Return the fields of a response that some shared caches obey in place of Cache-Control (SPEC 13.9.2).

    ``headers`` are pairs of name and value. Values of one name are joined.
    """
    found: dict[str, list[str]] = {}
    for name, value in headers:
        field = name.lower()
        if field.endswith(_TARGETED_ENDS):
            found.setdefault(field, []).append(value)
    return [TargetedField(name, frozenset(each.lower() for each in _split(values))) for name, values in found.items()]


def _add_cookie(vary: list[str]) -> str | None:
    """Return a Vary value with the member Cookie, or None if the present value covers it already (SPEC 13.11)."""
    members = [member for value in vary for piece in value.split(",") if (member := piece.strip(" \t"))]
    if any(member.lower() in ("*", "cookie") for member in members):
        return None
    return ", ".join([*members, "Cookie"])


def _make_private(cache_control: list[str]) -> str | None:
    """Return a Cache-Control value that forbids shared caches to keep the response (SPEC 13.10).

    Returns None if the present value does so already.
    """
    directives = _split(cache_control)
    if not directives:
        return "private"
    is_unshared = not _UNSHARED.isdisjoint(each.lower() for each in directives)
    if is_unshared and _SHARED.isdisjoint(map(_name_of, directives)):
        return None
    kept = [each for each in directives if _name_of(each) not in _SHARED and each.lower() != "private"]
    return ", ".join(["private", *kept])


def _split(values: list[str]) -> list[str]:
    return [piece for found in _find_pieces(",".join(values)) if (piece := found.strip(" \t"))]


def _name_of(directive: str) -> str:
    return directive.partition("=")[0].lower()
