"""The tables of docs/reference/ against the package: events, reasons, limits and variables."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from documents import Page

import cookiejar_session
from cookiejar_session import CookieSessions, Key, Keyring, Reason, events
from cookiejar_session.headers.set_cookie import MAX_AGE_LIMIT, MAX_NAME_OCTETS
from cookiejar_session.keys.key_file import MAX_FILE_OCTETS
from cookiejar_session.keys.keyring import CREDENTIALS_VARIABLE, FILE_VARIABLE, KEYS_VARIABLE
from cookiejar_session.keys.ring_text import MAX_ENTRIES
from cookiejar_session.session.cookie_choice import MAX_JUDGED, MAX_OPENED
from cookiejar_session.telemetry import MAX_REFUSALS, MAX_WARNINGS
from cookiejar_session.wire.envelope import MAX_FLASHES, MAX_IDLE
from cookiejar_session.wire.layout import MAX_TOKEN_CHARACTERS, count_encoded_octets
from cookiejar_session.wire.messagepack import MAX_INTEGER, MAX_LENGTH, MAX_LEVEL

EVENTS = Page("docs/reference/events.md")
LIMITS = Page("docs/reference/limits.md")
ENVIRONMENT = Page("docs/reference/environment.md")
DEFAULT = CookieSessions(Keyring.generate()).settings.max_token_characters


def read_rows(page: Page, heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading."""
    section = page.text.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_event_example_prints_the_reason(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    sessions = EVENTS.run_example("def count(event")["sessions"]
    app = sessions.wsgi(lambda environ, start_response: [str(len(sessions.get(environ))).encode()])
    app({"REQUEST_METHOD": "GET", "HTTP_COOKIE": "__Host-session=junk"}, lambda *_: None)
    assert capsys.readouterr().out == "refused malformed None\n"


def test_table_has_each_kind_with_its_log_level() -> None:
    found = {kind.strip("`"): level for kind, level, _ in read_rows(EVENTS, "Kinds")}
    assert found == {kind: logging.getLevelName(level) for kind, level in events.LEVELS.items()}


def test_table_has_each_reason_in_the_order_of_the_tests() -> None:
    assert [row[0].strip("`") for row in read_rows(EVENTS, "Reasons")] == [str(reason) for reason in Reason]


def test_table_says_of_each_reason_what_the_specification_says_of_the_cookie() -> None:
    spec = Page("SPEC.md").text.partition("**10.1**")[2].partition("**10.2**")[0]
    answers = dict(re.findall(r"^\| ([a-z-]+) \| .+ \| (\w+)[^|]* \|$", spec, re.MULTILINE))
    words = {"preserve": "stays", "discard": "deleted"}
    shown = {row[0].strip("`"): row[-1].split()[0] for row in read_rows(EVENTS, "Reasons")}
    assert shown == {reason: words[answers[reason]] for reason in shown}


@pytest.mark.parametrize(
    "text",
    [
        f"a token, by default | {DEFAULT:,} characters",
        f"with `max_token_characters=` | {MAX_TOKEN_CHARACTERS:,} characters",
        f"the encoded session at the default limit | {count_encoded_octets(DEFAULT):,} octets",
        f"the encoded session at the highest limit | {count_encoded_octets(MAX_TOKEN_CHARACTERS):,} octets",
        f"one str, bytes, list or dict | {MAX_LENGTH:,} octets or items",
        f"nesting | {MAX_LEVEL} levels,",
        f"flash messages | {MAX_FLASHES};",
        f"form and key id are looked at | {MAX_JUDGED} |",
        f"that are decrypted | {MAX_OPENED} |",
        f"that are reported | {MAX_REFUSALS} |",
        f"that one process warns about | {MAX_WARNINGS} |",
        f"logs once for each case | {MAX_WARNINGS} |",
        f"keys in a ring | {MAX_ENTRIES} |",
        f"a key file | {MAX_FILE_OCTETS:,} octets",
        f"the name of the cookie | {MAX_NAME_OCTETS} characters",
        f"{MAX_AGE_LIMIT // 86400} days, as in browsers",
    ],
)
def test_limit_is_the_package_s(text: str) -> None:
    assert text in LIMITS.text


def test_limits_of_numbers_are_the_package_s() -> None:
    assert "-2^63 to 2^63 - 1" in LIMITS.text
    assert MAX_INTEGER == 2**63 - 1
    assert "1 second to 2^32 - 1 seconds" in LIMITS.text
    assert MAX_IDLE == 2**32 - 1


def test_page_has_each_variable_that_the_package_reads() -> None:
    folder = Path(cookiejar_session.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    read = set(re.findall(r"environ(?:\.get\(|\[)[\"'](\w+)", source))
    read |= {KEYS_VARIABLE, FILE_VARIABLE, CREDENTIALS_VARIABLE}
    shown = {row.partition("`")[2].partition("`")[0] for row in ENVIRONMENT.text.splitlines() if row.startswith("| `")}
    upper = {name for name in read if name.isupper() and not name.startswith(("HTTP", "REQUEST", "PATH", "SERVER"))}
    assert upper == shown
