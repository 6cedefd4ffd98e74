"""cli/command_pages.py: what the parser says of each command."""

from __future__ import annotations

import argparse

from cookiejar_session.cli.command_pages import Argument, CommandPage, list_pages


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("program", add_help=False)
    commands = parser.add_subparsers()
    one = commands.add_parser("one", help="first", description="Does it.", add_help=False)
    one.add_argument("-f", "--file", metavar="FILE", default="x", help="a file (default: %(default)s)")
    one.add_argument("--quiet", action="store_true")
    one.add_argument("shell", choices=["a", "b"])
    commands.add_parser("two", add_help=False).add_subparsers().add_parser("three", help="last", add_help=False)
    return parser


def test_each_command_has_a_page() -> None:
    assert list(list_pages(make_parser())) == [
        CommandPage("", "", (), {"one": "first"}),
        CommandPage(
            "one",
            "Does it.",
            (
                Argument(("-f", "--file"), "FILE", "a file (default: x)"),
                Argument(("--quiet",), None, ""),
                Argument((), "a|b", "", ("a", "b")),
            ),
            {},
        ),
        CommandPage("two", "", (), {"three": "last"}),
        CommandPage("two three", "", (), {}),
    ]


def test_value_of_an_argument_may_be_a_path() -> None:
    assert Argument((), "FILE", "").is_path
    assert Argument((), "FILE|URL", "").is_path
    assert not Argument((), "TIME", "").is_path
