"""Vary and Cache-Control of a response that touched a session (SPEC 13.9 to 13.11). Knows nothing of sessions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..record import Record

VARY = "vary"
CACHE_CONTROL = "cache-control"
SET_COOKIE = "set-cookie"
_FIELDS = VARY, CACHE_CONTROL, SET_COOKIE

# A piece between commas, in which a quoted string may hold commas of its own (RFC 9110 5.6.4).
_find_pieces = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*(?:"|\\?\Z))+', re.DOTALL).findall


class ResponseFacts(NamedTuple):
    """The fields of the application's response that concern the session, each as its values in order."""

    vary: tuple[str, ...] = ()
    cache_control: tuple[str, ...] = ()
    set_cookies: tuple[str, ...] = ()

    @classmethod
    def of(cls, fields: Iterable[tuple[str, str]]) -> ResponseFacts:
        """From header fields; others than these three are passed over."""
        concerned = [(field, value) for name, value in fields if (field := name.lower()) in _FIELDS]
        if not concerned:
            return NO_FACTS
        return cls(*(tuple(value for name, value in concerned if name == wanted) for wanted in _FIELDS))

    def sets_cookie(self, name: str) -> bool:
        """Whether the response already sets a cookie of this name."""
        return any(value.startswith(f"{name}=") for value in self.set_cookies)

    @property
    def is_shared_cacheable(self) -> bool:
        """Whether the application lets shared caches keep the response: Cache-Control public or s-maxage."""
        return any(_name_of(directive) in ("public", "s-maxage") for directive in _split(self.cache_control))


class HeaderEdits(Record, frozen=True):
    """What becomes of the response's header fields: those called as in ``replaced`` go, ``added`` come behind the rest.

    Names are in lower case.
    """

    added: tuple[tuple[str, str], ...] = ()
    replaced: frozenset[str] = frozenset()

    def apply(self, headers: Iterable[tuple[str, str]], facts: ResponseFacts) -> list[tuple[str, str]]:
        """The header fields after the edits; ``facts`` are theirs."""
        if facts is NO_FACTS:
            return [*headers, *self.added]
        return [*((name, value) for name, value in headers if name.lower() not in self.replaced), *self.added]


# What most responses have to say of the session, and what becomes of them.
NO_FACTS = ResponseFacts()
_VARY_COOKIE, _PRIVATE = (VARY, "Cookie"), (CACHE_CONTROL, "private")
_BOTH = frozenset({VARY, CACHE_CONTROL})
ONLY_VARY = HeaderEdits((_VARY_COOKIE,), frozenset({VARY}))


def edit_headers(facts: ResponseFacts, set_cookies: tuple[str, ...]) -> HeaderEdits:
    """The edits for a response whose session was accessed, with our Set-Cookie field values, if any."""
    if facts is NO_FACTS and not set_cookies:
        return ONLY_VARY
    added = [(SET_COOKIE, cookie) for cookie in set_cookies]
    if facts is NO_FACTS:
        return HeaderEdits((_VARY_COOKIE, _PRIVATE, *added), _BOTH)
    edited = ((VARY, _merge_vary(facts.vary)), (CACHE_CONTROL, _make_private(facts.cache_control) if added else None))
    merged = [(name, value) for name, value in edited if value is not None]
    return HeaderEdits((*merged, *added), frozenset([name for name, _ in merged]))


def _merge_vary(values: tuple[str, ...]) -> str | None:
    if not values:
        return "Cookie"
    members = [member for value in values for piece in value.split(",") if (member := piece.strip(" \t"))]
    if any(member.lower() in ("*", "cookie") for member in members):
        return None
    return ", ".join([*members, "Cookie"])


def _make_private(values: tuple[str, ...]) -> str | None:
    directives = _split(values)
    if not directives:
        return "private"
    names = [_name_of(directive) for directive in directives]
    if "public" not in names and "s-maxage" not in names:
        return None
    kept = [
        one
        for one, name in zip(directives, names, strict=True)
        if name not in ("public", "s-maxage") and one.lower() != "private"
    ]
    return ", ".join(["private", *kept])


def _split(values: tuple[str, ...]) -> list[str]:
    return [piece for found in _find_pieces(",".join(values)) if (piece := found.strip(" \t"))]


def _name_of(directive: str) -> str:
    return directive.partition("=")[0].lower()
