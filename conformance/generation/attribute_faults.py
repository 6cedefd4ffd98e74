"""Cookie attributes that a port refuses when it is configured (SPEC 12.2). Knows nothing of what is done with them."""

from __future__ import annotations

from typing import Any, NamedTuple

from .values import attributes

_HOST, _ON, _SAME = "12.2 item 1", "12.2 item 4", "12.2 item 3"


class AttributeFault(NamedTuple):
    """What is wrong, why, and the attributes. ``is_first`` of its rule: the others differ only in an octet."""

    name: str
    clause: str
    comment: str
    cookie: dict[str, Any]
    is_first: bool


def list_attribute_faults() -> list[AttributeFault]:
    return [*_list_combinations(), *_list_sizes(), *_list_octets()]


def _list_combinations() -> list[AttributeFault]:
    rows: list[tuple[str, str, str, str, dict[str, Any]]] = [
        ("host-with-domain", _HOST, "a __Host- cookie with a Domain", "__Host-s", {"domain": "example.com"}),
        ("host-without-secure", _HOST, "a __Host- cookie without Secure", "__Host-s", {"secure": False}),
        ("host-with-path", _HOST, "a __Host- cookie with a Path other than /", "__Host-s", {"path": "/app"}),
        ("host-with-two-slashes", _HOST, "// is another Path than /", "__Host-s", {"path": "//"}),
        ("host-in-small-letters-with-domain", _HOST, "the prefix in any case", "__host-s", {"domain": "example.com"}),
        ("host-in-capitals-without-secure", _HOST, "the prefix in any case", "__HOST-s", {"secure": False}),
        ("host-in-both-cases-with-path", _HOST, "the prefix in any case", "__hOsT-s", {"path": "/app"}),
        ("host-alone-with-domain", _HOST, "the prefix is the whole name", "__Host-", {"domain": "example.com"}),
        ("secure-without-secure", "12.2 item 2", "a __Secure- cookie without Secure", "__Secure-s", {"secure": False}),
        ("secure-in-small-letters", "12.2 item 2", "the prefix in any case", "__secure-s", {"secure": False}),
        ("same-site-none-without-secure", _SAME, "SameSite=None without Secure", "s", {"samesite": "None", "secure": False}),
        ("partitioned-without-secure", _SAME, "Partitioned without Secure", "s", {"partitioned": True, "secure": False}),
        ("http-without-secure", _ON, "an __Http- cookie without Secure", "__Http-s", {"secure": False}),
        ("http-without-httponly", _ON, "an __Http- cookie without HttpOnly", "__Http-s", {"httponly": False}),
        ("http-in-capitals-without-secure", _ON, "the prefix in any case", "__HTTP-s", {"secure": False}),
        ("http-in-small-letters-without-httponly", _ON, "the prefix in any case", "__http-s", {"httponly": False}),
        ("host-http-without-secure", _ON, "a __Host-Http- cookie without Secure", "__Host-Http-s", {"secure": False}),
        ("host-http-without-httponly", _ON, "a __Host-Http- cookie without HttpOnly", "__Host-Http-s", {"httponly": False}),
        ("host-http-in-small-letters-without-httponly", _ON, "the prefix in any case", "__host-http-s", {"httponly": False}),
        ("host-http-with-domain", _HOST, "__Host-Http- begins with __Host-", "__Host-Http-s", {"domain": "example.com"}),
    ]  # fmt: skip
    return [
        AttributeFault(name, clause, comment, attributes(name=cookie, **changes), True)
        for name, clause, comment, cookie, changes in rows
    ]


def _list_sizes() -> list[AttributeFault]:
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("name-of-125", "with the longest token it would exceed 4,096", {"name": "n" * 125}),
        ("path-of-1025", "browsers ignore a Path of more than 1,024", {"path": "/" + "p" * 1024}),
        ("domain-of-1025", "browsers ignore a Domain of more than 1,024", {"domain": "a." * 511 + "com"}),
    ]
    return [
        AttributeFault(name, "12.2 item 5", comment, attributes(**{"name": "s", **changes}), True)
        for name, comment, changes in rows
    ]


