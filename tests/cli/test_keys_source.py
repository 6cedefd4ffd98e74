"""cli/keys_source.py: keys from the environment, a file or standard input."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from shared_values import NOW

from cookiejar_session import ConfigError, Key
from cookiejar_session.cli.keys_source import add_keys_option, name_rotation, read_keys

KEY = Key.generate()


def give_input(octets: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(octets)))


def test_keys_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", KEY.to_text())
    source = read_keys(None, now=NOW)
    assert (source.ring(NOW).entries[0].key, source.name, source.path) == (KEY, "COOKIEJAR_SESSION_KEYS", None)


def test_key_file_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "keys"
    file.write_text(KEY.to_text())
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS_FILE", str(file))
    source = read_keys(None, now=NOW)
    assert (source.name, source.path) == (f"COOKIEJAR_SESSION_KEYS_FILE ({file})", file)


def test_credential_of_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "cookiejar-session-keys"
    file.write_text(KEY.to_text())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    source = read_keys(None, now=NOW)
    assert (source.name, source.path) == (f"CREDENTIALS_DIRECTORY ({file})", file)


def test_key_file(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(KEY.to_text())
    source = read_keys(str(file), now=NOW)
    assert (source.ring(NOW).entries[0].key, source.path) == (KEY, file)


def test_keys_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(b"# \xff\n" + KEY.to_text().encode(), monkeypatch)
    source = read_keys("-", now=NOW)
    assert (source.ring(NOW).entries[0].key, source.name, source.path) == (KEY, "standard input", None)


def test_endless_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    give_input(b"#" * (2 << 20), monkeypatch)
    with pytest.raises(ConfigError, match="standard input is longer than 1048576 bytes"):
        read_keys("-", now=NOW)


def test_rotation_of_a_file_names_it() -> None:
    assert name_rotation(Path("a b"), " --stage drop") == (
        "cookiejar-session keyring rotate --in-place 'a b' --stage drop"
    )


def test_rotation_of_the_environment_shows_no_ring_on_the_terminal() -> None:
    assert name_rotation(None) == 'NEXT="$(cookiejar-session keyring rotate)"'


def test_option_names_a_file() -> None:
    parser = argparse.ArgumentParser()
    add_keys_option(parser)
    assert parser.parse_args(["--keys-file", "-"]).keys_file == "-"
