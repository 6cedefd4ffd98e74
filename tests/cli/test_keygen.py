"""cli/keygen.py: the key that it prints, and where."""

import json
import subprocess
import sys

import pytest

from cookiejar_session import Key, Keyring
from cookiejar_session.cli import main

pytestmark = pytest.mark.shows_secrets("keygen prints a key")


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


def test_times_are_part_of_the_key_text(capsys: pytest.CaptureFixture[str]) -> None:
    main(["keygen", "--from", "2027-01-31T00:00:00Z", "--until", "2028-01-31T00:00:00Z"])
    assert capsys.readouterr().out.endswith("@from=2027-01-31T00:00:00Z@until=2028-01-31T00:00:00Z\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from", "2027-01-31T00:00:00"], "@from is not a time"),
        (["--until", "tomorrow"], "@until is not a time"),
        (["--from", "2028-01-31T00:00:00Z", "--until", "2027-01-31T00:00:00Z"], "@from must be before @until"),
    ],
    ids=["without-z", "a-word", "wrong-order"],
)
def test_wrong_times_are_a_wrong_command_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keygen", *arguments]) == 2
    printed = capsys.readouterr()
    assert (printed.out, message in printed.err) == ("", True)


def test_json_has_key_text_and_key_id(capsys: pytest.CaptureFixture[str]) -> None:
    main(["keygen", "--json"])
    printed = capsys.readouterr()
    made = json.loads(printed.out)
    assert (Key.parse(made["key_text"]).key_id.hex(), printed.err) == (made["key_id"], "")