def _list_octets() -> list[AttributeFault]:
    """What breaks the table of SPEC 12.1. The first row of each attribute is the example of its class."""
    names = [
        ("empty", "", "a name has one octet at least"),
        ("space", "a b", "a space is no tchar"),
        ("equals-sign", "a=b", "= ends a name"),
        ("semicolon", "a;b", "; ends a cookie"),
        ("comma", "a,b", "a comma is no tchar"),
        ("quotation-mark", 'a"b', "a quotation mark is no tchar"),
        ("slash", "a/b", "a delimiter of RFC 9110 is no tchar"),
        ("colon", "a:b", "a delimiter of RFC 9110 is no tchar"),
        ("at-sign", "a@b", "a delimiter of RFC 9110 is no tchar"),
        ("parenthesis", "a(b", "a delimiter of RFC 9110 is no tchar"),
        ("bracket", "a[b", "a delimiter of RFC 9110 is no tchar"),
        ("brace", "a}b", "a delimiter of RFC 9110 is no tchar"),
        ("backslash", "a\\b", "a delimiter of RFC 9110 is no tchar"),
        ("tab", "a\tb", "a control character is no tchar"),
        ("line-feed-last", "ab\n", "not even at the end, where some patterns overlook it"),
        ("nul", "a\0b", "a control character is no tchar"),
        ("delete", "a\x7fb", "a control character is no tchar"),
        ("non-ascii", "\u00e9", "a name is ASCII"),
        ("kelvin-sign", "\u212a", "a letter that becomes an ASCII one when folded"),
    ]
    paths = [
        ("empty", "", "a Path begins with /"),
        ("without-slash", "app", "a Path begins with /"),
        ("space-first", " /", "nothing is trimmed"),
        ("semicolon", "/a;b", "; would begin another attribute"),
        ("tab", "/a\tb", "a control character"),
        ("line-feed-last", "/a\n", "not even at the end, where some patterns overlook it"),
        ("carriage-return", "/a\rb", "a control character"),
        ("nul", "/a\0b", "a control character"),
        ("unit-separator", "/a\x1f", "the last octet below 0x20"),
        ("delete", "/a\x7f", "the first octet above 0x7e"),
        ("non-ascii", "/\u00e9", "a Path is ASCII"),
    ]
    domains = [
        ("underscore", "a_b.example", "letters, digits, - and ."),
        ("port", "example.com:443", "letters, digits, - and ."),
        ("slash", "example.com/", "letters, digits, - and ."),
        ("semicolon", "example.com; Path=/x", "; would begin another attribute"),
        ("asterisk", "*.example.com", "letters, digits, - and ."),
        ("space-first", " example.com", "nothing is trimmed"),
        ("line-feed-last", "example.com\n", "not even at the end, where some patterns overlook it"),
        ("non-ascii", "b\u00fccher.example", "a Domain is ASCII: xn-- for all else"),
        ("empty", "", "no Domain is none, not an empty one"),
        ("dot-alone", ".", "a label must follow the dot"),
        ("dot-last", "example.com.", "a dot joins two labels"),
        ("dot-twice", "a..example", "a dot joins two labels"),
        ("dot-twice-first", "..example.com", "one dot at most before the first label"),
    ]
    same_sites = [
        ("small-letters", "lax", "Strict, Lax and None as they stand"),
        ("capitals", "NONE", "Strict, Lax and None as they stand"),
        ("unknown", "Default", "Strict, Lax and None alone"),
        ("empty", "", "no SameSite is none, not an empty one"),
        ("semicolon", "Lax; Path=/x", "; would begin another attribute"),
    ]
    first_of = {"space", "empty", "without-slash", "semicolon", "unit-separator", "delete", "underscore", "unknown"}
    return [
        AttributeFault(f"{attribute.replace('samesite', 'same-site')}-{name}", "12.2", comment, attributes(**{"name": "s", attribute: text}), name in first_of)
        for attribute, rows in (("name", names), ("path", paths), ("domain", domains), ("samesite", same_sites))
        for name, text, comment in rows
    ]  # fmt: skip
