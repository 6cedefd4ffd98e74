"""Values of Flask's own session: how they are written, and that they come back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from cookiejar_session.integrations.flask.values import tag_value, untag_value

IDENTITY = UUID("12345678-1234-5678-1234-567812345678")


class Point(NamedTuple):
    x: int
    y: int


class Color(StrEnum):
    RED = "red"


class Html:
    def __html__(self) -> str:
        return "<i>"


class Token(dict[str, Any]):
    """As Authlib's OAuth2Token."""


TAGGED = [
    ((1, "a"), {" t": [1, "a"]}),
    (((), [()]), {" t": [{" t": []}, [{" t": []}]]}),
    (Point(1, 2), {" t": [1, 2]}),
    (Markup("<b>"), {" m": "<b>"}),
    (IDENTITY, {" u": IDENTITY.bytes}),
    (date(2026, 1, 2), {" d": "2026-01-02"}),
    (datetime(2026, 1, 2, 3, 4, 5, 6), {" d": "2026-01-02T03:04:05.000006"}),
    (datetime(2026, 1, 2, tzinfo=UTC), {" d": "2026-01-02T00:00:00+00:00"}),
    (datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=-3))), {" d": "2026-01-02T00:00:00-03:00"}),
    ({" t": 1}, {" di": {" t": 1}}),
    ({" di": {" u": 1}}, {" di": {" di": {" di": {" u": 1}}}}),
    ({" t": 1, "b": (1,)}, {" t": 1, "b": {" t": [1]}}),
]


@pytest.mark.parametrize(("value", "stored"), TAGGED, ids=[repr(value) for value, _ in TAGGED])
def test_a_tagged_value_comes_back_as_it_was(value: Any, stored: Any) -> None:
    assert tag_value(value) == stored
    found = untag_value(stored)
    assert (found, type(found)) == (value, tuple if isinstance(value, Point) else type(value))


@pytest.mark.parametrize("value", [None, True, 1, 1.5, "text", b"octets", [1, [2]], {"a": {"b": 1}}, {}, [], Color.RED])
def test_a_value_of_the_format_needs_no_tag(value: Any) -> None:
    assert tag_value(value) == value
    assert untag_value(value) == value


def test_lists_and_dicts_are_copied_in_both_directions() -> None:
    value: dict[str, Any] = {"a": [1]}
    stored = tag_value(value)
    value["a"].append(2)
    assert stored == {"a": [1]}
    untag_value(stored)["a"].append(3)
    assert stored == {"a": [1]}


def test_a_subclass_of_dict_is_stored_as_a_dict() -> None:
    assert tag_value(Token(expires=date(2026, 1, 2))) == {"expires": {" d": "2026-01-02"}}


def test_an_object_with_html_becomes_markup() -> None:
    assert untag_value(tag_value(Html())) == Markup("<i>")


def test_a_lazy_string_becomes_its_text() -> None:
    assert tag_value(["a", LazyString(lambda: "later")]) == ["a", "later"]
    assert type(tag_value(LazyString(lambda: "later"))) is str
    assert callable(lazy_gettext)


@pytest.mark.parametrize(
    "value", [MultiDict([("a", 1), ("a", 2)]), {1, 2}, object(), 1j], ids=lambda each: type(each).__name__
)
def test_other_values_are_left_to_the_session_to_refuse(value: Any) -> None:
    assert tag_value(value) is value


def test_a_cycle_ends() -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    found = tag_value(cycle)
    while type(found) is list and found is not cycle:
        found = found[0]
    assert found is cycle


@pytest.mark.parametrize(
    "value", [{" u": 5}, {" u": b"short"}, {" d": "never"}, {" d": 5}, {" t": 5}, {" di": 5}], ids=repr
)
def test_a_dict_that_only_looks_tagged_is_returned_as_it_is(value: Any) -> None:
    assert untag_value(value) == value
