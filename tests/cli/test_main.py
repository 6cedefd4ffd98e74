"""cli/main.py: which command runs, and the status it ends with."""

import runpy
import subprocess
import sys

import pytest

from cookiejar_session.cli import main


def run_module(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cookiejar_session", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_module_ends_with_the_status_of_its_command() -> None:
    assert run_module("demo", "--host", "a..b").returncode == 1


@pytest.mark.parametrize("arguments", [[], ["no-such-command"]])
def test_without_a_command_it_shows_how_to_use_it(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: cookiejar-session" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["keygen", "demo"])
def test_help_names_each_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert f"    {command} " in capsys.readouterr().out


def test_the_package_runs_as_a_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["cookiejar_session", "keygen"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("cookiejar_session", run_name="__main__")
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("cjk1_")
