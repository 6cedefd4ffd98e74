"""docs/reference/errors.md: the table of start-up errors, and the table of classes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from documents import Page

import cookiejar_session
from cookiejar_session import ConfigError, CookieAttributes, Key, Keyring

PAGE = Page("docs/reference/errors.md")
KEYS = "COOKIEJAR_SESSION_KEYS"
PUBLISHED = "hex:" + bytes(range(32)).hex()


def parse(text: str) -> Callable[[], object]:
    return lambda: Keyring.parse(text, now=0)


def read(**environ: str) -> Callable[[], object]:
    return lambda: Keyring.from_environment(environ, now=0)


KEY = Key.generate().to_text()
FAULTS: list[Callable[[], object]] = [
    read(),
    read(**{KEYS: KEY, f"{KEYS}_FILE": "keys"}),
    read(**{f"{KEYS}_FILE": KEY}),
    read(**{KEYS: "/run/secrets/keys"}),
    read(**{f"{KEYS}_FILE": "/"}),
    read(**{f"{KEYS}_FILE": "/nowhere/keys"}),
    parse(f'"{KEY}"'),
    parse("ab" * 32),
    parse(KEY[:-1]),
    parse(KEY[:5] + ("B" if KEY[5] == "A" else "A") + KEY[6:]),
    parse("hex:" + "ab" * 31),
    parse("hex:" + "00" * 32),
    parse(PUBLISHED),
    parse(f"{KEY} {KEY}"),
    parse(" ".join(Key.generate().to_text() for _ in range(17))),
    parse(f"{KEY}@to=2027-01-31T00:00:00Z"),
    parse(f"{KEY} @from=2027-01-31T00:00:00Z"),
    parse(f"{KEY}@from=2027-01-31T00:00:00Z@until=2027-01-31T00:00:00Z"),
    parse(f"{KEY}@until=2027-01-31T00:00:00Z"),
    lambda: CookieAttributes(domain="example.com"),
    lambda: CookieAttributes(secure=False),
    lambda: CookieAttributes(path="/app"),
    lambda: CookieAttributes(name="s s"),
]
ROWS = re.findall(r"^\| (.+?) \| .+ \|$", PAGE.text.partition("## Start-up errors")[2], re.MULTILINE)[2:]
CLASSES = re.findall(r"^\| `(\w+)` \| .+? \| (\w*) ?\|", PAGE.text, re.MULTILINE)


@pytest.mark.parametrize(("row", "fault"), list(zip(ROWS, FAULTS, strict=True)), ids=ROWS)
def test_start_up_error_says_what_the_table_says(row: str, fault: Callable[[], object]) -> None:
    with pytest.raises(ConfigError) as caught:
        fault()
    message = str(caught.value)
    assert all(part in message for part in re.findall(r"`(.+?)`", row)), message
    assert "\n" not in message
    # What was found, then how to fix it.
    assert ";" in message or ", " in message or ": write" in message


def test_table_has_each_error_class() -> None:
    errors = {name for name in cookiejar_session.__all__ if name.endswith("Error")}
    assert {name for name, _ in CLASSES} == errors - {"CookiejarError"}


@pytest.mark.parametrize(("name", "base"), [(name, base) for name, base in CLASSES if base])
def test_class_is_also_what_the_table_says(name: str, base: str) -> None:
    error = getattr(cookiejar_session, name)
    assert base in {each.__name__ for each in error.__mro__[1:]}
