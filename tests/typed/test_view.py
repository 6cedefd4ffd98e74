"""The typed view of a session: the value over the keys that its data type names."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from cookiejar_session import UnsupportedValueError
from cookiejar_session.typed.data_type import DataType
from cookiejar_session.typed.view import TypedView


class Prefs(msgspec.Struct):
    theme: str
    tags: list[str] = msgspec.field(default_factory=list)


class Counted(msgspec.Struct):
    visits: int = 0


class Stamped(msgspec.Struct):
    serial: int = msgspec.field(default_factory=itertools.count().__next__)


class Price(msgspec.Struct):
    amount: float


def make_view(value: Any = None, kind: type[Any] = Prefs) -> TypedView:
    return TypedView(DataType(kind), value)


# Merging


def test_view_merges_its_value_over_the_keys_that_it_names() -> None:
    view = make_view(Prefs("dark", ["a"]))
    assert view.merge({"theme": "light", "foreign": 1}) == {"foreign": 1, "theme": "dark", "tags": ["a"]}


def test_view_without_a_value_leaves_the_data_as_they_are() -> None:
    data = {"theme": 5}
    assert make_view().merge(data) is data


def test_a_change_inside_the_value_is_merged() -> None:
    view = make_view(Prefs("dark", ["a"]))
    view.value.tags.append("b")
    assert view.merge({}) == {"theme": "dark", "tags": ["a", "b"]}


# Reset


@pytest.mark.parametrize(("kind", "before", "after"), [(Prefs, Prefs("dark"), None), (Counted, Counted(3), Counted(0))])
def test_reset_sets_the_defaults_of_the_type(kind: type[Any], before: Any, after: Any) -> None:
    view = make_view(before, kind)
    view.reset()
    assert (view.value, view.is_default()) == (after, True)


def test_a_value_other_than_the_defaults_is_no_default() -> None:
    assert not make_view(Counted(3), Counted).is_default()
    assert not make_view(Prefs("dark")).is_default()


def test_a_value_equal_to_the_defaults_is_the_default() -> None:
    assert make_view(Counted(0), Counted).is_default()


def test_no_value_is_the_default() -> None:
    assert make_view().is_default()


def test_a_default_that_differs_from_call_to_call_is_the_default_after_reset() -> None:
    view = make_view(Stamped(-1), Stamped)
    assert not view.is_default()
    view.reset()
    assert view.is_default()
    view.value.serial = -1
    assert not view.is_default()


# Assigning


def test_view_accepts_a_value_that_can_be_read_back() -> None:
    view = make_view()
    view.assign(Prefs("dark"))
    assert view.value == Prefs("dark")


def test_an_assigned_value_is_the_same_object() -> None:
    view, value = make_view(), Prefs("dark")
    view.assign(value)
    assert view.value is value


@pytest.mark.parametrize("value", [Counted(), Prefs(5), Prefs("dark", [1]), "dark", None])  # type: ignore[arg-type, list-item]
def test_view_refuses_a_value_that_could_not_be_read_back(value: Any) -> None:
    view = make_view(Prefs("dark"))
    with pytest.raises(UnsupportedValueError, match=r"^session\.data: "):
        view.assign(value)
    assert view.value == Prefs("dark")


def test_view_refuses_a_value_that_no_token_can_hold() -> None:
    view = make_view(Price(1.5), Price)
    with pytest.raises(UnsupportedValueError, match=r"^amount: float that is not finite"):
        view.assign(Price(float("inf")))
    assert view.value == Price(1.5)


def test_view_reads_its_value_from_data() -> None:
    view = make_view()
    view.assign_data({"theme": "dark", "foreign": 1})
    assert view.value == Prefs("dark")


def test_view_has_no_value_after_data_without_its_keys() -> None:
    view = make_view(Prefs("dark"))
    view.assign_data({"foreign": 1})
    assert view.value is None


def test_view_refuses_data_that_do_not_fit() -> None:
    view = make_view(Prefs("dark"))
    with pytest.raises(UnsupportedValueError) as caught:
        view.assign_data({"theme": ["secret"]})
    assert str(caught.value) == "session: data that does not fit Prefs; give its fields values of their types"
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)
    assert view.value == Prefs("dark")


# Checking


def test_value_that_was_changed_to_another_type_is_found() -> None:
    view = make_view(Prefs("dark"))
    view.check()
    view.value.theme = 5
    with pytest.raises(UnsupportedValueError, match="not of their declared types"):
        view.check()


def test_view_without_a_value_has_nothing_to_check() -> None:
    make_view().check()


def test_keys_of_the_view_are_refused_and_others_are_not() -> None:
    view = make_view()
    view.refuse_key("foreign")
    with pytest.raises(UnsupportedValueError) as caught:
        view.refuse_key("theme")
    assert str(caught.value) == "theme: belongs to the data type Prefs; use session.data.theme instead"
