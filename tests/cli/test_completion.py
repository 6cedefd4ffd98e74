"""cli/completion.py: what bash, zsh and fish complete."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

CASES = {
    "a-command": (["ke"], ["keygen", "keyring"]),
    "an-inner-command": (["keyring", ""], ["rotate", "show"]),
    "an-option": (["keyring", "rotate", "--re"], ["--retire-after"]),
    "an-option-behind-another": (["keyring", "rotate", "--force", "--re"], ["--retire-after"]),
    "a-choice": (["keyring", "rotate", "--stage", ""], ["add", "create", "drop", "promote"]),
    "a-shell": (["completion", "b"], ["bash"]),
    "a-file": (["keyring", "show", "--keys-file", "ring"], ["ring.txt"]),
}


def find_shell(name: str) -> str:
    program = shutil.which(name)
    if program is None and os.environ.get("CI") != "true":
        pytest.skip(f"{name} is not installed")
    return program or name


@pytest.fixture
def script(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write the completions of a shell, in a folder with a file, and return their path."""
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("ring.txt").touch()

    def write(shell: str) -> Path:
        status, out, err = run("completion", shell)
        assert (status, err) == (0, "")
        path = tmp_path / f"_{shell}"
        path.write_text(out)
        return path

    return write


@pytest.mark.parametrize(("words", "completed"), CASES.values(), ids=CASES)
def test_bash_completes(words: list[str], completed: list[str], script: Any) -> None:
    command = (
        f'. {script("bash")}; COMP_WORDS=(cookiejar-session "$@"); COMP_CWORD=$#; _cookiejar_session; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        [find_shell("bash"), "-c", command, "bash", *words], capture_output=True, text=True, check=True
    )
    assert sorted(done.stdout.split()) == completed


@pytest.mark.parametrize(("words", "completed"), CASES.values(), ids=CASES)
def test_fish_completes(words: list[str], completed: list[str], script: Any) -> None:
    line = " ".join(["cookiejar-session", *words])
    command = f"source {script('fish')}; complete -C '{line}'"
    done = subprocess.run([find_shell("fish"), "-c", command], capture_output=True, text=True, check=True)
    assert sorted(each.partition("\t")[0] for each in done.stdout.splitlines()) == completed


def test_zsh_completes(script: Any) -> None:
    path = script("zsh")
    process, terminal = pty.fork()
    if process == 0:
        os.execvp(find_shell("zsh"), ["zsh", "-f", "-i"])  # noqa: S606
    try:
        # In two parts: the terminal also shows what is typed.
        os.write(terminal, f"autoload -U compinit; compinit -u -D; . {path}; echo re''ady\n".encode())
        assert "ready" in read_until(terminal, "ready")
        os.write(terminal, b"cookiejar-session keyring rotate --retire\t")
        assert "--retire-after" in read_until(terminal, "--retire-after")
    finally:
        os.kill(process, 9)
        os.waitpid(process, 0)
        os.close(terminal)


def read_until(terminal: int, text: str) -> str:
    shown, end = "", time.monotonic() + 120
    while text not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 4096).decode(errors="replace")
    return shown
