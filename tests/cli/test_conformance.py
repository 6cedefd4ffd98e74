"""cli/conformance.py: the suite runs against the installed package."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

SUITE = Path(__file__).parent.parent.parent / "conformance"


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have run; they end with status 7."""
    ran: list[list[str]] = []

    def fake_run(command: list[str], *, env: dict[str, str], check: bool) -> SimpleNamespace:
        assert "PYTHONPATH" not in env
        ran.append(command)
        return SimpleNamespace(returncode=7)

    monkeypatch.setattr("cookiejar_session.cli.conformance.subprocess.run", fake_run)
    monkeypatch.setenv("PYTHONPATH", ".")
    return ran


def test_suite_runs_against_this_installation(run: Any, commands: list[list[str]]) -> None:
    assert run("conformance", str(SUITE)).status == 1
    assert commands[0][1:4] == [str(SUITE / "run.py"), "--format", "text"]
    assert commands[0][-1] == str(SUITE / "ports" / "python" / "adapter.py")


def test_report_is_json_on_request(run: Any, commands: list[list[str]]) -> None:
    run("conformance", str(SUITE), "--json")
    assert commands[0][3] == "json"


def test_suite_passes(run: Any) -> None:
    assert run("conformance", str(SUITE)).status == 0


@pytest.mark.parametrize(
    ("present", "missing"),
    [("run.py", "ports/python/adapter.py"), ("ports/python/adapter.py", "run.py"), ("other", "run.py")],
)
def test_other_folder_is_refused(run: Any, tmp_path: Path, present: str, missing: str) -> None:
    file = tmp_path / present
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("")
    refused = run("conformance", str(tmp_path))
    assert refused.status == 1
    assert f"is not the folder of the conformance suite: it has no {missing}\n" in refused.err


def test_folder_that_cannot_be_read_is_named(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refuse)
    refused = run("conformance", str(tmp_path))
    assert (refused.status, f"error: {tmp_path}: Permission denied; name a folder" in refused.err) == (1, True)
