"""A token or a deletion to a Set-Cookie field, and the attributes that are refused (SPEC 12)."""

from __future__ import annotations

from typing import Any

from .attribute_faults import list_attribute_faults
from .cases import Case, accept, refuse
from .octets import PREFIX
from .values import CREATED, IDLE, MAX_TIME, attributes

TOKEN = PREFIX + "A" * 128
_GOLDEN_HOST = "cj1.b8cIHT52bDZAQUJDREVGR0hJSktMTU5PUFFSU1RVVleKMjRAd9n0yugS4bjJUjWJpP7HpnloA3H26VSWy9HtwGcOAqr0GXLhu5LDdZD6ZW6sOZw1VoxmWhpFoPaM1QqbZHeYy1jwWsH0zaauJEp7owv-KQBQ3sYo"
_LONGEST_MAX_AGE = 34560000


def list_cases() -> list[Case]:
    return [
        *_list_golden(),
        *_list_attributes(),
        *_list_names(),
        *_list_max_age(),
        *_list_deletions(),
        *_list_refused(),
    ]


def _render(
    name: str,
    clauses: tuple[str, ...],
    comment: str,
    rendered: str,
    cookie: dict[str, Any],
    *,
    token: str | None = TOKEN,
    persistent: bool = True,
    expires: int = CREATED + IDLE,
    flags: tuple[str, ...] = ("attributes",),
) -> Case:
    """``rendered`` with {token} for the token."""
    question = {"cookie": cookie, "token": token, "persistent": persistent, "expires": expires, "now": CREATED}
    return Case(f"set-cookie-{name}", clauses, comment, question, accept(set_cookie=rendered.replace("{token}", token or "")), flags)  # fmt: skip


def _list_golden() -> list[Case]:
    return [
        _render("golden-host-session", ("12.3", "12.4", "18.2"), "the worked example", "__Host-session={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=1209600", attributes(), token=_GOLDEN_HOST, flags=("golden",)),
        _render("golden-not-persistent", ("12.3", "12.4", "18.3"), "the attributes of the second worked example", "prefs={token}; Path=/; Secure; HttpOnly; SameSite=Lax", attributes(name="prefs"), persistent=False, flags=("golden",)),
        _render("golden-deletion", ("12.5",), "the example of SPEC 12", "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", attributes(), token=None, flags=("golden",)),
    ]  # fmt: skip


