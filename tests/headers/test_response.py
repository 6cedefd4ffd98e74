"""response.py: Vary, Cache-Control and the fields for CDNs, where the session was accessed (SPEC 13.9 to 13.12)."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cookiejar_session.headers.response import (
    CONCERNED,
    ENCODED_CONCERNED,
    NO_FIELDS,
    ResponseFields,
    find_targeted,
)

COOKIES = ("s=1; Path=/",)


def make_fields(*, vary: Iterable[str] = (), cache_control: Iterable[str] = ()) -> ResponseFields:
    fields = [("vary", value) for value in vary]
    return ResponseFields(fields + [("cache-control", value) for value in cache_control])


def split_by_octets(values: list[str]) -> list[str]:
    """Return the directives as SPEC 13.9.1 defines them, octet by octet; no code is shared with the module."""
    pieces, quoted, escaped = [""], False, False
    for character in ",".join(values):
        if character == "," and not quoted:
            pieces.append("")
            continue
        pieces[-1] += character
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
    return [piece.strip(" \t") for piece in pieces if piece.strip(" \t")]


def name(directive: str) -> str:
    return directive.split("=")[0].lower()


def make_private(*values: str) -> str | None:
    return dict(make_fields(cache_control=values).edit(COOKIES)).get("cache-control")


def merge_vary(*values: str) -> str | None:
    return dict(make_fields(vary=values).edit(())).get("vary")


# 13.9


@pytest.mark.parametrize(
    "values",
    [
        ["public"],
        ["PUBLIC"],
        ["Public=1"],
        ["s-maxage=60"],
        ["S-MaxAge=60"],
        ["s-maxage"],
        ["max-age=60, public"],
        ["max-age=60", "public"],
        ["max-age=60,\tpublic\t"],
        [",, ,public,"],
        ["private, public"],
        ['no-cache="a", public'],
        ['x="a\\", y", public'],
        ['x="a\\\\", public'],
        ['x="a""b", public'],
        ['"", public'],
    ],
)
def test_cache_control_with_public_or_s_maxage_is_shared_cacheable(values: list[str]) -> None:
    assert make_fields(cache_control=values).is_shared_cacheable


@pytest.mark.parametrize(
    "values",
    [
        [],
        [""],
        [" ,\t, "],
        ["private"],
        ["no-store"],
        ["max-age=60"],
        ["publicly"],
        ["not-public"],
        ["s-maxage2=1"],
        ['"public"'],
        ['no-cache="public"'],
        ['no-cache="a, public, s-maxage=1"'],
        ['no-cache="a\\", public"'],
        ['no-cache="a, public'],
        ['no-cache="a', "public"],
        ['no-cache="a\\'],
        ['no-cache="a\\", public, "'],
        ['no-cache="\n'],
        ['no-cache="\n', "public"],
        ["x=public"],
        ["public =1"],
        ["public\xa0"],
        ["public\x0b"],
    ],
)
def test_any_other_cache_control_is_not_shared_cacheable(values: list[str]) -> None:
    assert not make_fields(cache_control=values).is_shared_cacheable


# 13.10


@pytest.mark.parametrize("values", [[], [""], [" , ,\t"], ["", ""]])
def test_without_a_directive_the_field_becomes_private(values: list[str]) -> None:
    assert make_private(*values) == "private"


@pytest.mark.parametrize(
    ("values", "edited"),
    [
        (["public"], "private"),
        (["s-maxage=60"], "private"),
        (["public, max-age=60"], "private, max-age=60"),
        (["max-age=60 ,public,\ts-maxage=5, must-revalidate"], "private, max-age=60, must-revalidate"),
        (["max-age=60", "Public", "S-MAXAGE=1", "No-Cache"], "private, max-age=60, No-Cache"),
        (["private, public, PRIVATE"], "private"),
        (['private="set-cookie", public'], 'private, private="set-cookie"'),
        (["private=, public"], "private, private="),
        (['no-cache="a, public", public, x="b'], 'private, no-cache="a, public", x="b'),
        (['x="\\", public', 'public", public'], 'private, x="\\", public,public"'),
        (["public, max-age=60, max-age=60"], "private, max-age=60, max-age=60"),
        (["no-store, public"], "private, no-store"),
    ],
)
def test_a_shared_cacheable_response_is_made_private(values: list[str], edited: str) -> None:
    assert make_private(*values) == edited


@pytest.mark.parametrize(
    ("values", "edited"),
    [
        (["max-age=60"], "private, max-age=60"),
        (["no-cache", "max-age=0"], "private, no-cache, max-age=0"),
        (['x="public'], 'private, x="public'),
        (['x="private, no-store"'], 'private, x="private, no-store"'),
        (['private="x-a"', "no-store=1"], 'private, private="x-a", no-store=1'),
        (["privately, xno-store"], "private, privately, xno-store"),
    ],
)
def test_private_is_put_beside_all_that_a_shared_cache_may_store(values: list[str], edited: str) -> None:
    assert make_private(*values) == edited


@pytest.mark.parametrize(
    "values", [["private"], ["no-store"], ["PRIVATE"], ["max-age=60 , No-Store"], ["no-cache", "private"]]
)
def test_cache_control_with_private_or_no_store_is_unchanged(values: list[str]) -> None:
    assert make_private(*values) is None


def test_without_a_cookie_of_ours_cache_control_is_unchanged() -> None:
    assert make_fields(cache_control=["public"]).edit(()) == [("vary", "Cookie")]


directives = st.lists(
    st.lists(
        st.sampled_from(["public", "s-maxage=1", "private", "Private", "x", "=", ",", " ", "\t", '"', "\\", "é", "\n"]),
        max_size=8,
    ).map("".join),
    max_size=4,
)


@given(values=directives)
@settings(max_examples=200, deadline=None)
def test_directives_are_those_of_the_spec(values: list[str]) -> None:
    found = split_by_octets(values)
    is_shared = any(name(one) in ("public", "s-maxage") for one in found)
    kept = [one for one in found if name(one) not in ("public", "s-maxage") and one.lower() != "private"]
    is_unshared = any(one.lower() in ("private", "no-store") for one in found)
    wanted = None if is_unshared and not is_shared else ", ".join(["private", *kept])
    assert make_private(*values) == wanted


@pytest.mark.parametrize("piece", ['"', '\\"', '",', "a,", '"\\', ",", '"a"'])
def test_hostile_cache_control_is_split_in_linear_time(piece: str) -> None:
    # Exponential or even quadratic work on half a megabyte would not end before the suite is stopped.
    assert make_private(piece * 100_000, "max-age=1") is not None


# 13.11


@pytest.mark.parametrize(
    ("values", "edited"),
    [
        ([], "Cookie"),
        ([""], "Cookie"),
        ([" ,\t, "], "Cookie"),
        (["Accept"], "Accept, Cookie"),
        (["Accept ,Origin", "", "\taccept"], "Accept, Origin, accept, Cookie"),
        (["Set-Cookie"], "Set-Cookie, Cookie"),
        (["Cookie2, X-Cookie"], "Cookie2, X-Cookie, Cookie"),
        (["Cookie\xa0"], "Cookie\xa0, Cookie"),
        (["**"], "**, Cookie"),
    ],
)
def test_cookie_is_added_to_vary(values: list[str], edited: str) -> None:
    assert merge_vary(*values) == edited


@pytest.mark.parametrize("values", [["*"], ["Accept, *"], ["Accept", " * "], ["Cookie"], ["cOOKIE"], ["a,\tcookie ,b"]])
def test_vary_with_cookie_or_star_is_unchanged(values: list[str]) -> None:
    assert merge_vary(*values) is None


# Fields that some shared caches obey in place of Cache-Control (13.9, 13.9.2 and 13.10 item 4)

TARGETED = [
    "CDN-Cache-Control",
    "cdn-cache-control",
    "CLOUDFLARE-CDN-CACHE-CONTROL",
    "Vercel-CDN-Cache-Control",
    "Netlify-CDN-Cache-Control",
    "Akamai-Cache-Control",
    "X-LiteSpeed-Cache-Control",
    "Surrogate-Control",
    "Edge-Control",
    "X-Accel-Expires",
]


@pytest.mark.parametrize("field", TARGETED)
@pytest.mark.parametrize(
    ("value", "is_shared_cacheable", "allows_storing"),
    [
        ("max-age=60", True, True),
        ("public, max-age=60", True, True),
        ("60", True, True),
        ("!no-store, max-age=1h", True, True),
        ('content="ESI/1.0"', True, True),
        ('private="x-a"', True, True),
        ('x="no-store, private"', True, True),
        ("private, max-age=60", False, True),
        ("No-Cache", False, True),
        ("max-age=0", False, True),
        ("", False, True),
        (" ,\t", False, True),
        ("max-age=60, NO-STORE", False, False),
        ("0", False, False),
    ],
)
def test_targeted_field(field: str, value: str, is_shared_cacheable: bool, allows_storing: bool) -> None:
    (found,) = find_targeted([(field, value)])
    assert found.name == field.lower()
    assert (found.is_shared_cacheable, found.allows_storing) == (is_shared_cacheable, allows_storing)


@pytest.mark.parametrize(
    "field", ["Cache-Control", "Expires", "CDN-Cache-Control-2", "Surrogate-Key", "Edge-Cache-Tag"]
)
def test_other_fields_are_not_targeted(field: str) -> None:
    assert find_targeted([(field, "max-age=60")]) == []


def test_response_without_fields_has_no_targeted_ones() -> None:
    assert find_targeted([]) == []


def test_values_of_one_targeted_field_are_joined() -> None:
    headers = [("CDN-Cache-Control", "max-age=60"), ("Edge-Control", "max-age=60"), ("cdn-cache-control", "no-store")]
    assert [(found.name, found.allows_storing) for found in find_targeted(headers)] == [
        ("cdn-cache-control", False),
        ("edge-control", True),
    ]


# From and to header fields


def test_values_of_the_three_fields_keep_their_order() -> None:
    fields = ResponseFields([("vary", "a"), ("cache-control", "x"), ("vary", "b"), ("set-cookie", "c")])
    assert (fields.vary, fields.cache_control, fields.set_cookies) == (["a", "b"], ["x"], ["c"])


def test_three_fields_concern_the_session() -> None:
    assert sorted(CONCERNED) == ["cache-control", "set-cookie", "vary"]
    assert sorted(ENCODED_CONCERNED) == [b"cache-control", b"set-cookie", b"vary"]


def test_a_mere_read_edits_only_vary() -> None:
    assert make_fields().edit(()) == [("vary", "Cookie")]


def test_a_cookie_makes_a_response_without_the_three_fields_private() -> None:
    assert make_fields().edit(COOKIES) == [
        ("vary", "Cookie"),
        ("cache-control", "private"),
        ("set-cookie", COOKIES[0]),
    ]


def test_a_field_that_stays_is_not_among_the_edited() -> None:
    fields = make_fields(vary=["Cookie"], cache_control=["private"])
    assert fields.edit(["a=1", "b=2"]) == [("set-cookie", "a=1"), ("set-cookie", "b=2")]


def test_edited_fields_come_before_the_cookies() -> None:
    assert make_fields(vary=["a"], cache_control=["public"]).edit(COOKIES) == [
        ("vary", "a, Cookie"),
        ("cache-control", "private"),
        ("set-cookie", COOKIES[0]),
    ]


def test_without_a_field_that_needs_an_edit_nothing_is_edited() -> None:
    assert make_fields(vary=["*"], cache_control=["public"]).edit(()) == []


@pytest.mark.parametrize(("name", "sets"), [("s", True), ("other", True), ("S", False), ("othe", False)])
def test_a_cookie_that_the_application_set_is_known_by_its_name(name: str, sets: bool) -> None:
    assert ResponseFields([("set-cookie", "s=1; Path=/"), ("set-cookie", "other=")]).sets_cookie(name) is sets


@pytest.mark.parametrize("cookies", [(), COOKIES, ("a=1", "b=2")], ids=["none", "one", "two"])
def test_no_fields_are_edited_as_those_of_an_empty_response(cookies: tuple[str, ...]) -> None:
    assert NO_FIELDS.edit(cookies) == ResponseFields([]).edit(cookies)
    assert not NO_FIELDS.is_shared_cacheable
    assert not NO_FIELDS.sets_cookie("s")
