"""Vary and Cache-Control (SPEC 13.9 to 13.11)."""

from __future__ import annotations

import pytest
from cookiejar_session.headers.response_headers import NO_FACTS, ONLY_VARY, HeaderEdits, ResponseFacts, edit_headers
from hypothesis import given, settings
from hypothesis import strategies as st

COOKIES = ("s=1; Path=/",)


def split_by_the_letter(values: list[str]) -> list[str]:
    """The directives as SPEC 13.9 finds them, octet by octet; shares no code with the module."""
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
    return dict(edit_headers(ResponseFacts(cache_control=values), set_cookies=COOKIES).added).get("cache-control")


def merge_vary(*values: str) -> str | None:
    return dict(edit_headers(ResponseFacts(vary=values), set_cookies=()).added).get("vary")


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
def test_a_response_with_public_or_s_maxage_is_shared_cacheable(values: list[str]) -> None:
    assert ResponseFacts(cache_control=tuple(values)).is_shared_cacheable


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
def test_any_other_response_is_not_shared_cacheable(values: list[str]) -> None:
    assert not ResponseFacts(cache_control=tuple(values)).is_shared_cacheable


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
    ],
)
def test_a_shared_cacheable_response_is_made_private(values: list[str], edited: str) -> None:
    assert make_private(*values) == edited


@pytest.mark.parametrize(
    "values", [["private"], ["no-store"], ["max-age=60"], ["no-cache", "max-age=0"], ['x="public']]
)
def test_any_other_cache_control_is_left_alone(values: list[str]) -> None:
    assert make_private(*values) is None


def test_without_a_cookie_of_ours_cache_control_is_left_alone() -> None:
    edits = edit_headers(ResponseFacts(cache_control=("public",)), set_cookies=())
    assert (edits.replaced, edits.added) == ({"vary"}, (("vary", "Cookie"),))


directives = st.lists(
    st.lists(
        st.sampled_from(["public", "s-maxage=1", "private", "Private", "x", "=", ",", " ", "\t", '"', "\\", "é", "\n"]),
        max_size=8,
    ).map("".join),
    max_size=4,
)


@given(values=directives)
@settings(max_examples=200, deadline=None)
def test_directives_are_found_as_the_spec_says_by_the_letter(values: list[str]) -> None:
    found = split_by_the_letter(values)
    is_shared = any(name(one) in ("public", "s-maxage") for one in found)
    kept = [one for one in found if name(one) not in ("public", "s-maxage") and one.lower() != "private"]
    wanted = ", ".join(["private", *kept]) if is_shared else None if found else "private"
    assert make_private(*values) == wanted


@pytest.mark.parametrize("piece", ['"', '\\"', '",', "a,", '"\\', ",", '"a"'])
def test_hostile_cache_control_is_split_without_backtracking(piece: str) -> None:
    # Exponential or even quadratic work on half a megabyte would not end within the suite's patience.
    assert make_private(piece * 100_000, "max-age=1") in (None, "private")


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
def test_vary_with_cookie_or_star_is_left_alone(values: list[str]) -> None:
    assert merge_vary(*values) is None


# From and to header fields


def test_facts_keep_the_three_fields_in_order_and_pass_over_others() -> None:
    fields = [("vary", "a"), ("cache-control", "x"), ("varying", "no"), ("vary", "b"), ("set-cookie", "no")]
    assert ResponseFacts.of(iter(fields)) == (("a", "b"), ("x",), ("no",))


def test_a_mere_read_edits_vary_alone() -> None:
    edits = edit_headers(ResponseFacts(), set_cookies=())
    assert (edits.replaced, edits.added) == ({"vary"}, (("vary", "Cookie"),))


def test_fields_that_stay_are_neither_replaced_nor_added() -> None:
    edits = edit_headers(ResponseFacts(("Cookie",), ("private",)), set_cookies=("a=1", "b=2"))
    assert (edits.replaced, edits.added) == (frozenset(), (("set-cookie", "a=1"), ("set-cookie", "b=2")))


def test_edited_fields_are_replaced_and_come_before_the_cookies() -> None:
    edits = edit_headers(ResponseFacts(("a",), ("public",)), set_cookies=COOKIES)
    assert edits.replaced == {"vary", "cache-control"}
    assert edits.added == (("vary", "a, Cookie"), ("cache-control", "private"), ("set-cookie", COOKIES[0]))


def test_no_edits_change_nothing() -> None:
    assert (HeaderEdits().replaced, HeaderEdits().added) == (frozenset(), ())


@pytest.mark.parametrize(("name", "sets"), [("s", True), ("other", True), ("S", False), ("othe", False)])
def test_a_cookie_that_the_application_set_is_known_by_its_name(name: str, sets: bool) -> None:
    assert ResponseFacts(set_cookies=("s=1; Path=/", "other=")).sets_cookie(name) is sets


def test_fields_are_known_whatever_their_case() -> None:
    assert ResponseFacts.of([("Vary", "a"), ("CACHE-CONTROL", "x"), ("Set-Cookie", "s=1")]) == (
        ("a",),
        ("x",),
        ("s=1",),
    )


def test_of_a_response_without_the_three_fields_there_are_no_facts() -> None:
    assert ResponseFacts.of([("Content-Type", "text/plain")]) is NO_FACTS


@pytest.mark.parametrize("cookies", [(), COOKIES, ("a=1", "b=2")])
def test_without_facts_the_edits_are_those_of_no_fields(cookies: tuple[str, ...]) -> None:
    # An equal object, of which the edits are made field by field.
    assert edit_headers(NO_FACTS, cookies) == edit_headers(ResponseFacts(), cookies)


def test_a_mere_read_of_most_responses_makes_no_new_edits() -> None:
    assert edit_headers(NO_FACTS, ()) is ONLY_VARY


def test_edits_take_out_fields_whatever_their_case_and_add_theirs_behind() -> None:
    headers = [("Vary", "a"), ("Content-Type", "text/plain"), ("Cache-Control", "public"), ("Set-Cookie", "o=1")]
    facts = ResponseFacts.of(headers)
    assert edit_headers(facts, COOKIES).apply(headers, facts) == [
        ("Content-Type", "text/plain"),
        ("Set-Cookie", "o=1"),
        ("vary", "a, Cookie"),
        ("cache-control", "private"),
        ("set-cookie", COOKIES[0]),
    ]


def test_edits_leave_the_list_of_the_application_as_it_is() -> None:
    headers = [("Content-Type", "text/plain")]
    assert edit_headers(NO_FACTS, ()).apply(headers, NO_FACTS) == [*headers, ("vary", "Cookie")]
    assert headers == [("Content-Type", "text/plain")]
