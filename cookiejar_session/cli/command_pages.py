# pyright: reportPrivateUsage=false
# argparse has no public way to ask a parser for its arguments.
"""What the parser knows about each command: the source of the shell completions and of the man page."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any, NamedTuple, cast


class Argument(NamedTuple):
    """An argument of a command. ``flags`` is empty for a positional argument.

    ``value`` is the word that the help shows in place of the value, such as FILE; None for an option without a value.
    ``choices`` lists the allowed values. If ``choices`` is empty, any value is allowed.
    """

    flags: tuple[str, ...]
    value: str | None
    help: str
    choices: tuple[str, ...] = ()

    @property
    def is_path(self) -> bool:
        """Whether the value is the path of a file or a folder."""
        return self.value in ("FILE", "FOLDER", "FILE|URL")


class CommandPage(NamedTuple):
    """A command: its name, such as ``keyring show``, what it does, and its arguments.

    ``name`` is empty on the page of the program itself. ``inner`` lists the subcommands and what each does.
    """

    name: str
    description: str
    arguments: tuple[Argument, ...]
    inner: dict[str, str]


def list_pages(parser: argparse.ArgumentParser, name: str = "") -> Iterator[CommandPage]:
    """Yield the page of a parser, then the pages of its subcommands."""
    arguments: list[Argument] = []
    inner: dict[str, str] = {}
    parsers: dict[str, argparse.ArgumentParser] = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            commands = cast("argparse._SubParsersAction[argparse.ArgumentParser]", action)
            parsers = dict(commands.choices)
            inner = {each.dest: each.help or "" for each in commands._choices_actions}
            continue
        given: Any = action.choices
        choices = tuple(map(str, given or ()))
        value = None if action.nargs == 0 else str(action.metavar or "|".join(choices) or action.dest.upper())
        text = (action.help or "") % {"default": action.default}
        arguments.append(Argument(tuple(action.option_strings), value, text, choices))
    yield CommandPage(name, parser.description or "", tuple(arguments), inner)
    for each, inner_parser in parsers.items():
        yield from list_pages(inner_parser, f"{name} {each}".strip())
