"""cli/keygen.py: the key that it prints, and where."""

import subprocess
import sys

import pytest

from cookiejar_session import Key, Keyring
from cookiejar_session.cli import main


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
    command = [sys.executable, "-m", "cookiejar_session", "keygen"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert Keyring.from_environment({"COOKIEJAR_SESSION_KEYS": printed})
