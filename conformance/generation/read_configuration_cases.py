"""Configurations that are refused before any cookie is looked at, and their neighbours that are not (SPEC 12)."""

from __future__ import annotations

from typing import Any

from .attribute_faults import list_attribute_faults
from .cases import Case
from .keys import A, hex_key
from .read_questions import HOST, NOW, OLD, ask, issue, seal
from .values import MAX_IDLE, attributes, policy

_FOUND = issue(100)
_FIELD = f"{HOST}={seal(_FOUND)}"


def list_configuration_cases() -> list[Case]:
    return [
        *_list_refused(),
        *_list_limits(),
        *_list_same_place(),
        *_list_other_places(),
        *_list_explicit_purposes(),
        *_list_policies(),
        *_list_rings(),
        *_list_purposes(),
    ]


def _list_refused() -> list[Case]:
    faults = [fault for fault in list_attribute_faults() if fault.is_first]
    own = [
        ask(f"refused-{fault.name}", (fault.clause,), fault.comment, [], "refused", cookie=fault.cookie, flags=("attributes",))
        for fault in faults
    ]  # fmt: skip
    # Previous attributes are attributes: one fault of each kind.
    named = ("host-with-domain", "partitioned-without-secure", "name-of-125", "path-semicolon")
    previous = [
        ask(f"refused-previous-{fault.name}", ("12.6", fault.clause), fault.comment, _FIELD, "refused", previous=[OLD, fault.cookie], flags=("attributes", "previous"))
        for fault in faults
        if fault.name in named
    ]  # fmt: skip
    return [*own, *previous]


