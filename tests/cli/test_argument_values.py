"""cli/argument_values.py: a wrong value is an error of the command line."""

from __future__ import annotations

import argparse

import pytest

from cookiejar_session import ConfigError
from cookiejar_session.cli.argument_values import UsageError, duration


def test_duration_is_in_seconds() -> None:
    assert duration("2h") == 7200


def test_message_of_a_wrong_duration_is_one_that_argparse_shows() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="'2' is not a duration; write a number and d, h, m or s"):
        duration("2")


def test_usage_error_is_a_config_error() -> None:
    assert issubclass(UsageError, ConfigError)
