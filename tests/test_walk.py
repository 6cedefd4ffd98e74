"""walk.py: a walk that another thread disturbs is made again, but not for ever."""

from __future__ import annotations

import pytest

from cookiejar_session.walk import MAX_WALKS, repeat_walk


@pytest.mark.parametrize("disturbances", [0, 1, MAX_WALKS])
def test_a_disturbed_walk_is_made_again(disturbances: int) -> None:
    failures = iter([RuntimeError("dictionary changed size during iteration")] * disturbances)

    def walk() -> str:
        for failure in failures:
            raise failure
        return "done"

    assert repeat_walk(walk) == "done"


def test_a_walk_that_is_always_disturbed_fails_in_the_end() -> None:
    walks: list[None] = []

    def walk() -> None:
        walks.append(None)
        raise RuntimeError("dictionary changed size during iteration")

    with pytest.raises(RuntimeError, match="changed size"):
        repeat_walk(walk)
    assert len(walks) == MAX_WALKS + 1


def test_any_other_error_is_raised_at_once() -> None:
    walks: list[None] = []

    def walk() -> None:
        walks.append(None)
        raise ValueError("not a disturbance")

    with pytest.raises(ValueError, match="not a disturbance"):
        repeat_walk(walk)
    assert len(walks) == 1
