"""The targets of fuzz/ without a fuzzer: each seed keeps the invariant, and an answer that is wrong is found."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cookiejar_session import ConfigError, Envelope, Keyring, Reason, TokenError

ROOT = Path(__file__).resolve().parent.parent
FUZZ = ROOT / "fuzz"
sys.path[:0] = [str(FUZZ), str(ROOT / "conformance")]

TARGETS = ("cookie_header", "open_token", "decode_envelope", "parse_ring")


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(request.param)


def test_each_seed_keeps_the_invariant(target: ModuleType) -> None:
    for octets in target.list_seeds():
        target.check(octets)


def test_each_target_has_a_hundred_seeds_and_keeps_its_invariant_of_nothing(target: ModuleType) -> None:
    assert len(list(target.list_seeds())) >= 100
    target.check(b"")


def test_the_first_line_of_each_target_is_its_invariant(target: ModuleType) -> None:
    assert (target.__doc__ or "").startswith("Whatever the ")


def refuse_all(*_: Any, **__: Any) -> Envelope:
    raise TokenError(Reason.MALFORMED)


def crash(*_: Any, **__: Any) -> Envelope:
    raise ValueError("not one of the package's errors")


@pytest.mark.parametrize("wrong", [refuse_all, crash])
@pytest.mark.parametrize("name", ["open_token", "decode_envelope"])
def test_a_wrong_answer_is_found(name: str, wrong: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    target = importlib.import_module(name)
    monkeypatch.setattr(target, name, wrong)
    assert_found(target)


def test_an_encoding_that_is_not_what_came_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    target = importlib.import_module("decode_envelope")
    monkeypatch.setattr(target, "encode_envelope", lambda _: b"")
    assert_found(target)


def test_a_keyring_that_takes_less_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Keyring:
        raise ConfigError("no")

    monkeypatch.setattr(Keyring, "parse", refuse)
    assert_found(importlib.import_module("parse_ring"))


@pytest.mark.shows_secrets("the fault shows the ring text")
def test_a_message_that_shows_the_ring_text_is_found() -> None:
    target = importlib.import_module("parse_ring")
    with pytest.raises(AssertionError):
        target.refuse_shown("not a key: hex:000102030405060708090a0b", b"hex:000102030405060708090a0b")


def test_a_header_that_is_read_otherwise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    target = importlib.import_module("cookie_header")
    monkeypatch.setattr(target, "NOW", target.NOW + (1 << 40))
    monkeypatch.setattr(target.cookies, "scan", lambda headers, name: [])
    assert_found(target)


def assert_found(target: ModuleType) -> None:
    def check_all() -> None:
        for octets in target.list_seeds():
            target.check(octets)

    with pytest.raises((AssertionError, ValueError)):
        check_all()


def test_one_input_is_checked_without_a_fuzzer() -> None:
    """What a finding prints to be run again: python fuzz/run.py TARGET HEX."""
    command = [sys.executable, str(FUZZ / "run.py"), "decode_envelope", "c1"]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 0


def test_the_driver_runs_each_target() -> None:
    run = (FUZZ / "run.py").read_text(encoding="utf-8")
    modules = {path.stem for path in FUZZ.glob("*.py") if '"""Whatever the ' in path.read_text(encoding="utf-8")}
    assert modules == set(TARGETS)
    assert f"TARGETS = {TARGETS}".replace("'", '"') in run
