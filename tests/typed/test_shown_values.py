"""The copies that a mapping gave out of a typed view."""

from __future__ import annotations

from typing import Any

import pytest

from cookiejar_session.typed.shown_values import ShownValues


def show(shown: ShownValues, **data: Any) -> dict[str, Any]:
    shown.show(data, list(data))
    return data


def test_what_was_only_read_is_unchanged() -> None:
    shown = ShownValues()
    assert show(shown, a=[1]) == {"a": [1]}
    assert shown.list_changed() == []


def test_a_change_is_found_and_shown_again() -> None:
    shown = ShownValues()
    show(shown, a=[1], b=[2])["a"].append(2)
    assert shown.list_changed() == ["a"]
    assert show(shown, a=[1]) == {"a": [1, 2]}


def test_a_change_is_not_hidden_by_one_of_the_view() -> None:
    shown = ShownValues()
    show(shown, a=[1])["a"].append(2)
    assert show(shown, a=[3]) == {"a": [3]}
    assert shown.list_changed() == ["a"]


def test_a_view_that_changed_is_no_change_of_what_was_shown() -> None:
    shown = ShownValues()
    show(shown, a=[1])
    show(shown, a=[2])
    assert shown.list_changed() == []


@pytest.mark.parametrize("value", [object(), float])
def test_a_value_that_cannot_be_sealed_is_a_change(value: object) -> None:
    shown = ShownValues()
    show(shown, a=[1])["a"].append(value)
    assert shown.list_changed() == ["a"]
