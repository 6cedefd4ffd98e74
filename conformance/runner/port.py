"""The ports of ports/ports.json: how each is built, tested and started. Knows nothing of the suite."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .strict_json import parse_json

COMMAND_SECONDS = 600
FIELDS = {"name", "folder", "build", "test", "adapter", "language", "crypto"}


class MalformedPortsError(Exception):
    """ports.json is not what it should be, or has no such port."""


class PortCommandError(Exception):
    """A port could not be built, or its own tests failed: why, and the last of what the command printed."""


@dataclass(frozen=True, slots=True)
class Port:
    """One port. ``adapter`` is run in ``root``, the project's root; ``build`` and ``test``, if any, in ``folder``."""

    name: str
    language: str
    crypto: str
    adapter: tuple[str, ...]
    root: Path
    folder: Path
    build: tuple[str, ...] | None = None
    test: tuple[str, ...] | None = None


def load_ports(conformance: Path) -> list[Port]:
    """All ports, in the order of the file. ``conformance`` is the folder that ports/ is in."""
    path, root = conformance / "ports" / "ports.json", conformance.parent
    try:
        entries = parse_json(path.read_bytes())
    except OSError as exc:
        raise MalformedPortsError(f"{path}: {exc.strerror}") from None
    except ValueError as exc:
        raise MalformedPortsError(f"ports.json: is not JSON: {exc}") from None
    ports = []
    for entry in entries:
        if not isinstance(entry, dict) or entry.keys() != FIELDS:
            raise MalformedPortsError(f"ports.json: an entry has other fields than {', '.join(sorted(FIELDS))}")
        build, test = (None if entry[name] is None else _resolve(entry[name]) for name in ("build", "test"))
        ports.append(
            Port(
                name=entry["name"],
                language=entry["language"],
                crypto=entry["crypto"],
                adapter=_resolve(entry["adapter"]),
                root=root,
                folder=root / entry["folder"],
                build=build,
                test=test,
            )
        )
    return ports


def find_command(name: str, conformance: Path) -> Port:
    """The port of this name, or, where the text is a command line or a path, one that it starts."""
    words = shlex.split(name)
    if len(words) > 1 or "/" in name:
        return Port(name, "", "", _resolve(words), Path.cwd(), Path.cwd())
    ports = load_ports(conformance)
    for port in ports:
        if port.name == name:
            return port
    names = ", ".join(port.name for port in ports)
    raise MalformedPortsError(f"there is no port {name}; there are {names}, or give a command in quotes")


def build_port(port: Port) -> None:
    """Runs the port's build; PortCommandError where that fails."""
    if port.build is not None:
        _run(port.build, port.folder)


def run_tests(port: Port) -> None:
    """Runs the port's own tests; PortCommandError where they fail."""
    if port.test is not None:
        _run(port.test, port.folder)


def _run(command: tuple[str, ...], folder: Path) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except OSError as exc:
        raise PortCommandError(f"{command[0]} cannot be started: {exc.strerror}") from None
    except subprocess.TimeoutExpired:
        raise PortCommandError(f"{shlex.join(command)} took more than {COMMAND_SECONDS} s") from None
    if done.returncode != 0:
        tail = done.stdout.decode("utf-8", "replace").strip()[-1000:]
        raise PortCommandError(f"{shlex.join(command)} ended with status {done.returncode}\n{tail}")


def _resolve(words: Sequence[str]) -> tuple[str, ...]:
    # The interpreter that runs the suite, with whatever is installed there.
    return (sys.executable if words[0] == "python" else words[0], *words[1:])
