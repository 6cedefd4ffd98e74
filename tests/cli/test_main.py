"""cli/main.py: which command runs, and the status it ends with."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from cookiejar_session import ConfigError, CookieSessions, Key, Keyring, open_token
from cookiejar_session.cli import main
from cookiejar_session.cli.argument_values import UsageError
from cookiejar_session.cli.main import COMMANDS


def run_module(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cookiejar_session", *arguments]
    return subprocess.run(command, **{"capture_output": True, "text": True, "check": False, **options})


def test_module_ends_with_the_status_of_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_module("demo", "--host", "a..b").returncode == 1
    monkeypatch.setattr(sys, "argv", ["cookiejar-session", "--version"])
    monkeypatch.delitem(sys.modules, "cookiejar_session.__main__", raising=False)
    with pytest.raises(SystemExit, match="0"):
        import_module("cookiejar_session.__main__")


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["keyring"], ["keyring", "no-such-command"]])
def test_without_a_command_it_shows_how_to_use_it(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: cookiejar-session" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_names_what_it_does_and_its_exit_status(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([*command.split(), "--help"])
    shown = capsys.readouterr().out
    assert "exit status:\n  0" in shown
    assert f"usage: cookiejar-session {command}" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_each_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    *group, name = command.split()
    with pytest.raises(SystemExit, match="0"):
        main([*group, "--help"])
    shown = capsys.readouterr().out
    # Python 3.11 puts the description of a long name into the next line.
    assert f"    {name} " in shown or f"    {name}\n" in shown
    assert COMMANDS[command][1] in " ".join(shown.split())


def test_version_is_that_of_the_distribution(run: Any) -> None:
    assert run("--version") == (0, f"cookiejar-session {version('cookiejar-session')}\n", "")


@pytest.mark.shows_secrets("keygen prints a key")
def test_the_package_runs_as_a_module(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["cookiejar_session", "keygen"])
    with pytest.raises(SystemExit) as caught:
        # Not runpy: it cannot run what pytest rewrites, which is every module of a package with a pytest plugin.
        import_module("cookiejar_session.__main__")
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("cjk1_")


@pytest.mark.parametrize("arguments", [["keygen"], ["keyring", "show", "--keys-file"], ["no-such-command"]])
def test_key_as_an_argument_is_refused_and_not_shown(run: Any, arguments: list[str]) -> None:
    key = Key.generate().to_text()
    status, out, err = run(*arguments, key)
    assert (status, out) == (2, "")
    assert "every user of this machine can read it (ps)" in err
    assert key[5:20] not in err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")
@pytest.mark.parametrize("arguments", [["keygen"], ["keygen", "--json"]])
def test_full_disk_is_no_success(arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = run_module(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (
        1,
        "cookiejar-session: error: standard output: No space left on device\n",
    )


def test_closed_pipe_is_no_success() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as pipe:
        done = run_module("keygen", capture_output=False, stdout=pipe, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (1, "")


def test_closed_standard_output_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["keygen"]) == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ConfigError("wrong"), "cookiejar-session: error: wrong\n"),
        (BrokenPipeError(), ""),
        (
            OSError(28, "No space left on device"),
            "cookiejar-session: error: standard output: No space left on device\n",
        ),
        (PermissionError(13, "Permission denied", "keys"), "cookiejar-session: error: keys: Permission denied\n"),
        (KeyboardInterrupt(), "cookiejar-session: error: interrupted\n"),
    ],
    ids=["config", "pipe", "disk", "file", "interrupt"],
)
def test_failed_command_has_status_1_and_no_traceback(
    error: BaseException, message: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        raise error

    monkeypatch.setattr("cookiejar_session.cli.keygen.run", fail)
    assert main(["keygen"]) == 1
    assert capfd.readouterr() == ("", message)


def test_wrong_argument_that_a_command_finds_has_status_2(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> int:
        raise UsageError("name one")

    monkeypatch.setattr("cookiejar_session.cli.keygen.run", fail)
    assert run("keygen") == (2, "", "cookiejar-session: error: name one\n")


def test_no_command_shows_a_key_or_a_sid_that_it_is_not_asked_for(run: Any, tmp_path: Path) -> None:
    sessions = CookieSessions(Keyring.generate())
    key = sessions.settings.keyring.ring(0).entries[0].key
    file = tmp_path / "keys"
    file.write_text(key.to_text())
    minted = sessions.mint({"user": "ada"})
    sid = open_token(minted.token, keyring=sessions.settings.keyring, purpose=minted.name, now=time.time()).sid
    keys = ["--keys-file", str(file)]
    shown = ""
    for options in ([], ["--json"]):
        for command in (["keyring", "show"], ["inspect"], ["check"], ["mint"], ["seal"]):
            for given in (minted.header, minted.header[:-1], key.to_text(), "{}"):
                shown += "".join(map(str, run(*command, *keys, *options, stdin=given)))
    shown += "".join(map(str, run("open", *keys, stdin=key.to_text())))
    shown += "".join(map(str, run("keyring", "rotate", "--in-place", str(file))))
    assert shown.count(key.key_id.hex()) > 4
    octets = key.to_text()[5:]
    assert [octets[start : start + 8] for start in range(len(octets) - 8) if octets[start : start + 8] in shown] == []
    assert sid.hex() not in shown


# What a command needs is imported when it runs: the program starts in well under a tenth of a second. These are the
# modules that take longest to import.
SLOW = {"asgiref", "asyncio", "importlib.metadata", "inspect", "logging", "msgspec", "nacl", "secrets"}
SLOW |= {"cookiejar_session.exchange", "email", "socket", "ssl", "subprocess", "tempfile"}
ALLOWED = {
    ("--version",): set[str](),
    ("--help",): set[str](),
    ("keygen",): {"logging", "secrets"},
    ("keyring", "show"): {"logging", "secrets"},
    ("keyring", "rotate"): {"logging", "secrets", "tempfile"},
}


@pytest.mark.shows_secrets("keyring rotate prints the next ring")
@pytest.mark.parametrize("arguments", ALLOWED, ids=" ".join)
def test_command_imports_only_what_it_needs(arguments: tuple[str, ...]) -> None:
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "from cookiejar_session.cli import main\n"
        "sys.exit(main())\n"
    )
    environment = os.environ | {"COOKIEJAR_SESSION_KEYS": Key.generate().to_text()}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    imported = set(done.stderr.splitlines()[-1].split())
    assert "cookiejar_session.cli.main" in imported
    assert imported & SLOW <= ALLOWED[arguments]
