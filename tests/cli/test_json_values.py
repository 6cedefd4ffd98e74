"""cli/json_values.py: session values as JSON, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cookiejar_session import ConfigError
from cookiejar_session.cli.json_values import parse_json, to_json


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        2**63 - 1,
        1.5,
        "ä",
        b"\x00\xff",
        [1, [b"x"]],
        {"a": {"b": b""}},
        {"$bytes": "x"},
        {"$$bytes": b"x"},
        {"a$bytes": 1, "$bytes$": 2, "a$$bytes": 3},
        {"$bytes": 1, "$$$bytes": 2, "bytes": 3},
    ],
    ids=repr,
)
def test_value_comes_back(value: Any) -> None:
    assert parse_json(json.dumps(to_json(value)), "the data") == value


def test_tuple_is_written_as_a_list() -> None:
    assert to_json((1, b"x")) == [1, {"$bytes": "eA=="}]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{secret", "the data is not JSON .line 1, column 2"),
        ("", "the data is not JSON"),
        ('{"$bytes": "secret"}', "or has wrong"),
        ('{"$bytes": 1}', "or has wrong"),
        ("9" * 5000, "a number that is too long"),
        ("[" * 100_000, "nests too deeply"),
    ],
    ids=["syntax", "empty", "base64", "type", "number", "depth"],
)
def test_bad_json_is_refused_without_its_text(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_json(text, "the data")
    assert "secret" not in str(caught.value)
