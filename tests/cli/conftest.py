"""The command line as the tests of its commands use it."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import NamedTuple

import pytest
from shared_values import NOW

from cookiejar_session.cli import main


class Outcome(NamedTuple):
    """The exit status of a command, and what it printed."""

    status: int | str | None
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No keys in the environment, and no colours."""
    for name in ("COOKIEJAR_SESSION_KEYS", "COOKIEJAR_SESSION_KEYS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, with ``stdin`` as standard input."""

    def run_command(*arguments: str, stdin: str = "") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode("latin-1"))))
        capsys.readouterr()
        try:
            status: int | str | None = main(arguments)
        except SystemExit as exc:
            status = exc.code
        return Outcome(status, *capsys.readouterr())

    return run_command


@pytest.fixture
def stop_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Stop the clock of a command's module at 2026-01-01T00:00:00Z."""

    def stop(module: str) -> None:
        monkeypatch.setattr(f"cookiejar_session.cli.{module}.time", SimpleNamespace(time=lambda: NOW + 0.5))

    return stop
