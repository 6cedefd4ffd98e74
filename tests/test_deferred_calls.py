"""deferred_calls.py: which functions do not run when they are called."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from cookiejar_session.deferred_calls import is_async, is_deferred


async def run_later(event: object) -> None: ...


async def generate_later(event: object) -> Any:
    yield event


def generate(event: object) -> Any:
    yield event


def run_now(event: object) -> None: ...


class Listens:
    """Has a method, a static method, and a call of each kind."""

    later = run_later
    now = run_now
    static_later = staticmethod(run_later)


class CalledLater:
    async def __call__(self, event: object) -> None: ...


class CalledNow:
    def __call__(self, event: object) -> None: ...


class CalledNowWithAsyncMethod(CalledNow):
    async def close(self) -> None: ...


ASYNC = [
    run_later,
    generate_later,
    Listens().later,
    Listens.static_later,
    partial(run_later),
    partial(partial(run_later), 1),
    partial(Listens().later),
    partial(CalledLater()),
    CalledLater(),
    CalledLater().__call__,
]
NOT_ASYNC = [
    run_now,
    Listens().now,
    partial(run_now),
    CalledNow(),
    CalledNowWithAsyncMethod(),
    CalledLater,
    print,
    len,
    None,
]
GENERATORS = [generate, partial(generate)]


@pytest.mark.parametrize("function", ASYNC, ids=range(len(ASYNC)))
def test_async_function_is_deferred(function: object) -> None:
    assert (is_async(function), is_deferred(function)) == (True, True)


@pytest.mark.parametrize("function", NOT_ASYNC, ids=range(len(NOT_ASYNC)))
def test_plain_function_is_not_deferred(function: object) -> None:
    assert (is_async(function), is_deferred(function)) == (False, False)


@pytest.mark.parametrize("function", GENERATORS, ids=range(len(GENERATORS)))
def test_generator_function_is_deferred_and_not_async(function: object) -> None:
    assert (is_async(function), is_deferred(function)) == (False, True)
