"""Write the man page of the command line and the page of the documentation, both from the parser of the command line.

python docs/reference/man_page.py            write cookiejar-session.1 and command-line.md
python docs/reference/man_page.py --check    fail if a page in git is not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from cookiejar_session.cli.command_pages import Argument, CommandPage, list_pages
from cookiejar_session.cli.main import EXIT_STATUS, build_parser

MAN_PAGE = Path(__file__).with_name("cookiejar-session.1")
MARKDOWN_PAGE = Path(__file__).with_name("command-line.md")
_ENVIRONMENT = {
    "COOKIEJAR_SESSION_KEYS": "The ring: keys separated by blanks. The first key that may seal now is the primary key.",
    "COOKIEJAR_SESSION_KEYS_FILE": "The path of a file with the ring.",
    "CREDENTIALS_DIRECTORY": "From systemd. If neither of the others is set, its file cookiejar-session-keys is read.",
    "NO_COLOR": "If it is not empty, there are no colours.",
}


def render_man_page() -> str:
    return "\n".join(_list_lines(list(list_pages(build_parser())))) + "\n"


def render_markdown_page() -> str:
    return "\n".join(_list_markdown_lines(list(list_pages(build_parser())))) + "\n"


def _list_lines(pages: list[CommandPage]) -> Iterator[str]:
    program = pages[0]
    yield r".\" Written by docs/reference/man_page.py. Change the command line and run it, not this file."
    yield ".TH COOKIEJAR-SESSION 1"
    yield ".SH NAME"
    yield rf"cookiejar\-session \- {_escape(program.description[0].lower() + program.description[1:].rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield r".B cookiejar\-session"
    yield r"[\fB\-h\fR] [\fB\-\-version\fR] \fICOMMAND\fR ..."
    yield ".SH COMMANDS"
    for page in pages[1:]:
        if not page.inner:
            yield from _list_command_lines(page)
    yield ".SH EXIT STATUS"
    for line in EXIT_STATUS.splitlines()[1:]:
        status, meaning = line.split(maxsplit=1)
        yield from (".TP", rf"\fB{status}\fR", _escape(meaning))
    yield ".SH ENVIRONMENT"
    for name, meaning in _ENVIRONMENT.items():
        yield from (".TP", rf"\fB{name}\fR", _escape(meaning))


def _list_command_lines(page: CommandPage) -> Iterator[str]:
    places = "".join(f" [{argument.value}]" for argument in page.arguments if not argument.flags)
    yield f".SS {_escape(page.name)} [OPTIONS]{_escape(places)}"
    # The descriptions have lists, whose lines must not be filled.
    yield ".nf"
    yield from map(_escape, page.description.splitlines())
    yield ".fi"
    for argument in page.arguments:
        yield from (".TP", _render_argument(argument), _escape(argument.help))


def _render_argument(argument: Argument) -> str:
    value = "" if argument.value is None else rf" \fI{_escape(argument.value)}\fR"
    return ", ".join(rf"\fB{_escape(flag)}\fR{value}" for flag in argument.flags) or value.strip()


def _escape(text: str) -> str:
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _list_markdown_lines(pages: list[CommandPage]) -> Iterator[str]:
    yield "<!-- Written by docs/reference/man_page.py. Change the command line and run it, not this file. -->"
    yield ""
    yield "# The command line"
    yield ""
    yield "`cookiejar-session COMMAND` and `python -m cookiejar_session COMMAND` are the same. This page has what"
    yield "`cookiejar-session COMMAND --help` and `man cookiejar-session` say."
    yield "The page [Use the command line](../how-to/command-line.md) shows the commands at work."
    yield ""
    yield from ("| command | what it does |", "| --- | --- |")
    for name, summary in _list_commands(pages):
        yield f"| [`{name}`](#{name.replace(' ', '-')}) | {summary} |"
    for page in pages[1:]:
        if not page.inner:
            yield from _list_command_markdown(page)
    yield from ("", "## Exit status", "", "| status | meaning |", "| --- | --- |")
    for line in EXIT_STATUS.splitlines()[1:]:
        status, meaning = line.split(maxsplit=1)
        yield f"| {status} | {meaning} |"
    yield from ("", "## Environment", "", "| variable | meaning |", "| --- | --- |")
    for name, meaning in _ENVIRONMENT.items():
        yield f"| `{name}` | {meaning} |"


def _list_commands(pages: list[CommandPage]) -> Iterator[tuple[str, str]]:
    """Yield the name of each command and what it does."""
    inner = {f"{page.name} {name}".strip(): summary for page in pages for name, summary in page.inner.items()}
    for page in pages[1:]:
        if not page.inner:
            yield page.name, inner[page.name]


def _list_command_markdown(page: CommandPage) -> Iterator[str]:
    places = "".join(f" [{argument.value}]" for argument in page.arguments if not argument.flags)
    yield from ("", f"## {page.name}", "", "```text", f"cookiejar-session {page.name} [OPTIONS]{places}", "")
    yield from (page.description, "```", "", "| argument | what it does |", "| --- | --- |")
    for argument in page.arguments:
        value = "" if argument.value is None else f" {argument.value}"
        shown = ", ".join(f"`{flag}{value}`" for flag in argument.flags) or f"`{argument.value}`"
        yield f"| {_escape_cell(shown)} | {_escape_cell(argument.help)} |"


def _escape_cell(text: str) -> str:
    """Return text for the cell of a table, in which a bar would end the cell, also inside of code."""
    return " ".join(text.split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    pages = {MAN_PAGE: render_man_page(), MARKDOWN_PAGE: render_markdown_page()}
    if arguments == ["--check"]:
        stale = [path.name for path, text in pages.items() if not path.is_file() or path.read_text() != text]
        for name in stale:
            print(f"{name} is not what docs/reference/man_page.py writes; run it", file=sys.stderr)
        return 1 if stale else 0
    for path, text in pages.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