def _list_attributes() -> list[Case]:
    """Without Max-Age, so that each row shows its attribute alone."""
    long_path = "/" + "p" * 1023
    long_domain = "a." * 510 + "exam"
    rows: list[tuple[str, str, dict[str, Any], str]] = [
        ("bare", "no attribute but Path, which is always there", {"secure": False, "httponly": False, "samesite": None}, "s={token}; Path=/"),
        ("path", "a Path", {"path": "/app"}, "s={token}; Path=/app; Secure; HttpOnly; SameSite=Lax"),
        ("path-as-it-is", "a Path is not encoded, decoded, resolved or quoted", {"path": '/a b/%2e/../"~",=+/'}, 's={token}; Path=/a b/%2e/../"~",=+/; Secure; HttpOnly; SameSite=Lax'),
        ("path-of-1024", "the longest Path", {"path": long_path}, f"s={{token}}; Path={long_path}; Secure; HttpOnly; SameSite=Lax"),
        ("domain", "a Domain", {"domain": "example.com"}, "s={token}; Path=/; Domain=example.com; Secure; HttpOnly; SameSite=Lax"),
        ("domain-with-a-leading-dot", "a Domain is rendered without its leading dot, and keeps its capitals", {"domain": ".Example-1.COM"}, "s={token}; Path=/; Domain=Example-1.COM; Secure; HttpOnly; SameSite=Lax"),
        ("domain-of-numbers", "an address is digits and dots", {"domain": "127.0.0.1"}, "s={token}; Path=/; Domain=127.0.0.1; Secure; HttpOnly; SameSite=Lax"),
        ("domain-label-with-hyphens-at-its-ends", "a label may begin and end with -", {"domain": "-a.b-.-.example"}, "s={token}; Path=/; Domain=-a.b-.-.example; Secure; HttpOnly; SameSite=Lax"),
        ("domain-of-one-label", "a Domain need not have a dot", {"domain": "localhost"}, "s={token}; Path=/; Domain=localhost; Secure; HttpOnly; SameSite=Lax"),
        ("domain-of-1024", "the longest Domain", {"domain": long_domain}, f"s={{token}}; Path=/; Domain={long_domain}; Secure; HttpOnly; SameSite=Lax"),
        ("without-secure", "Secure left out", {"secure": False}, "s={token}; Path=/; HttpOnly; SameSite=Lax"),
        ("without-httponly", "HttpOnly left out", {"httponly": False}, "s={token}; Path=/; Secure; SameSite=Lax"),
        ("without-same-site", "SameSite left out", {"samesite": None}, "s={token}; Path=/; Secure; HttpOnly"),
        ("same-site-strict", "SameSite=Strict", {"samesite": "Strict"}, "s={token}; Path=/; Secure; HttpOnly; SameSite=Strict"),
        ("same-site-none", "SameSite=None with Secure", {"samesite": "None"}, "s={token}; Path=/; Secure; HttpOnly; SameSite=None"),
        ("partitioned", "Partitioned after SameSite", {"partitioned": True}, "s={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Partitioned"),
        ("partitioned-alone", "Partitioned needs Secure and no SameSite", {"partitioned": True, "samesite": None, "httponly": False}, "s={token}; Path=/; Secure; Partitioned"),
    ]  # fmt: skip
    alone = [
        _render(name, ("12.1", "12.3"), comment, rendered, attributes(**{"name": "s", **changes}), persistent=False)
        for name, comment, changes, rendered in rows
    ]
    everything = attributes(name="s", path="/app", domain="example.com", samesite="None", partitioned=True)
    every = _render("all-in-order", ("12.3",), "all attributes, in their order", "s={token}; Path=/app; Domain=example.com; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=1209600", everything)  # fmt: skip
    return [*alone, every]


def _list_names() -> list[Case]:
    tail = "; Secure; HttpOnly; SameSite=Lax"
    domain = {"domain": "example.com"}
    rows: list[tuple[str, str, str, dict[str, Any], str]] = [
        ("name-of-124", "12.2 item 5", "the longest name", {"name": "n" * 124}, f"; Path=/{tail}"),
        ("name-of-every-tchar", "12.1", "all that a name may hold", {"name": "!#$%&'*+-.^_`|~09AZaz"}, f"; Path=/{tail}"),
        ("host-prefix", "12.2 item 1", "a __Host- cookie as it has to be", {"name": "__Host-s"}, f"; Path=/{tail}"),
        ("host-prefix-bare", "12.2 item 1", "a __Host- cookie need not have HttpOnly or SameSite", {"name": "__Host-s", "httponly": False, "samesite": None}, "; Path=/; Secure"),
        ("secure-prefix-with-domain", "12.2 item 2", "a __Secure- cookie may have Domain and Path", {"name": "__Secure-s", "path": "/app", **domain}, f"; Path=/app; Domain=example.com{tail}"),
        ("http-prefix-with-domain", "12.2 item 4", "an __Http- cookie may have Domain and Path", {"name": "__Http-s", "path": "/app", **domain}, f"; Path=/app; Domain=example.com{tail}"),
        ("host-http-prefix", "12.2 item 4", "a __Host-Http- cookie as it has to be", {"name": "__Host-Http-s"}, f"; Path=/{tail}"),
        ("host-without-hyphen", "12.2 item 1", "__Host alone is no prefix", {"name": "__Hosts", **domain}, f"; Path=/; Domain=example.com{tail}"),
        ("host-within", "12.2 item 1", "a prefix counts only at the start of the name", {"name": "x__Host-s", **domain}, f"; Path=/; Domain=example.com{tail}"),
        ("host-with-one-underscore", "12.2 item 1", "one underscore is no prefix", {"name": "_Host-s", **domain}, f"; Path=/; Domain=example.com{tail}"),
    ]  # fmt: skip
    return [
        _render(name, (clause, "12.3"), comment, f"{changes['name']}={{token}}{rendered}", attributes(**changes), persistent=False)
        for name, clause, comment, changes, rendered in rows
    ]  # fmt: skip


