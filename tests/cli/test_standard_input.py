"""cli/standard_input.py: how much is read, and what cannot be read."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pytest

from cookiejar_session import ConfigError
from cookiejar_session.cli.standard_input import read_standard_input


def give_input(octets: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(octets)))


def test_input_of_the_greatest_length_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(b"\xff23", monkeypatch)
    assert read_standard_input(3) == b"\xff23"


def test_longer_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(b"1234", monkeypatch)
    with pytest.raises(ConfigError, match=r"^standard input is longer than 3 bytes; give the right file$"):
        read_standard_input(3)


def test_input_that_cannot_be_read_is_an_error_of_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder, for example: ``cookiejar-session inspect < /``."""

    def fail(_: int) -> bytes:
        raise IsADirectoryError(21, "Is a directory")

    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=SimpleNamespace(read=fail)))
    with pytest.raises(ConfigError, match=r"^standard input: Is a directory; give a file or a pipe$"):
        read_standard_input(3)


def test_closed_input_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(ConfigError, match=r"^standard input is closed; give a file or a pipe$"):
        read_standard_input(3)
