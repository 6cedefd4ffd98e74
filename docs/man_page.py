"""Write docs/cookiejar-session.1, the man page of the command line, from the parser of the command line.

python docs/man_page.py            write the page
python docs/man_page.py --check    fail if the page in git is not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from cookiejar_session.cli.command_pages import Argument, CommandPage, list_pages
from cookiejar_session.cli.main import EXIT_STATUS, build_parser

PAGE = Path(__file__).with_name("cookiejar-session.1")
_ENVIRONMENT = {
    "COOKIEJAR_SESSION_KEYS": "The ring: keys separated by blanks, the primary key first.",
    "COOKIEJAR_SESSION_KEYS_FILE": "The path of a file with the ring.",
    "CREDENTIALS_DIRECTORY": "From systemd. If neither of the others is set, its file cookiejar-session-keys is read.",
    "NO_COLOR": "If it is not empty, there are no colours.",
}


def render_page() -> str:
    return "\n".join(_list_lines(list(list_pages(build_parser())))) + "\n"


def _list_lines(pages: list[CommandPage]) -> Iterator[str]:
    program = pages[0]
    yield r".\" Written by docs/man_page.py. Change the command line and run it, not this file."
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


def main(arguments: list[str]) -> int:
    page = render_page()
    if arguments == ["--check"]:
        if page == PAGE.read_text():
            return 0
        print(f"{PAGE.name} is not what docs/man_page.py writes; run it", file=sys.stderr)
        return 1
    PAGE.write_text(page)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