def _list_max_age() -> list[Case]:
    rows = [
        ("of-one-second", "the session is about to end", 1, 1),
        ("at-expires", "the session ends now: 0, and the browser drops the cookie", 0, 0),
        ("after-expires", "the session has ended: 0 and not less", -1, 0),
        ("long-after-expires", "the session ended at the first time of all: 0 and not less", -CREATED, 0),
        ("of-399-days", "below the cap", _LONGEST_MAX_AGE - 1, _LONGEST_MAX_AGE - 1),
        ("of-400-days", "the cap", _LONGEST_MAX_AGE, _LONGEST_MAX_AGE),
        ("beyond-400-days", "capped", _LONGEST_MAX_AGE + 1, _LONGEST_MAX_AGE),
        ("of-the-longest-session", "capped, though it does not fit 32 bits", MAX_TIME - CREATED, _LONGEST_MAX_AGE),
    ]
    cases = [
        _render(f"max-age-{name}", ("12.4",), comment, f"s={{token}}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={shown}", attributes(name="s"), expires=CREATED + left, flags=("time",))
        for name, comment, left, shown in rows
    ]  # fmt: skip
    without = _render("max-age-without-persistent", ("12.4",), "expires changes nothing where Max-Age is absent", "s={token}; Path=/; Secure; HttpOnly; SameSite=Lax", attributes(name="s"), persistent=False, expires=CREATED + 1)  # fmt: skip
    after = _render("max-age-without-persistent-after-expires", ("12.4",), "a session that has ended has no Max-Age either, if it is not persistent", "s={token}; Path=/; Secure; HttpOnly; SameSite=Lax", attributes(name="s"), persistent=False, expires=CREATED - 1)  # fmt: skip
    return [*cases, without, after]


def _list_deletions() -> list[Case]:
    full = attributes(name="s", path="/app", domain=".Example.com", samesite="Strict", partitioned=True)
    bare = attributes(name="s", secure=False, httponly=False, samesite=None)
    return [
        _render("deletion-not-persistent", ("12.5",), "Max-Age=0 whatever persistent is", "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0", attributes(), token=None, persistent=False),
        _render("deletion-with-each-attribute", ("12.5", "12.3"), "a browser deletes only what it knows by the same attributes", "s=; Path=/app; Domain=Example.com; Secure; HttpOnly; SameSite=Strict; Partitioned; Max-Age=0", full, token=None),
        _render("deletion-without-attributes", ("12.5", "12.3"), "absent ones are left out here, too", "s=; Path=/; Max-Age=0", bare, token=None),
    ]  # fmt: skip


def _list_refused() -> list[Case]:
    faults = list_attribute_faults()
    cases = [
        Case(
            f"set-cookie-refused-{fault.name}", (fault.clause,), fault.comment,
            {"cookie": fault.cookie, "token": TOKEN, "persistent": True, "expires": CREATED + IDLE, "now": CREATED},
            refuse(), ("attributes",),
        )
        for fault in faults
    ]  # fmt: skip
    deletion = Case(
        "set-cookie-refused-for-a-deletion", (faults[0].clause,), "what cannot be set cannot be deleted",
        {"cookie": faults[0].cookie, "token": None, "persistent": True, "expires": CREATED + IDLE, "now": CREATED},
        refuse(), ("attributes",),
    )  # fmt: skip
    return [*cases, deletion]
