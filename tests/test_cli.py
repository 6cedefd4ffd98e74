"""cli.py: the command line, in this process and in a process of its own."""

import runpy
import subprocess
import sys
from typing import Any

import pytest

from cookiejar_session import Key, Keyring
from cookiejar_session.cli import main


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The arguments with which the demonstration would have been served."""
    calls: list[dict[str, Any]] = []

    def serve(**options: Any) -> int:
        calls.append(options)
        return 7

    monkeypatch.setattr("cookiejar_session.demo.serve.serve", serve)
    return calls


def fail_to_import_demo(monkeypatch: pytest.MonkeyPatch, *, without: str) -> None:
    """Make imports behave as if the module ``without`` were not installed."""
    for name in [name for name in sys.modules if name.startswith("cookiejar_session.demo")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, without, None)


def run_module(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cookiejar_session", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_keygen_prints_only_the_key_text_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keygen"]) == 0
    text = capsys.readouterr().out
    assert Key.parse(text.removesuffix("\n")).to_text() == text.removesuffix("\n")


def test_keygen_prints_the_key_id_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    main(["keygen"])
    printed = capsys.readouterr()
    assert printed.err == f"key id {Key.parse(printed.out.strip()).key_id.hex()}\n"


def test_keygen_makes_another_key_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    main(["keygen"])
    first = capsys.readouterr().out
    main(["keygen"])
    assert capsys.readouterr().out != first


def test_key_text_of_keygen_is_a_keyring() -> None:
    printed = run_module("keygen").stdout
    assert Keyring.from_environment({"COOKIEJAR_SESSION_KEYS": printed})


def test_module_ends_with_the_status_of_its_command() -> None:
    assert run_module("demo", "--host", "a..b").returncode == 1


def test_demo_is_served_on_localhost_8000(served: list[dict[str, Any]]) -> None:
    main(["demo"])
    assert served == [{"host": "localhost", "port": 8000, "keys_from_environment": False}]


def test_demo_is_served_where_the_options_say(served: list[dict[str, Any]]) -> None:
    main(["demo", "--host", "::1", "--port", "8765"])
    assert served == [{"host": "::1", "port": 8765, "keys_from_environment": False}]


def test_demo_uses_keys_of_the_environment_on_request(served: list[dict[str, Any]]) -> None:
    main(["demo", "--keys-from-environment"])
    assert served == [{"host": "localhost", "port": 8000, "keys_from_environment": True}]


def test_demo_ends_with_the_status_of_its_server(served: list[dict[str, Any]]) -> None:
    assert main(["demo"]) == 7


@pytest.mark.parametrize(
    "port",
    ["65536", "-1", "", "8k", "٣٠٠٠", "9" * 5000],
    ids=["too-large", "negative", "empty", "letter", "arabic", "long"],
)
def test_demo_refuses_a_port_that_does_not_exist(
    port: str, served: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["demo", f"--port={port}"])
    assert "port must be a number from 0 to 65535" in capsys.readouterr().err


def test_demo_without_uvicorn_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fail_to_import_demo(monkeypatch, without="uvicorn")
    assert main(["demo"]) == 1
    assert capsys.readouterr().err == (
        'uvicorn is missing; install it with: python -m pip install "cookiejar-session[demo]"\n'
    )


def test_demo_does_not_blame_uvicorn_for_another_missing_module(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_to_import_demo(monkeypatch, without="webob")
    with pytest.raises(ModuleNotFoundError, match="webob"):
        main(["demo"])


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
