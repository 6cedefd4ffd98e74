"""set_cookie.py: rendering Set-Cookie (SPEC 12), against WebOb and http.cookies, and what browsers refuse."""

from __future__ import annotations

import logging
from http.cookies import SimpleCookie
from typing import Any

import pytest
import webob.cookies

from cookiejar_session import ConfigError, CookieAttributes
from cookiejar_session.headers.set_cookie import MAX_AGE_LIMIT, is_deletion, is_signed_session

# A token of legal length.
TOKEN = "cj1." + "b8cIHT52bDZAQUJDREVGR0hJSktMTU5PUFFSU1RVVleKMjRAd9n0yugS4bjJUjWJ" * 2


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


@pytest.mark.parametrize(
    ("domain", "rendered"),
    [(".example.com", "example.com"), (".Example.COM", "Example.COM"), ("example.com", "example.com"), (".a", "a")],
)
def test_a_domain_is_rendered_without_a_leading_dot(domain: str, rendered: str) -> None:
    for cookie in (CookieAttributes(name="s", domain=domain), CookieAttributes.for_subdomains(domain)):
        assert f"; Domain={rendered};" in cookie.render("v", max_age=None)
        assert f"; Domain={rendered};" in cookie.render_deletion()


def test_a_cookie_that_ends_with_the_browser_has_no_max_age() -> None:
    assert CookieAttributes().render("v", max_age=None) == "__Host-session=v; Path=/; Secure; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    ("asked", "rendered"),
    [(-5, 0), (-1, 0), (0, 0), (1, 1), (34_559_999, 34_559_999), (34_560_000, 34_560_000), (34_560_001, 34_560_000)],
)
def test_max_age_is_from_0_to_400_days(asked: int, rendered: int) -> None:
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
def test_rendering_equals_that_of_webob(samesite: Any, domain: str | None, secure: bool) -> None:
    cookie = CookieAttributes(name="s", path="/p", domain=domain, secure=secure, samesite=samesite)
    theirs = webob.cookies.make_cookie(
        "s", TOKEN, path="/p", domain=domain, secure=secure, httponly=True, samesite=samesite
    )
    assert split_attributes(cookie.render(TOKEN, max_age=None)) == split_attributes(theirs)


@pytest.mark.parametrize("max_age", [60, 0])
def test_rendering_equals_that_of_http_cookies(max_age: int) -> None:
    theirs: SimpleCookie = SimpleCookie({"s": TOKEN})
    theirs["s"].update({"path": "/", "secure": True, "httponly": True, "samesite": "Lax", "max-age": str(max_age)})
    ours = CookieAttributes(name="s").render(TOKEN, max_age=max_age)
    assert split_attributes(ours) == split_attributes(theirs["s"].OutputString())


# What browsers refuse

REFUSED = [
    ({"name": ""}, "name '' is not", "use letters"),
    ({"name": "a b"}, "'a b'", "use letters"),
    ({"name": "a;b"}, "'a;b'", "use letters"),
    ({"name": "a=b"}, "'a=b'", "use letters"),
    ({"name": "a\tb"}, r"'a\\tb'", "use letters"),
    ({"name": "a\r\nb"}, r"'a\\r\\nb'", "use letters"),
    ({"name": "sesión"}, r"'sesi\\xf3n'", "use letters"),
    ({"name": "s\n"}, r"'s\\n'", "use letters"),
    ({"name": "n" * 125}, "has 125 characters", "at most 124"),
    ({"name": "s", "path": ""}, "path ''", 'must begin with "/"'),
    ({"name": "s", "path": "app"}, "path 'app'", 'must begin with "/"'),
    ({"name": "s", "path": "/a;b"}, "path '/a;b'", 'except ";"'),
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
    ({"path": "/app"}, "needs path \"/\", got '/app'", "use a name without __Host-"),
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
        ({"name": None}, "cookie name must be a str, got NoneType"),
        ({"name": b"s"}, "cookie name must be a str, got bytes; decode it first"),
        ({"path": None}, "cookie path must be a str, got NoneType"),
        ({"name": "s", "domain": 5}, "cookie domain must be a str, got int"),
        ({"secure": "no"}, "cookie secure must be a bool, got str; write True or False"),
        ({"httponly": 0}, "cookie httponly must be a bool, got int; write True or False"),
        ({"partitioned": None}, "cookie partitioned must be a bool, got NoneType; write True or False"),
    ],
)
def test_a_value_of_another_type_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        CookieAttributes(**options)
    assert str(caught.value) == message


@pytest.mark.parametrize(("options", "found", "way_out"), REFUSED)
def test_what_browsers_refuse_is_refused_with_what_was_found_and_the_way_out(
    options: dict[str, Any], found: str, way_out: str
) -> None:
    with pytest.raises(ConfigError, match=f"^cookie .*{found}.*{way_out}") as caught:
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
def test_what_browsers_accept_is_accepted(options: dict[str, Any]) -> None:
    cookie = CookieAttributes(**options)
    assert {name: getattr(cookie, name) for name in options} == options


def test_attributes_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CookieAttributes().secure = False  # type: ignore[misc]


def test_cookie_for_subdomains_has_a_domain_and_is_secure() -> None:
    assert CookieAttributes.for_subdomains("example.com").render("v", max_age=None) == (
        "__Secure-session=v; Path=/; Domain=example.com; Secure; HttpOnly; SameSite=Lax"
    )


def test_cookie_for_subdomains_may_have_another_name() -> None:
    assert CookieAttributes.for_subdomains("example.com", name="s").name == "s"


def test_cookie_for_development_has_no_secure() -> None:
    assert CookieAttributes.for_development().render("v", max_age=None) == "session=v; Path=/; HttpOnly; SameSite=Lax"


def test_cookie_for_development_logs_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    CookieAttributes.for_development("dev")
    assert [
        (record.levelno, "cookie 'dev' is sent without Secure" in record.getMessage()) for record in caplog.records
    ] == [(logging.WARNING, True)]


# Cookies of other software


@pytest.mark.parametrize(
    ("set_cookie", "expected"),
    [
        (CookieAttributes().render_deletion(), True),
        # Starlette, Flask and Django
        ('s=""; expires=Sun, 29 Nov 2026 13:00:00 GMT; Max-Age=0; Path=/; SameSite=lax', True),
        ("s=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/", True),
        ('s=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/', True),
        ("s=", True),
        ("s=deleted; max-age=-1", True),
        ("s=deleted; Max-Age=00; Path=/", True),
        ("s=x", False),
        ("s=x; Max-Age=10", False),
        ("s=x; Path=/max-age=0x", False),
        ("s==; Path=/", False),
        (CookieAttributes().render("token", max_age=60), False),
    ],
)
def test_deletion_of_any_software_is_known(set_cookie: str, expected: bool) -> None:
    assert is_deletion(set_cookie) is expected


@pytest.mark.parametrize(
    ("set_cookie", "expected"),
    [
        ("session=eyJ1c2VyIjoiYWRhIn0.aSrxyQ.mL0; HttpOnly; Path=/", True),
        ("session=.eJyrVipILC4uzy9KUbJSSkxJVKoFADk-BdU.aSrx.q; HttpOnly; Path=/", True),
        ("session=; Max-Age=0", False),
        ("session=cj1.AAAA; Path=/", False),
        ("sessionid=eyJ1; Path=/", False),
        ("other=session=eyJ1", False),
    ],
)
def test_signed_session_is_known_by_its_name_and_value(set_cookie: str, expected: bool) -> None:
    assert is_signed_session(set_cookie) is expected