def _list_limits() -> list[Case]:
    rows: list[tuple[str, str, str, dict[str, Any]]] = [
        ("name-of-124", "12.2 item 5", "the longest name", {"name": "n" * 124}),
        ("path-of-1024", "12.2 item 5", "the longest Path", {"path": "/" + "p" * 1023}),
        ("domain-of-1024", "12.2 item 5", "the longest Domain", {"domain": "a." * 510 + "exam"}),
        ("path-of-all-octets", "12.2", "0x20 to 0x7e without ;", {"path": "/" + "".join(map(chr, range(0x20, 0x7F))).replace(";", "")}),
        ("name-of-all-octets", "12.2", "every tchar", {"name": "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}),
        ("secure-prefix-with-domain", "12.2 item 2", "__Secure- asks for nothing but Secure", {"name": "__Secure-s", "domain": "example.com", "path": "/app", "httponly": False}),
        ("host-prefix-without-httponly", "12.2 item 4", "__Host- does not ask for HttpOnly", {"name": "__Host-s", "httponly": False}),
        ("http-prefix-with-domain", "12.2 item 4", "__Http- does not ask for an absent Domain", {"name": "__Http-s", "domain": "example.com", "path": "/app"}),
        ("same-site-none-with-secure", "12.2 item 3", "SameSite=None with Secure", {"samesite": "None"}),
        ("same-site-strict", "12.2", "SameSite=Strict", {"samesite": "Strict"}),
        ("same-site-absent", "12.2", "no SameSite", {"samesite": None}),
        ("partitioned-with-secure", "12.2 item 3", "Partitioned with Secure", {"partitioned": True}),
        ("nothing-set", "12.2", "a name without prefix asks for nothing", {"secure": False, "httponly": False, "samesite": "Lax"}),
    ]  # fmt: skip
    cases = []
    for name, clause, comment, changes in rows:
        cookie = attributes(**{"name": "s", **changes})
        field = f"{cookie['name']}={seal(_FOUND, purpose='p')}"
        cases.append(ask(f"configured-{name}", (clause,), comment, field, _FOUND, cookie=cookie, purpose="p", flags=("attributes",)))  # fmt: skip
    return cases


_PLACE = {"name": "s", "path": "/app", "domain": "www.example.com"}


def _list_same_place() -> list[Case]:
    """Previous sets that a browser cannot tell from the current attributes: a deletion would hit the new token."""
    rows: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("itself", "the current attributes once more", {}, {}),
        ("without-domain", "the same without a Domain", {"domain": None}, {"domain": None}),
        ("but-for-secure", "Secure does not tell two cookies apart", {}, {"secure": False}),
        ("but-for-httponly", "nor does HttpOnly", {}, {"httponly": False}),
        ("but-for-same-site", "nor does SameSite", {}, {"samesite": "Strict"}),
        ("but-for-case", "nor the case of a Domain's letters", {}, {"domain": "WWW.Example.com"}),
        ("but-for-case-turned", "the same the other way round", {"domain": "WWW.Example.com"}, {}),
        ("but-for-a-leading-dot", "nor a leading dot", {}, {"domain": ".www.example.com"}),
        ("but-for-a-leading-dot-turned", "the same the other way round", {"domain": ".www.example.com"}, {}),
        ("but-for-dot-and-case", "nor both", {"domain": ".www.EXAMPLE.com"}, {"domain": "www.example.COM"}),
        ("partitioned", "both Partitioned", {"partitioned": True}, {"partitioned": True}),
    ]
    cases = [
        ask(f"refused-previous-{name}", ("12.6",), comment, [], "refused", cookie=attributes(**{**_PLACE, **current}), previous=[attributes(**{**_PLACE, **before})], flags=("attributes", "previous"))
        for name, comment, current, before in rows
    ]  # fmt: skip
    second = ask("refused-previous-second", ("12.6",), "each previous set is looked at", [], "refused", previous=[OLD, attributes()], flags=("attributes", "previous"))  # fmt: skip
    return [*cases, second]


def _list_other_places() -> list[Case]:
    rows: list[tuple[str, str, dict[str, Any]]] = [
        ("other-path", "another Path is another cookie", {"path": "/"}),
        ("other-path-in-case", "the case of a Path counts", {"path": "/App"}),
        ("other-path-by-a-slash", "a slash at the end counts", {"path": "/app/"}),
        ("other-domain", "another Domain is another cookie", {"domain": "example.com"}),
        ("absent-domain", "no Domain is another cookie", {"domain": None}),
        ("other-partitioned", "Partitioned is another cookie jar", {"partitioned": True}),
        ("other-name-in-case", "the case of a name counts", {"name": "S"}),
    ]
    field = f"s={seal(_FOUND, purpose='s')}"
    cases = [
        ask(f"configured-previous-{name}", ("12.6",), comment, field, _FOUND, cookie=attributes(**_PLACE), previous=[attributes(**{**_PLACE, **before})], flags=("attributes", "previous"))
        for name, comment, before in rows
    ]  # fmt: skip
    twice = ask("configured-previous-twice", ("12.6",), "a previous set may stand twice", field, _FOUND, cookie=attributes(**_PLACE), previous=[OLD, OLD], flags=("attributes", "previous"))  # fmt: skip
    return [*cases, twice]


def _list_explicit_purposes() -> list[Case]:
    """A sibling can plant a cookie without __Host-: with one purpose for all names, any token of its own would do."""
    none, host_old = attributes(name="old"), attributes(name="__Host-old")
    refused: list[tuple[str, str, str, list[dict[str, Any]], str]] = [
        ("unprefixed", "a name without a prefix", HOST, [none], "p"),
        ("secure-prefix", "any subdomain can set a __Secure- cookie too", HOST, [attributes(name="__Secure-old")], "p"),
        ("host-in-small-letters", "browsers ignore the case of the prefix", "__host-s", [none], "p"),
        ("host-http-prefix", "__Host-Http- begins with __Host-", "__Host-Http-s", [none], "p"),
        ("second", "each previous set is looked at", HOST, [host_old, none], "p"),
        ("of-the-own-name", "the name itself, where it is given as the purpose", HOST, [none], HOST),
        ("empty", "an empty purpose is an explicit one", HOST, [none], ""),
    ]
    accepted: list[tuple[str, str, str, list[dict[str, Any]], str]] = [
        ("host-prefix", "both names have the prefix", HOST, [host_old], "p"),
        ("host-prefix-in-capitals", "both names have the prefix", HOST, [attributes(name="__HOST-OLD")], "p"),
        ("unprefixed-both", "the own name has no protection to lose", "s", [none], "p"),
        ("secure-prefix-own", "__Secure- is no protection from siblings", "__Secure-s", [none], "p"),
    ]
    token = seal(_FOUND, purpose="p")
    return [
        *(
            ask(f"refused-previous-explicit-purpose-{name}", ("12.6", "17.10"), comment, [], "refused", cookie=attributes(name=own), previous=previous, purpose=purpose, flags=("attributes", "previous"))
            for name, comment, own, previous, purpose in refused
        ),
        *(
            ask(f"configured-previous-explicit-purpose-{name}", ("12.6", "17.10"), comment, f"{own}={token}", _FOUND, cookie=attributes(name=own), previous=previous, purpose=purpose, flags=("attributes", "previous"))
            for name, comment, own, previous, purpose in accepted
        ),
    ]  # fmt: skip


def _list_policies() -> list[Case]:
    refused: list[tuple[str, str, dict[str, Any]]] = [
        ("idle-timeout-0", "a duration is at least one second", {"idle_timeout": 0}),
        ("idle-timeout-negative", "a duration is at least one second", {"idle_timeout": -1}),
        ("idle-timeout-2-to-32", "the envelope has no room for it", {"idle_timeout": 1 << 32}),
        ("absolute-lifetime-0", "a duration is at least one second", {"absolute_lifetime": 0}),
        ("absolute-lifetime-negative", "a duration is at least one second", {"absolute_lifetime": -1}),
        # Where none is written as 0, 0 is none (SPEC 9.8): no case asks for it.
        ("renew-after-negative", "a duration is at least one second", {"renew_after": -1}),
        ("longest-idle-negative", "a duration is at least one second", {"longest_idle": -1}),
        ("longest-lifetime-negative", "a duration is at least one second", {"longest_lifetime": -1}),
    ]
    accepted: list[tuple[str, str, dict[str, Any]]] = [
        ("idle-timeout-longest", "2^32 - 1 seconds, the longest that an envelope holds", {"idle_timeout": MAX_IDLE}),
        ("of-one-second", "the shortest durations that are for new sessions only", {"idle_timeout": 1, "absolute_lifetime": 1, "renew_after": 1}),
        ("not-before-0", "the first time of all", {"not_before": 0}),
    ]  # fmt: skip
    return [
        *(
            ask(f"refused-policy-{name}", ("9.8",), comment, _FIELD, "refused", rules=policy(**rules), flags=("policy", "edge"))
            for name, comment, rules in refused
        ),
        *(
            ask(f"configured-policy-{name}", ("9.8",), comment, _FIELD, _FOUND, rules=policy(**rules), flags=("policy", "edge"))
            for name, comment, rules in accepted
        ),
    ]  # fmt: skip


def _list_rings() -> list[Case]:
    # NOW, and the second after it.
    at, after = "2026-01-01T00:16:40Z", "2026-01-01T00:16:41Z"
    clauses, flags = ("4.2.1", "4.2 item 13"), ("rotation", "edge")
    return [
        ask("refused-ring-before-its-time", clauses, "the ring text is parsed at now, a second before its one key may seal", _FIELD, "refused", keyring=f"{hex_key(A)}@from={after}", now=NOW, flags=flags),
        ask("refused-ring-without-a-value", clauses, "the ring text is refused before a value is looked for", [], "refused", keyring=f"{hex_key(A)}@until={at}", now=NOW, flags=flags),
        ask("configured-ring-since-now", clauses, "the ring text is parsed at now, at which its one key may seal", _FIELD, _FOUND, keyring=f"{hex_key(A)}@from={at}", now=NOW, flags=flags),
    ]  # fmt: skip


def _list_purposes() -> list[Case]:
    field = f"{HOST}={seal(_FOUND, purpose=chr(0xFFFD))}"
    return [
        ask("refused-purpose-surrogate-replaced", ("3.5",), "a lone surrogate is not replaced by U+FFFD", field, "refused", purpose={"utf16": "d800"}, flags=("utf-8",), needs=("lone-surrogates",)),
        ask("refused-purpose-surrogate-without-a-value", ("3.5",), "the purpose is refused before a value is looked for", [], "refused", purpose={"utf16": "0061dfff"}, flags=("utf-8",), needs=("lone-surrogates",)),
    ]  # fmt: skip
