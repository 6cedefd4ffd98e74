"""cli/output.py: JSON, tables, colours and messages."""

from __future__ import annotations

import io
import sys

import pytest

from cookiejar_session.cli.output import paint, print_error, print_json, print_note, print_warning, render_table


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")


def test_text_has_a_colour_on_a_terminal() -> None:
    assert paint("x", "red", Terminal()) == "\x1b[31mx\x1b[0m"


def test_text_is_plain_elsewhere() -> None:
    assert paint("x", "red", io.StringIO()) == "x"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_environment_turns_colours_off(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert paint("x", "red", Terminal()) == "x"


def test_columns_are_aligned() -> None:
    assert render_table([["a", "b"], ["long", "c"]]) == ["a     b", "long  c"]


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": ["ä"]})
    assert capsys.readouterr().out == '{\n  "a": [\n    "\\u00e4"\n  ]\n}\n'


def test_messages_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    print_error("one")
    print_warning("two")
    print_note("three")
    assert capsys.readouterr() == ("", "cookiejar-session: error: one\ncookiejar-session: warning: two\nthree\n")


def test_messages_never_go_to_standard_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    print_error("one")
    print_note("two")
    assert capsys.readouterr().out == ""
