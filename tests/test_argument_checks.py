"""argument_checks.py: which types are refused with which words, and that no argument stays in an error."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

import pytest
from garbage import name_garbage

from cookiejar_session import ConfigError, CookieAttributes, Keyring, Policy
from cookiejar_session.argument_checks import check_types, hide_arguments, refuse_other_arguments, round_down


class Number(IntEnum):
    ONE = 1


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", str),
        (Text("a"), str),
        (None, str | None),
        (b"a", bytes | bytearray),
        (bytearray(), bytes | bytearray),
        (1, int),
        (Number.ONE, int),
        (1, int | None),
        (True, bool),
        (False, bool | None),
        (True, bool | int),
        (timedelta(1), timedelta),
        (Policy(), Policy | None),
    ],
    ids=repr,
)
def test_a_value_of_the_type_is_accepted(value: object, expected: Any) -> None:
    check_types(argument=(value, expected))


@pytest.mark.parametrize(
    ("value", "expected", "message"),
    [
        (1, str, "must be a str, got int"),
        (None, str, "must be a str, got NoneType"),
        (b"a", str, "must be a str, got bytes; decode it first"),
        (bytearray(b"a"), str | None, "must be a str, got bytearray; decode it first"),
        (1, str | None, "must be a str, got int"),
        ("a", bytes, "must be bytes, got str; write Key.parse(text) for key text"),
        ("a", bytes | bytearray, "must be bytes or bytearray, got str; write Key.parse(text) for key text"),
        (b"a", int, "must be an int, got bytes"),
        (True, int, "must be an int, got bool"),
        (True, int | None, "must be an int, got bool"),
        (1.0, int | None, "must be an int, got float"),
        (1, bool, "must be a bool, got int; write True or False"),
        ("no", bool | None, "must be a bool, got str; write True or False"),
        ("a", Keyring | None, "must be a Keyring, got str; write Keyring.parse(text)"),
        ("a", CookieAttributes, "must be CookieAttributes, got str; write CookieAttributes(name=...)"),
        (60, Policy, "must be a Policy, got int; write Policy(idle_timeout=...)"),
        (60, timedelta, "must be a timedelta, got int; write timedelta(seconds=...)"),
        ("2026", datetime | None, "must be a datetime, got str; write datetime(..., tzinfo=UTC)"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("must") else "",
)
def test_a_value_of_another_type_is_refused_with_the_type_and_the_way_out(
    value: object, expected: Any, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        check_types(argument=(value, expected))
    assert str(caught.value) == f"argument {message}"


def test_the_first_wrong_argument_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^b must be an int, got str$"):
        check_types(a=(datetime(2026, 1, 1, tzinfo=UTC), datetime), b=("", int), c=(None, str))


def test_no_arguments_need_no_check() -> None:
    check_types()


SECRET = "very-secret-text"


@hide_arguments
def refuse(text: str, *, more: object = None) -> str:
    """Refuse a text."""
    copied = text.upper()
    raise ConfigError(f"bad text of {len(copied)} characters")


def refuse_from_another_error(text: str) -> str:
    try:
        return str(int(text))
    except ValueError as exc:
        raise ConfigError("not a number") from exc


def show_failure(run: Callable[[], object]) -> str:
    """Return the traceback with all local variables, except those of this function."""
    with pytest.raises(ConfigError) as caught:
        run()
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    return "".join(shown.format())


def call_by_position() -> str:
    return refuse(SECRET)


def call_by_name() -> str:
    return refuse(text=SECRET, more=SECRET)


def call_with_a_cause() -> str:
    return hide_arguments(refuse_from_another_error)(SECRET)


@pytest.mark.parametrize("run", [call_by_position, call_by_name, call_with_a_cause])
def test_no_traceback_shows_an_argument_or_a_variable_of_the_function(run: Callable[[], str]) -> None:
    shown = show_failure(run)
    assert SECRET not in shown
    assert SECRET.upper() not in shown


def test_without_the_decorator_a_traceback_shows_the_argument() -> None:
    assert SECRET in show_failure(lambda: refuse_from_another_error(SECRET))


@pytest.mark.parametrize("run", [call_by_position, call_with_a_cause])
def test_the_error_has_neither_cause_nor_context_of_the_function(run: Callable[[], str]) -> None:
    with pytest.raises(ConfigError) as caught:
        run()
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_the_error_that_the_caller_handles_stays_the_context() -> None:
    handled = KeyError("handled")

    def call_while_handling() -> None:
        try:
            raise handled
        except KeyError:
            call_with_a_cause()

    with pytest.raises(ConfigError) as caught:
        call_while_handling()
    assert caught.value.__context__ is handled
    assert not caught.value.__suppress_context__


def test_a_recursion_error_shows_no_argument() -> None:
    @hide_arguments
    def recurse(text: str) -> str:
        return recurse_further(text)

    def recurse_further(text: str) -> str:
        return recurse_further(text)

    with pytest.raises(RecursionError) as caught:
        recurse(SECRET)
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    assert SECRET not in "".join(shown.format())


def test_an_error_leaves_no_cycle_behind() -> None:
    def call() -> None:
        with suppress(ConfigError):
            refuse(SECRET)

    assert name_garbage(call) == []


def test_what_the_function_returns_is_returned() -> None:
    @hide_arguments
    def join(first: str, *, second: str) -> str:
        return first + second

    assert join("a", second="b") == "ab"


@pytest.mark.parametrize("error", [TypeError, KeyboardInterrupt, OSError])
def test_an_error_of_another_type_is_passed_on(error: type[BaseException]) -> None:
    raised = error("other")

    @hide_arguments
    def fail() -> None:
        raise raised

    with pytest.raises(error) as caught:
        fail()
    assert caught.value is raised


def test_name_signature_and_documentation_stay_those_of_the_function() -> None:
    assert (refuse.__name__, refuse.__doc__) == ("refuse", "Refuse a text.")
    assert str(inspect.signature(refuse)) == "(text: 'str', *, more: 'object' = None) -> 'str'"


# Arguments of a wrapper


class Wrapper:
    @refuse_other_arguments
    def __init__(self, app: object, *, sessions: object) -> None:
        self.app = app


SESSIONS = SimpleNamespace(settings=None)


@pytest.mark.parametrize(
    "make", [lambda: Wrapper("app", sessions=SESSIONS), lambda: Wrapper(app="app", sessions=SESSIONS)]
)
def test_wrapper_takes_an_application_and_sessions(make: Callable[[], Wrapper]) -> None:
    assert make().app == "app"


@pytest.mark.parametrize(
    ("args", "kwargs", "problem"),
    [
        ((), {"secret_key": SECRET}, "has no argument secret_key"),
        ((), {"sessions": SESSIONS, "secret_key": SECRET}, "has no argument secret_key"),
        (
            (),
            {"secret_key": SECRET, "max_age": 5, "https_only": True},
            "has no argument https_only, max_age, secret_key",
        ),
        ((SECRET,), {}, "takes an application and, by its name, the argument sessions"),
        ((SECRET,), {"sessions": SESSIONS}, "takes an application and, by its name, the argument sessions"),
        ((), {}, "takes an application and, by its name, the argument sessions"),
        ((), {"sessions": SECRET}, "needs CookieSessions as sessions, got str"),
        ((), {"sessions": None}, "needs CookieSessions as sessions, got NoneType"),
    ],
)
def test_wrapper_says_what_it_takes_and_shows_no_secret(
    args: tuple[Any, ...], kwargs: dict[str, Any], problem: str
) -> None:
    with pytest.raises(TypeError, match=f"^SessionMiddleware {problem}; write SessionMiddleware") as caught:
        Wrapper("app", *args, **kwargs)
    # The first frame is this one.
    assert caught.tb.tb_next is not None
    shown = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    assert SECRET not in "".join(shown.format())


def test_signature_of_a_wrapper_stays() -> None:
    assert str(inspect.signature(Wrapper)) == "(app: 'object', *, sessions: 'object') -> 'None'"


@pytest.mark.parametrize(
    ("now", "seconds"), [(0, 0), (5, 5), (5.0, 5), (5.999, 5), (-0.5, -1), (-1.0, -1), (1767225600.999, 1767225600)]
)
def test_a_time_is_rounded_down(now: float, seconds: int) -> None:
    rounded = round_down(now)
    assert (rounded, type(rounded)) == (seconds, int)


@pytest.mark.parametrize("now", [float("nan"), float("inf"), float("-inf")])
def test_a_time_that_is_not_finite_is_refused(now: float) -> None:
    with pytest.raises(ConfigError, match=r"^now must be a finite number of Unix seconds; write time\.time\(\)$"):
        round_down(now)


@pytest.mark.parametrize(("now", "kind"), [("5", "str"), (None, "NoneType"), (True, "bool")])
def test_a_time_that_is_no_number_is_refused(now: Any, kind: str) -> None:
    with pytest.raises(ConfigError, match=f"^now must be an int or float, got {kind}"):
        round_down(now)
