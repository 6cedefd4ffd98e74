"""stats_option.py: the option can be given several times, and each place is read."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Keyring
from cookiejar_session.cli.stats_option import add_stats_option, read_stats


def test_option_can_be_given_several_times() -> None:
    parser = argparse.ArgumentParser()
    add_stats_option(parser)
    assert parser.parse_args([]).stats == []
    assert parser.parse_args(["--stats", "a", "--stats", "b"]).stats == ["a", "b"]


def test_each_place_is_read(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.json", "b.json")]
    for file in files:
        file.write_text(CookieSessions(Keyring.generate()).stats(now=NOW).to_json())
    counts = read_stats(list(map(str, files)), idle_timeout=3600, now=NOW)
    assert [each.name.partition(" ")[0] for each in counts] == list(map(str, files))


def test_nothing_is_imported_to_read_no_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cookiejar_session.cli.stats_option.import_module", None)
    assert read_stats([], idle_timeout=3600, now=NOW) == []
