"""Measure what docs/explanation/comparison.md says of each library, and compare the page with it.

python tests/peers/comparison.py            fail if a table of the page is not what the libraries do
python tests/peers/comparison.py --write    write the tables into the page
python tests/peers/comparison.py Beaker     print the answers of the libraries whose names begin like this

It needs the group peers of pyproject.toml, Node.js, and the package index of npm for iron-session.
"""

from __future__ import annotations

import logging
import re
import sys
import tempfile
import warnings
from base64 import b64decode, urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import shake_256
from pathlib import Path
from zlib import decompress, error

import time_machine
from compared_stacks import PYTHON_STACKS, Answer, IronSession, Send, install_iron_session

PAGE = Path(__file__).parents[2] / "docs/explanation/comparison.md"
SECRET = "a secret of 32 characters or more, first"
NEW_SECRET = "a secret of 32 characters or more, second"
BEGIN = datetime(2027, 1, 31, 12, tzinfo=UTC)
WORD = "strawberry"
# Text that compression makes no smaller than what base64 then makes of it.
LONG = urlsafe_b64encode(shake_256(b"long").digest(4500)).decode()
DAY = timedelta(days=1)

Open = Callable[[str, str | None], Send]


class Browser:
    """Keeps the cookies that an application sets, as a browser does, and its limit of 4,096 octets for a cookie."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.cookies: dict[str, str] = {}

    @property
    def field(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str, text: str = "") -> Answer:
        answer = self.send(path, text, self.field)
        for line in list_set_cookies(answer):
            name, _, value = line.partition(";")[0].partition("=")
            if is_deletion(line):
                self.cookies.pop(name, None)
            elif len(name) + len(value) <= 4096:
                self.cookies[name] = value
        return answer


def list_set_cookies(answer: Answer) -> list[str]:
    return [value for name, value in answer.fields if name.lower() == "set-cookie"]


def is_deletion(line: str) -> bool:
    return re.search(r"max-age=0\b|expires=[^;]*1970", line, re.IGNORECASE) is not None


def begin(open_stack: Open, text: str = WORD) -> Browser:
    browser = Browser(open_stack(SECRET, None))
    answer = browser.get("/write", text)
    assert answer.status == 200, answer
    assert browser.cookies
    return browser


def say(holds: bool) -> str:
    return "yes" if holds else "no"


# One question each: what a cell of the page answers


def where_is_the_data(open_stack: Open) -> str:
    short, long = (len(begin(open_stack, text).field) for text in ("a", LONG[:1000]))
    return "in the cookie" if long > short + 500 else "on the server"


def can_the_visitor_read_it(open_stack: Open) -> str:
    """Whether base64, with or without zlib, shows the data in the cookie."""
    if where_is_the_data(open_stack) == "on the server":
        return "no, it is not there"
    browser = begin(open_stack)
    texts: list[bytes] = []
    for value in browser.cookies.values():
        for piece in re.split(r"[.:~*$]", value.strip('"')):
            with suppress(ValueError, error):
                texts.append(b64decode(piece.rstrip("=") + "==", altchars="-_" if re.search("[-_]", piece) else "+/"))
                texts.append(decompress(texts[-1]))
    return "yes" if any(WORD.encode() in text for text in texts) else "no, encrypted"


def how_long_can_a_text_be(open_stack: Open) -> str:
    """The longest text that comes back, in hundreds of characters."""

    def fits(hundreds: int) -> bool:
        text = LONG[: hundreds * 100]
        browser = Browser(open_stack(SECRET, None))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            browser.get("/write", text)
        return browser.get("/read").body == text

    longest = bisect_left(range(1, 61), True, key=lambda hundreds: not fits(hundreds))
    return f"{longest * 100:,} characters" if longest < 60 else "6,000 and more"


def what_if_it_is_too_large(open_stack: Open) -> str:
    browser = Browser(open_stack(SECRET, None))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        answer = browser.get("/write", LONG)
    cookies = list_set_cookies(answer)
    if answer.status == 500:
        assert not cookies
        return "an error"
    if browser.get("/read").body == LONG:
        return "it fits" if len(cookies) == 1 else f"it fits, in {len(cookies)} cookies"
    warned = any("cookie" in str(each.message) for each in caught)
    return "lost, with a warning" if warned else "lost, and nobody is told"


def does_an_old_key_still_open(open_stack: Open) -> str:
    cookies = begin(open_stack).field
    is_open = open_stack(NEW_SECRET, SECRET)("/read", "", cookies).body == WORD
    if is_open and open_stack(NEW_SECRET, None)("/read", "", cookies).body == WORD:
        return "no key is needed"
    return say(is_open)


def is_a_nested_change_saved(open_stack: Open) -> str:
    browser = Browser(open_stack(SECRET, None))
    for path in ("/begin-list", "/change-list"):
        assert browser.get(path).status == 200
    return say(browser.get("/read-list").body == "1")


def does_a_read_set_a_cookie(open_stack: Open) -> str:
    answer = begin(open_stack).get("/read")
    assert answer.body == WORD
    return say(bool(list_set_cookies(answer)))


def does_a_read_vary(open_stack: Open) -> str:
    answer = begin(open_stack).get("/read")
    return say(any(name.lower() == "vary" and "cookie" in value.lower() for name, value in answer.fields))


def is_a_response_with_the_cookie_private(open_stack: Open) -> str:
    answer = Browser(open_stack(SECRET, None)).get("/write", WORD)
    control = " ".join(value for name, value in answer.fields if name.lower() == "cache-control")
    return say("private" in control or "no-store" in control)


def does_it_end_when_unused(open_stack: Open) -> str:
    """Whether a cookie that was not used for 100 days is refused, whatever the browser does."""
    with time_machine.travel(BEGIN, tick=False) as clock:
        browser = begin(open_stack)
        clock.shift(100 * DAY)
        return say(browser.send("/read", "", browser.field).body != WORD)


def does_it_end_when_used(open_stack: Open) -> str:
    """Whether a session that changes every five days is over after 400 days."""
    with time_machine.travel(BEGIN, tick=False) as clock:
        browser = begin(open_stack)
        for day in range(5, 400, 5):
            clock.shift(5 * DAY)
            if not browser.get("/read").body:
                return f"yes, after {day} days"
            browser.get("/write", f"{WORD}{day}")
        return "no"


def what_becomes_of_a_datetime(open_stack: Open) -> str:
    browser = Browser(open_stack(SECRET, None))
    if browser.get("/write-date").status == 500:
        return "an error"
    answer = browser.get("/read-date")
    kind = answer.body or answer.status
    return {"datetime": "comes back", "str": "comes back as text", "string": "comes back as text"}[str(kind)]


def does_a_copy_work_after_the_logout(open_stack: Open) -> str:
    browser = begin(open_stack)
    copy = browser.field
    assert browser.get("/sign-out").status == 200
    assert browser.get("/read").body != WORD
    return say(browser.send("/read", "", copy).body == WORD)


def which_attributes(open_stack: Open) -> str:
    browser = Browser(open_stack(SECRET, None))
    (line, *_) = list_set_cookies(browser.get("/write", WORD))
    found = [name for name in ("Secure", "HttpOnly") if re.search(rf";\s*{name}\b", line, re.IGNORECASE)]
    same_site = re.search(r";\s*SameSite=(\w+)", line, re.IGNORECASE)
    return ", ".join(found + ([f"SameSite={same_site[1].capitalize()}"] if same_site else []))


Question = Callable[[Open], str]
TABLES: dict[str, dict[str, Question]] = {
    "content": {
        "the data is": where_is_the_data,
        "the visitor can read it": can_the_visitor_read_it,
        "the longest text": how_long_can_a_text_be,
        "6,000 characters": what_if_it_is_too_large,
        "a `datetime`": what_becomes_of_a_datetime,
    },
    "changes": {
        "a change inside a list is saved": is_a_nested_change_saved,
        "a read sends a cookie": does_a_read_set_a_cookie,
        "a read sends `Vary: Cookie`": does_a_read_vary,
        "a response with the cookie is `private`": is_a_response_with_the_cookie_private,
    },
    "life": {
        "a cookie of a replaced key opens": does_an_old_key_still_open,
        "ends if unused for 100 days": does_it_end_when_unused,
        "ends in spite of use": does_it_end_when_used,
        "a copy works after the logout": does_a_copy_work_after_the_logout,
        "attributes by default": which_attributes,
    },
}


def ask_all(table: str, stacks: dict[str, Open]) -> list[list[str]]:
    return [[name, *(question(stack) for question in TABLES[table].values())] for name, stack in stacks.items()]


def render_table(table: str, stacks: dict[str, Open]) -> str:
    rows = [["", *TABLES[table]], ["---"] * (len(TABLES[table]) + 1), *ask_all(table, stacks)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def find_table(table: str, text: str) -> re.Match[str]:
    """Find a table of the page, between two comments."""
    found = re.search(rf"(?<=<!-- {table} -->\n\n).*?(?=\n<!-- end -->)", text, re.DOTALL)
    assert found is not None, table
    return found


def main(arguments: list[str]) -> int:
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        install_iron_session(Path(folder))
        iron = IronSession(Path(folder))
        try:
            stacks = PYTHON_STACKS | {"iron-session": iron.open}
            if arguments and arguments != ["--write"]:
                stacks = {name: stack for name, stack in stacks.items() if name.startswith(arguments[0])}
                for table in TABLES:
                    print(render_table(table, stacks))
                return 0
            return compare_page(stacks, write=arguments == ["--write"])
        finally:
            iron.close()


def compare_page(stacks: dict[str, Open], *, write: bool) -> int:
    text = PAGE.read_text()
    for table in TABLES:
        found = find_table(table, text)
        text = text[: found.start()] + render_table(table, stacks) + text[found.end() :]
    if write:
        PAGE.write_text(text)
    elif text != PAGE.read_text():
        print("a table of docs/explanation/comparison.md is not what the libraries do; run --write", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
