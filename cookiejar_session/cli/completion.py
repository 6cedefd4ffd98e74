"""The command ``completion``: prints a script with which bash, zsh or fish completes commands and options."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from importlib import import_module

from .command_pages import CommandPage, list_pages
from .output import PROGRAM

DESCRIPTION = """\
Print a script that makes a shell complete the commands and their options:

bash  cookiejar-session completion bash \\
        > ~/.local/share/bash-completion/completions/cookiejar-session
zsh   cookiejar-session completion zsh > "${fpath[1]}/_cookiejar-session"
fish  cookiejar-session completion fish \\
        > ~/.config/fish/completions/cookiejar-session.fish"""

_BASH = """\
_cookiejar_session() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" command="" words="" options="" word
    for word in "${COMP_WORDS[@]:1:$((COMP_CWORD-1))}"; do
        case "$command/$word" in
            %(commands)s) command="${command:+$command }$word" ;;
        esac
    done
    COMPREPLY=()
    case "$command/$previous" in
%(values)s
    esac
    case "$command" in
%(words)s
    esac
    if [[ "$current" == -* || -z "$words" ]]; then words="$options"; fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _cookiejar_session %(program)s
"""
_ZSH = """\
#compdef %(program)s
# zsh runs completions that are written for bash.
autoload -U +X bashcompinit && bashcompinit
%(bash)s"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("shell", choices=["bash", "zsh", "fish"], help="the shell: bash, zsh or fish")


def run(options: argparse.Namespace) -> int:
    """Print the script for a shell."""
    # The module main is imported here and not above, since main imports the module of each command.
    pages = list(list_pages(import_module(".main", __package__).build_parser()))
    print(render_script(pages, options.shell), end="")
    return 0


def render_script(pages: Iterable[CommandPage], shell: str) -> str:
    """Return the completions of ``shell``."""
    if shell == "fish":
        return "".join(f"{line}\n" for line in _list_fish_lines(pages))
    script = _render_bash(list(pages))
    return script if shell == "bash" else _ZSH % {"program": PROGRAM, "bash": script}


def _render_bash(pages: list[CommandPage]) -> str:
    commands = [f'"{page.name}/{inner}"' for page in pages for inner in page.inner]
    values: list[str] = []
    words: list[str] = []
    for page in pages:
        for argument in page.arguments:
            patterns = "|".join(f'"{page.name}/{flag}"' for flag in argument.flags)
            if argument.flags and argument.value is not None:
                kind = "-f" if argument.is_path else f'-W "{" ".join(argument.choices)}"'
                values.append(f'        {patterns}) COMPREPLY=($(compgen {kind} -- "$current")); return ;;')
        known = [*page.inner, *(each for argument in page.arguments if not argument.flags for each in argument.choices)]
        options = [flag for argument in page.arguments for flag in argument.flags]
        words.append(f'        "{page.name}") words="{" ".join(known)}" options="{" ".join(options)}" ;;')
    return _BASH % {
        "program": PROGRAM,
        "commands": "|".join(commands),
        "values": "\n".join(values),
        "words": "\n".join(words),
    }


def _list_fish_lines(pages: Iterable[CommandPage]) -> Iterator[str]:
    yield f"complete -c {PROGRAM} -f"
    for page in pages:
        seen = [f"__fish_seen_subcommand_from {part}" for part in page.name.split()]
        unseen = [f"not __fish_seen_subcommand_from {' '.join(page.inner)}"] if page.inner else []
        condition = "; and ".join([*seen, *unseen])
        start = f"complete -c {PROGRAM} -n {_quote(condition)}"
        for inner, summary in page.inner.items():
            yield f"{start} -a {inner} -d {_quote(summary)}"
        for argument in page.arguments:
            flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in argument.flags)
            choices = f" -a {_quote(' '.join(argument.choices))}" if argument.choices else ""
            if not flags and not choices:
                continue
            value = "" if argument.value is None or not flags else " -r -F" if argument.is_path else " -x"
            yield f"{start} {flags}{choices}{value} -d {_quote(argument.help)}".replace("  ", " ")


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
