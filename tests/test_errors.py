"""errors.py: whose fault an error is, the closed list of reasons, and what messages hold."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from cookiejar_session import (
    ConfigError,
    CookiejarError,
    Reason,
    SessionCommittedError,
    SessionTooLargeError,
    TokenError,
    UnsupportedValueError,
)
from cookiejar_session.errors import quote

FAMILIES = [ConfigError, UnsupportedValueError, SessionCommittedError, SessionTooLargeError, TokenError]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_error_is_a_cookiejar_error(family: type[Exception]) -> None:
    assert issubclass(family, CookiejarError)


@pytest.mark.parametrize(
    ("family", "builtin"),
    [
        (ConfigError, ValueError),
        (UnsupportedValueError, TypeError),
        (SessionTooLargeError, ValueError),
        (SessionCommittedError, RuntimeError),
    ],
)
def test_errors_of_operator_and_application_are_also_builtin_ones(
    family: type[Exception], builtin: type[Exception]
) -> None:
    assert issubclass(family, builtin)


def test_a_handler_of_value_errors_does_not_catch_an_unsupported_value() -> None:
    # A library that catches ValueError must not hide it.
    assert not issubclass(UnsupportedValueError, ValueError)


def test_a_refused_token_is_no_builtin_error() -> None:
    assert not issubclass(TokenError, (ValueError, RuntimeError, TypeError))


@pytest.mark.parametrize("reason", Reason)
def test_token_error_names_its_reason_and_nothing_else(reason: Reason) -> None:
    error = TokenError(reason)
    assert (error.reason, str(error), error.args) == (reason, f"token refused: {reason.value}", (reason,))


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_is_its_word(reason: Reason) -> None:
    assert f"{reason}" == reason.name.lower().replace("_", "-")


def test_reasons_are_closed() -> None:
    with pytest.raises(ValueError, match="'too-old' is not a valid Reason"):
        Reason("too-old")


def test_too_large_lists_keys_from_the_largest_down_and_says_what_to_do() -> None:
    error = SessionTooLargeError(characters=2692, limit=2660, octets_by_key={"a": 3, "cart": 1900, None: 40})
    assert str(error) == (
        "session needs a token of 2692 characters, the limit is 2660; octets by key: 'cart' 1900, flash 40, 'a' 3; "
        "keep large things on the server and their ids in the session; "
        "an error handler calls session.revert() before it answers"
    )


def test_too_large_has_its_numbers_as_attributes() -> None:
    sizes: dict[str | None, int] = {"a": 3, None: 40}
    error = SessionTooLargeError(characters=2692, limit=2660, octets_by_key=sizes)
    assert (error.characters, error.limit, error.octets_by_key) == (2692, 2660, {"a": 3, None: 40})


def test_too_large_keeps_its_own_copy_of_the_sizes() -> None:
    sizes: dict[str | None, int] = {"a": 3}
    error = SessionTooLargeError(characters=2692, limit=2660, octets_by_key=sizes)
    sizes.clear()
    assert error.octets_by_key == {"a": 3}


@pytest.mark.parametrize(("keys", "more"), [(8, ""), (9, " and 1 more"), (12, " and 4 more")])
def test_too_large_lists_eight_keys_at_most(keys: int, more: str) -> None:
    sizes: dict[str | None, int] = {f"k{index}": 100 - index for index in range(keys)}
    listed = ", ".join(f"'k{index}' {100 - index}" for index in range(8))
    error = SessionTooLargeError(characters=2692, limit=2660, octets_by_key=sizes)
    assert str(error).split("octets by key: ")[1].split(";")[0] == listed + more


@pytest.mark.parametrize("key_id", [None, bytes(8)])
def test_a_key_id_is_an_attribute_and_not_in_the_message(key_id: bytes | None) -> None:
    error = TokenError(Reason.UNKNOWN_KEY, key_id)
    assert (error.key_id, str(error), repr(error)) == (
        key_id,
        "token refused: unknown-key",
        "TokenError(<Reason.UNKNOWN_KEY: 'unknown-key'>)",
    )


def test_a_token_error_may_have_no_key_id() -> None:
    assert TokenError(Reason.MALFORMED).key_id is None


def pickle_and_back(error: Any) -> Any:
    return pickle.loads(pickle.dumps(error))  # noqa: S301


@pytest.mark.parametrize("carry", [pickle_and_back, copy.copy, copy.deepcopy])
@pytest.mark.parametrize(
    "error",
    [
        TokenError(Reason.EXPIRED),
        TokenError(Reason.UNKNOWN_KEY, b"12345678"),
        TokenError(Reason.EXPIRED, b"12345678", "9894b7fb5073b5bc"),
        SessionTooLargeError(characters=2692, limit=2660, octets_by_key={"cart": 1900, None: 40}),
        ConfigError("no key"),
        UnsupportedValueError("cart: Decimal"),
        SessionCommittedError("late"),
    ],
)
def test_an_error_survives_a_copy_with_all_it_says(error: Any, carry: Callable[[Any], Any]) -> None:
    error.add_note("seen in a worker")
    carried = carry(error)
    assert (type(carried), str(carried), carried.args, vars(carried)) == (
        type(error),
        str(error),
        error.args,
        vars(error),
    )


def test_a_log_id_is_an_attribute_and_not_in_the_message() -> None:
    error = TokenError(Reason.EXPIRED, bytes(8), "9894b7fb5073b5bc")
    assert (error.log_id, "9894b7fb5073b5bc" in f"{error} {error!r}") == ("9894b7fb5073b5bc", False)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", "''"),
        ("name", "'name'"),
        ("a\r\nb", r"'a\r\nb'"),
        ("it's", '"it\'s"'),
        ("é\x1b\ud800", r"'\xe9\x1b\ud800'"),
        ("x" * 40, f"'{'x' * 40}'"),
        ("x" * 41, f"'{'x' * 40}'..."),
    ],
    ids=ascii,
)
def test_text_in_a_message_is_quoted_escaped_and_cut(text: str, quoted: str) -> None:
    assert quote(text) == quoted


def test_keys_in_too_large_are_quoted_and_cut() -> None:
    error = SessionTooLargeError(characters=2692, limit=2660, octets_by_key={"a\nb": 9, "k" * 100: 8})
    assert f"octets by key: 'a\\nb' 9, '{'k' * 40}'... 8;" in str(error)
