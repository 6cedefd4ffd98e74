"""cli/findings.py: the levels of findings."""

from collections.abc import Callable

import pytest

from cookiejar_session.cli.findings import Finding, Level, error, note, warning


@pytest.mark.parametrize(("make", "level"), [(error, Level.ERROR), (warning, Level.WARNING), (note, Level.NOTE)])
def test_finding_has_a_level(make: Callable[[str, str], Finding], level: Level) -> None:
    assert make("code", "message") == Finding(level, "code", "message")
