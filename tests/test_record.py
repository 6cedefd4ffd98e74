"""Records: made quickly, and silent about what they hold."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cookiejar_session.record import MutableRecord, Record


class Secret(Record, frozen=True):
    text: str
    others: tuple[str, ...] = ()


class Counter(MutableRecord):
    count: int = 0


@pytest.mark.parametrize("show", [repr, str, "{}".format, lambda secret: repr([secret])])
def test_a_record_shows_its_name_alone(show: object) -> None:
    assert callable(show)
    assert show(Secret("hidden", ("too",))).strip("[]") == "<Secret>"


def test_a_record_shows_rich_nothing() -> None:
    assert list(Secret("hidden").__rich_repr__()) == []


def test_a_record_is_equal_to_one_that_holds_the_same() -> None:
    assert (Secret("a") == Secret("a"), Secret("a") == Secret("b")) == (True, False)


def test_a_record_is_copied_with_changes() -> None:
    assert msgspec.structs.replace(Secret("a"), others=("b",)).others == ("b",)


def test_a_record_cannot_be_changed() -> None:
    secret: Any = Secret("a")
    with pytest.raises(AttributeError):
        secret.text = "b"


def test_a_mutable_record_changes_and_is_equal_to_itself_alone() -> None:
    counter = Counter()
    counter.count += 1
    assert (counter.count, repr(counter), counter == counter, counter == Counter(1)) == (1, "<Counter>", True, False)
