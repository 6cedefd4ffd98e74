"""Cookie scanning and Set-Cookie rendering (SPEC 11 and 12), against a slow reference, WebOb and http.cookies."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest
import webob.cookies
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiejar_session import ConfigError, CookieAttributes
from cookiejar_session.headers.cookies import MAX_AGE_LIMIT, scan_cookies

# Octets that a token is made of, and one token of legal length.
TOKEN = "cj1." + "b8cIHT52bDZAQUJDREVGR0hJSktMTU5PUFFSU1RVVleKMjRAd9n0yugS4bjJUjWJ" * 2

names = st.sampled_from(["s", "ss", "__Host-s", "s.s", "a-b"])
pieces = st.sampled_from(
    [
        "s=",
        "ss=",
        "__Host-s=",
        "s.s=",
        "a-b=",
        "s",
        ";",
        "; ",
        ",",
        "=",
        " ",
        "\t",
        '"',
        "\\",
        "\x85",
        "\xa0",
        "\n",
        "S=",
    ]
)


def scan(header: str, name: str = "s") -> list[str]:
    return list(scan_cookies(header, name=name))


def scan_by_the_letter(header: str, name: str) -> list[str]:
    """SPEC 11.1 step for step on octets, slowly; shares no code with the scanner."""
    values = []
    for piece in bytes(header, "latin-1").split(b";"):
        trimmed = re.fullmatch(rb"[ \t]*(.*?)[ \t]*", piece, re.DOTALL)
        assert trimmed is not None
        start = name.encode() + b"="
        if trimmed[1][: len(start)] != start:
            continue
        cut = re.fullmatch(rb"[ \t]*([^,]*?)[ \t]*(,.*)?", trimmed[1][len(start) :], re.DOTALL)
        assert cut is not None
        values.append(cut[1].decode("latin-1"))
    return values


def take_with_webob(header: str, name: str) -> str | None:
    return webob.cookies.RequestCookies({"HTTP_COOKIE": header}).get(name)


def take_with_simple_cookie(header: str, name: str) -> str | None:
    morsel = SimpleCookie(header).get(name)
    return None if morsel is None else morsel.value


class CountingText(str):
    """Text that counts the characters a scan may look at: what find walks over, single ones, and slices."""

    __slots__ = ("looked_at",)

    looked_at: int

    def find(self, *arguments: Any) -> int:
        start = arguments[1] if len(arguments) > 1 else 0
        found = super().find(*arguments)
        self.looked_at += (len(self) if found < 0 else found) - start + len(arguments[0])
        return found

    def __getitem__(self, index: Any) -> str:
        text = super().__getitem__(index)
        self.looked_at += len(text)
        return text


def count_looks(header: str) -> int:
    text = CountingText(header)
    text.looked_at = 0
    scan(text)
    return text.looked_at


# Scanning


def test_worked_example_of_the_spec_is_scanned() -> None:
    header = "; ".join(['j={"a":1;b=2; s=one, s=two ; S=no; s =no', 'x="y; s=three";s=; ss=no; d=x,s=no;s=a=b'])
    assert scan(header) == ["one", 'three"', "", "a=b"]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("", []),
        (";;; ;", []),
        ("s", []),
        ("s=", [""]),
        ("s=a", ["a"]),
        (" \t s=a \t ", ["a"]),
        ("x=1;s=a;y=2", ["a"]),
        ("s=a; s=b; s=a", ["a", "b", "a"]),
        ("s= a b ", ["a b"]),
        ("s=a=b", ["a=b"]),
        ("s=s=a", ["s=a"]),
        ("s= s=a", ["s=a"]),
        ("x= s=a", []),
    ],
)
def test_values_are_found_in_order(header: str, values: list[str]) -> None:
    assert scan(header) == values


@pytest.mark.parametrize("blank", ["\x85", "\xa0", "\x0b", "\x0c", "\r", "\n", "\x00", "\x1f"])
def test_only_space_and_tab_are_trimmed_from_a_value(blank: str) -> None:
    assert scan(f"s={blank}a{blank}; x=1") == [f"{blank}a{blank}"]


@pytest.mark.parametrize("blank", ["\x85", "\xa0", "\x0b", "\x0c", "\r", "\n", "\x00", "\x1f"])
def test_a_name_behind_another_blank_is_another_name(blank: str) -> None:
    assert scan(f"{blank}s=a;{blank}s=b") == []


@pytest.mark.parametrize("header", ["xs=a", "s2=a", "S=a", "-s=a", "s =a", "s\t=a", "x.s=a", '"s=a', "x s=a", "=s=a"])
def test_a_name_that_only_resembles_ours_is_passed_over(header: str) -> None:
    assert scan(f"{header}; s=ours") == ["ours"]


@pytest.mark.parametrize("other", ["__Host-session2", "x__Host-session", "__host-session", "__Host-sessio", "session"])
def test_longer_shorter_and_other_case_names_are_passed_over(other: str) -> None:
    assert scan(f"{other}=bad; __Host-session=good; {other}=bad", "__Host-session") == ["good"]


def test_a_comma_begins_no_cookie() -> None:
    assert scan("d=x,__Host-session=evil; __Host-session=good", "__Host-session") == ["good"]


@pytest.mark.parametrize("header", ["s=a,b", "s=a, s=b", "s=a ,", "s=a,,", "s=a\t, x"])
def test_a_value_ends_before_its_first_comma(header: str) -> None:
    assert scan(header) == ["a"]


def test_quotation_marks_mean_nothing() -> None:
    assert scan('x="; s=in; y="; s="out"') == ["in", '"out"']


def test_escapes_mean_nothing() -> None:
    assert scan('s=%3B\\"\\073') == ['%3B\\"\\073']


@given(
    header=st.lists(st.one_of(pieces, st.characters(max_codepoint=255)), max_size=40).map("".join),
    name=names,
)
@settings(max_examples=200, deadline=None)
def test_scanner_agrees_with_the_spec_taken_by_the_letter(header: str, name: str) -> None:
    assert scan(header, name) == scan_by_the_letter(header, name)


@given(before=st.text(st.characters(max_codepoint=255), max_size=30), after=st.text(st.characters(max_codepoint=255)))
@settings(max_examples=100, deadline=None)
def test_no_other_cookie_hides_ours(before: str, after: str) -> None:
    assert TOKEN in scan(f"{before}; s={TOKEN}; {after}")


HOSTILE = [
    "s=" * 2,
    "s=;",
    "s= ",
    " s=",
    ";s=",
    "s=,",
    " \t",
    'x="\\";',
    "; ",
    ",s=",
    "ss",
    "=",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_repeated_text_costs_more_than_a_few_looks_a_character(piece: str) -> None:
    header = piece * 3000
    assert count_looks(header) <= 8 * len(header)


@pytest.mark.parametrize("piece", HOSTILE)
def test_twice_the_header_costs_twice_the_looks(piece: str) -> None:
    once, twice = count_looks(f"s={piece * 2000}"), count_looks(f"s={piece * 4000}")
    assert twice <= 2 * once + 100


# Others' parsers, where they are right


@given(
    cookies=st.lists(
        st.tuples(st.sampled_from(["s", "t", "ss", "session"]), st.text("abcXYZ019-_.", min_size=1)), min_size=1
    )
)
@settings(max_examples=100, deadline=None)
def test_plain_cookies_are_read_as_webob_and_http_cookies_read_them(cookies: list[tuple[str, str]]) -> None:
    header = "; ".join(f"{name}={value}" for name, value in cookies)
    # Of two cookies of one name both keep the last.
    ours = (scan(header) or [None])[-1]
    assert (ours, ours) == (take_with_webob(header, "s"), take_with_simple_cookie(header, "s"))


def test_http_cookies_loses_ours_behind_json_and_the_scanner_does_not() -> None:
    header = f'j={{"a":1}}; s={TOKEN}'
    assert (take_with_simple_cookie(header, "s"), scan(header)) == (None, [TOKEN])


@pytest.mark.parametrize("take", [take_with_webob, take_with_simple_cookie])
def test_others_take_a_cookie_out_of_a_date_and_the_scanner_does_not(
    take: Callable[[str, str], str | None],
) -> None:
    header = "d=Wed, s=evil"
    assert (take(header, "s"), scan(header)) == ("evil", [])


# Rendering


@pytest.mark.parametrize(
    ("options", "rendered"),
    [
        ({}, "__Host-session=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=60"),
        (
            {
                "name": "s",
                "path": "/a b",
                "domain": "example.com",
                "samesite": "None",
                "partitioned": True,
            },
            "s=v; Path=/a b; Domain=example.com; Secure; HttpOnly; SameSite=None; Partitioned; Max-Age=60",
        ),
        ({"name": "s", "secure": False, "httponly": False, "samesite": None}, "s=v; Path=/; Max-Age=60"),
        ({"name": "s", "samesite": "Strict"}, "s=v; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60"),
    ],
)
def test_attributes_are_rendered_in_the_order_of_the_spec(options: dict[str, Any], rendered: str) -> None:
    assert CookieAttributes(**options).render("v", max_age=60) == rendered


def test_a_cookie_that_ends_with_the_browser_has_no_max_age() -> None:
    assert CookieAttributes().render("v", max_age=None) == "__Host-session=v; Path=/; Secure; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    ("asked", "rendered"), [(1, 1), (34_559_999, 34_559_999), (34_560_000, 34_560_000), (34_560_001, 34_560_000)]
)
def test_max_age_is_capped_at_400_days(asked: int, rendered: int) -> None:
    assert CookieAttributes().render("v", max_age=asked).endswith(f"; Max-Age={rendered}")


def test_cap_is_400_days() -> None:
    assert MAX_AGE_LIMIT == 400 * 86400


def test_deletion_is_the_example_of_the_spec() -> None:
    assert CookieAttributes().render_deletion() == (
        "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"
    )


def test_deletion_keeps_path_domain_secure_and_partitioned() -> None:
    cookie = CookieAttributes(name="s", path="/app", domain="example.com", partitioned=True)
    assert cookie.render_deletion() == (
        "s=; Path=/app; Domain=example.com; Secure; HttpOnly; SameSite=Lax; Partitioned; Max-Age=0"
    )


def split_attributes(field: str) -> tuple[str, set[str]]:
    pair, *attributes = field.split("; ")
    return pair, {attribute.lower() for attribute in attributes}


@pytest.mark.parametrize("samesite", ["Lax", "Strict", None])
@pytest.mark.parametrize("domain", ["example.com", None])
@pytest.mark.parametrize("secure", [True, False])
def test_rendering_says_what_webob_says(samesite: Any, domain: str | None, secure: bool) -> None:
    cookie = CookieAttributes(name="s", path="/p", domain=domain, secure=secure, samesite=samesite)
    theirs = webob.cookies.make_cookie(
        "s", TOKEN, path="/p", domain=domain, secure=secure, httponly=True, samesite=samesite
    )
    assert split_attributes(cookie.render(TOKEN, max_age=None)) == split_attributes(theirs)


@pytest.mark.parametrize("max_age", [60, 0])
def test_rendering_says_what_http_cookies_says(max_age: int) -> None:
    theirs: SimpleCookie = SimpleCookie({"s": TOKEN})
    theirs["s"].update({"path": "/", "secure": True, "httponly": True, "samesite": "Lax", "max-age": str(max_age)})
    ours = CookieAttributes(name="s").render(TOKEN, max_age=max_age)
    assert split_attributes(ours) == split_attributes(theirs["s"].OutputString())


# What browsers refuse

MENDED = [
    ({"name": ""}, "name '' is not", "use letters"),
    ({"name": "a b"}, "'a b'", "use letters"),
    ({"name": "a;b"}, "'a;b'", "use letters"),
    ({"name": "a=b"}, "'a=b'", "use letters"),
    ({"name": "a\tb"}, r"'a\\tb'", "use letters"),
    ({"name": "a\r\nb"}, r"'a\\r\\nb'", "use letters"),
    ({"name": "sesión"}, "'sesión'", "use letters"),
    ({"name": "s\n"}, r"'s\\n'", "use letters"),
    ({"name": "n" * 125}, "has 125 characters", "at most 124"),
    ({"name": "s", "path": ""}, "path ''", 'must begin with "/"'),
    ({"name": "s", "path": "app"}, "path 'app'", 'must begin with "/"'),
    ({"name": "s", "path": "/a;b"}, "path '/a;b'", 'without ";"'),
    ({"name": "s", "path": "/a\r\nSet-Cookie: x"}, "path", "printable ASCII"),
    ({"name": "s", "path": "/a\n"}, "path", "printable ASCII"),
    ({"name": "s", "path": "/\t"}, "path", "printable ASCII"),
    ({"name": "s", "path": "/é"}, "path", "printable ASCII"),
    ({"name": "s", "path": "/" + "p" * 1024}, "path", "must begin"),
    ({"name": "s", "domain": ""}, "domain ''", "write it as example.com"),
    ({"name": "s", "domain": "a;b"}, "domain 'a;b'", "write it as example.com"),
    ({"name": "s", "domain": "a b"}, "domain 'a b'", "write it as example.com"),
    ({"name": "s", "domain": "under_score.example"}, "domain 'under_score.example'", "write it as example.com"),
    ({"name": "s", "domain": "example.com\n"}, "domain", "write it as example.com"),
    ({"name": "s", "domain": "https://example.com"}, "domain", "write it as example.com"),
    ({"name": "s", "domain": "bücher.example"}, "domain", "write it as example.com"),
    ({"name": "s", "domain": "a." * 600 + "b"}, "domain", "write it as example.com"),
    ({"samesite": "lax"}, "samesite is 'lax'", 'use "Lax"'),
    ({"samesite": ""}, "samesite is ''", 'use "Lax"'),
    ({"domain": "example.com"}, "cannot have a Domain", r'for_subdomains\("example.com"\)'),
    ({"name": "__hOsT-x", "domain": "example.com"}, "__hOsT-x cannot have a Domain", "for_subdomains"),
    ({"secure": False}, "__Host-session needs Secure", "set secure=True"),
    ({"name": "__HOST-x", "secure": False}, "__HOST-x needs Secure", "set secure=True"),
    ({"path": "/app"}, "needs path \"/\", got '/app'", "take a name without __Host-"),
    ({"name": "__Secure-x", "secure": False}, "__Secure-x needs Secure", "for_development"),
    ({"name": "__sECURE-x", "secure": False}, "__sECURE-x needs Secure", "for_development"),
    ({"name": "__Http-x", "secure": False}, "__Http-x needs Secure", "set secure=True"),
    ({"name": "__Http-x", "httponly": False}, "__Http-x needs HttpOnly", "set httponly=True"),
    ({"name": "__Host-Http-x", "httponly": False}, "__Host-Http-x needs HttpOnly", "set httponly=True"),
    ({"name": "s", "samesite": "None", "secure": False}, "SameSite=None needs Secure", "set secure=True"),
    ({"name": "s", "partitioned": True, "secure": False}, "Partitioned needs Secure", "set secure=True"),
]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": None}, 'cookie name must be a str, got NoneType; write name="..."'),
        ({"name": b"s"}, 'cookie name must be a str, got bytes; write name="..."'),
        ({"path": None}, 'cookie path must be a str, got NoneType; write path="..."'),
        ({"name": "s", "domain": 5}, 'cookie domain must be a str, got int; write domain="..."'),
        ({"secure": "no"}, "cookie secure must be a bool, got str; write True or False"),
        ({"httponly": 0}, "cookie httponly must be a bool, got int; write True or False"),
        ({"partitioned": None}, "cookie partitioned must be a bool, got NoneType; write True or False"),
    ],
)
def test_a_value_of_another_type_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CookieAttributes(**options)
    assert str(caught.value) == message


@pytest.mark.parametrize(("options", "found", "mend"), MENDED)
def test_what_browsers_refuse_is_refused_with_what_was_found_and_what_mends_it(
    options: dict[str, Any], found: str, mend: str
) -> None:
    with pytest.raises(ConfigError, match=f"^cookie .*{found}.*{mend}") as caught:
        CookieAttributes(**options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"name": "!#$%&'*+.^_`|~aZ09-"},
        {"name": "n" * 124},
        {"name": "s", "path": "/" + "p" * 1023},
        {"name": "s", "path": "/ !~"},
        {"name": "s", "domain": ".example.com"},
        {"name": "s", "domain": "EXAMPLE-1.com"},
        {"name": "s", "domain": "localhost"},
        {"name": "__Secure-x", "path": "/app", "domain": "example.com"},
        {"name": "__Http-x", "path": "/app"},
        {"name": "__Host-Http-x"},
        {"name": "__Hostsession", "secure": False},
        {"partitioned": True, "samesite": "None"},
        {"name": "s", "secure": False, "httponly": False},
    ],
)
def test_what_browsers_take_is_taken(options: dict[str, Any]) -> None:
    cookie = CookieAttributes(**options)
    assert {name: getattr(cookie, name) for name in options} == options


def test_attributes_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CookieAttributes().secure = False  # type: ignore[misc]


def test_cookie_for_subdomains_has_a_domain_and_is_secure() -> None:
    assert CookieAttributes.for_subdomains("example.com").render("v", max_age=None) == (
        "__Secure-session=v; Path=/; Domain=example.com; Secure; HttpOnly; SameSite=Lax"
    )


def test_cookie_for_subdomains_takes_another_name() -> None:
    assert CookieAttributes.for_subdomains("example.com", name="s").name == "s"


def test_cookie_for_development_has_no_secure() -> None:
    assert CookieAttributes.for_development().render("v", max_age=None) == "session=v; Path=/; HttpOnly; SameSite=Lax"


def test_cookie_for_development_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    CookieAttributes.for_development("dev")
    assert [
        (record.levelno, "cookie dev is sent without Secure" in record.getMessage()) for record in caplog.records
    ] == [(logging.WARNING, True)]
