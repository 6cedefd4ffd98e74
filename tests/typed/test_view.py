"""typed_view.py: what a typed view takes, gives back to the session's data, and notices of what the mapping showed."""

from __future__ import annotations

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


def make_view(value: Any = None, kind: type[Any] = Prefs) -> TypedView:
    return TypedView(DataType(kind), value)


def test_view_merges_its_value_over_the_keys_that_it_names() -> None:
    view = make_view(Prefs("dark", ["a"]))
    assert view.merge({"theme": "light", "foreign": 1}) == {"foreign": 1, "theme": "dark", "tags": ["a"]}


def test_view_without_a_value_leaves_the_data_as_they_are() -> None:
    data = {"theme": 5}
    assert make_view().merge(data) is data


@pytest.mark.parametrize(
    ("kind", "value", "content"), [(Prefs, None, "8090"), (Counted, Counted(), "81a67669736974730090")]
)
def test_empty_view_has_the_defaults_of_its_type(kind: type[Any], value: Any, content: str) -> None:
    view = make_view(kind("dark") if kind is Prefs else kind(3), kind)
    assert (view.empty().hex(), view.value) == (content, value)


def test_view_takes_what_can_be_read_back() -> None:
    view = make_view()
    view.assign(Prefs("dark"))
    assert view.value == Prefs("dark")


@pytest.mark.parametrize("value", [Counted(), Prefs(5), Prefs("dark", [1]), "dark", None])  # type: ignore[arg-type, list-item]
def test_view_refuses_what_could_not_be_read_back(value: Any) -> None:
    view = make_view(Prefs("dark"))
    with pytest.raises(UnsupportedValueError, match=r"^session\.data: "):
        view.assign(value)
    assert view.value == Prefs("dark")


def test_view_reads_its_value_from_data() -> None:
    view = make_view()
    view.read({"theme": "dark", "foreign": 1})
    assert view.value == Prefs("dark")


def test_view_refuses_data_that_do_not_fit() -> None:
    view = make_view(Prefs("dark"))
    with pytest.raises(UnsupportedValueError, match=r"^session: data that does not fit .*Prefs; change what is there"):
        view.read({"theme": 5})
    assert view.value == Prefs("dark")


def test_value_that_was_changed_to_another_type_is_found() -> None:
    view = make_view(Prefs("dark"))
    view.check()
    view.value.theme = 5
    with pytest.raises(UnsupportedValueError, match="not of their declared types"):
        view.check()


def test_view_without_a_value_has_nothing_to_check() -> None:
    make_view().check()


def test_what_was_shown_and_changed_is_listed() -> None:
    view = make_view(Prefs("dark", ["a"]))
    shown = view.show({"foreign": [1]})
    assert (shown, view.list_changed()) == ({"foreign": [1], "theme": "dark", "tags": ["a"]}, [])
    shown["tags"].append("b")
    shown["foreign"].append(2)
    assert view.list_changed() == ["tags"]


@pytest.mark.parametrize("renew", [lambda view: view.assign(Prefs("light")), lambda view: view.empty()])
def test_what_was_changed_is_forgotten_with_the_value(renew: Any) -> None:
    view = make_view(Prefs("dark", ["a"]))
    view.show({})["tags"].append("b")
    renew(view)
    assert view.list_changed() == []


def test_keys_of_the_view_are_refused_and_others_are_not() -> None:
    view = make_view()
    view.refuse_owned("foreign")
    with pytest.raises(UnsupportedValueError, match=r"^theme: belongs to .*Prefs; write session\.data\.theme instead$"):
        view.refuse_owned("theme")
