"""hidden_repr.py: records cannot be changed, and show nothing of what they hold."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cookiejar_session.hidden_repr import Record


class Secret(Record, frozen=True):
    text: str
    others: tuple[str, ...] = ()


@pytest.mark.parametrize("show", [repr, str, format, ascii])
def test_a_record_shows_only_its_name(show: Callable[[object], str]) -> None:
    assert show(Secret("hidden", ("too",))) == "<Secret>"


def test_a_record_inside_a_list_shows_only_its_name() -> None:
    assert repr([Secret("hidden")]) == "[<Secret>]"


def test_a_record_shows_nothing_to_rich() -> None:
    assert list(Secret("hidden").__rich_repr__()) == []


@pytest.mark.parametrize("leak", [pickle.dumps, copy.deepcopy])
def test_a_record_cannot_be_pickled(leak: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="a Secret may hold secrets, so it cannot be pickled"):
        leak(Secret("hidden"))


def test_a_record_is_equal_to_one_that_holds_the_same() -> None:
    assert (Secret("a") == Secret("a"), Secret("a") == Secret("b")) == (True, False)


def test_a_record_is_copied_with_changes() -> None:
    assert msgspec.structs.replace(Secret("a"), others=("b",)).others == ("b",)


def test_a_record_cannot_be_changed() -> None:
    secret: Any = Secret("a")
    with pytest.raises(AttributeError):
        secret.text = "b"
