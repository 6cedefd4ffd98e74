"""docs/how-to/live-keys.md: each Python example runs, and the other files name what the package reads."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from documents import Page
from shared_rings import KEYS, A, B, list_keys
from shared_values import NOW

from cookiejar_session import Keyring
from cookiejar_session.keys.key_function import KeyFunction
from cookiejar_session.keys.keyring import CHECK_EVERY, CREDENTIAL_NAME, FILE_VARIABLE

PAGE = Page("docs/how-to/live-keys.md")
run_example = PAGE.run_example


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the environment names."""
    file = tmp_path / "ring"
    file.write_text(A)
    monkeypatch.setenv(FILE_VARIABLE, str(file))
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS", raising=False)
    return file


def test_reload_keys_says_what_it_found(ring: Path) -> None:
    reload_keys = run_example("def reload_keys")["reload_keys"]
    assert reload_keys() == "the same keys"
    ring.write_text(f"{B} {A}")
    assert reload_keys() == "new keys"
    ring.write_text("")
    assert reload_keys().startswith(f"the previous keys stay in use: keyring file {ring}: the keyring is empty; ")


@pytest.fixture
def old_handler() -> Iterator[Any]:
    before = signal.getsignal(signal.SIGHUP)
    yield before
    signal.signal(signal.SIGHUP, before)


def test_the_example_for_sighup_sets_a_handler(ring: Path, old_handler: Any) -> None:
    run_example("reload_on_signal")
    assert signal.getsignal(signal.SIGHUP) is not old_handler


def test_the_hook_of_gunicorn_reloads_and_never_stops_a_worker(ring: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop: Any = ModuleType("shop")
    shop.keyring = Keyring.from_file(ring, now=NOW)
    monkeypatch.setitem(sys.modules, "shop", shop)
    hook = run_example("post_worker_init")["post_worker_init"]
    logged: list[str] = []
    worker = SimpleNamespace(log=SimpleNamespace(error=lambda text, *values: logged.append(text % values)))
    ring.write_text(f"{B} {A}")
    hook(worker)
    assert list_keys(shop.keyring, shop.keyring._source.checked) == KEYS[1::-1]
    ring.write_text("")
    hook(worker)
    assert [line.partition(" entry")[0] for line in logged] == [
        f'session keys: keyring file {ring}: the keyring is empty; make one with "cookiejar-session keygen"'
    ]


def test_the_names_on_the_page_are_those_that_are_read() -> None:
    assert PAGE.text.count(f"systemd's credential `{CREDENTIAL_NAME}`") == 1
    named = set(re.findall(r"\b(COOKIEJAR_\w+)", PAGE.text))
    assert named == {"COOKIEJAR_SESSION_KEYS", FILE_VARIABLE}


def test_the_intervals_on_the_page_are_those_of_the_code() -> None:
    assert f"at most once in {CHECK_EVERY} seconds" in PAGE.text
    assert "every minute, by a thread" in PAGE.text
    keyring = Keyring.from_callable(lambda: A)
    assert isinstance(keyring._source, KeyFunction)
    assert keyring._source._every == 60
