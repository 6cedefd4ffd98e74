"""The ports of ports/ports.json: how each is built and how its adapter is started. Knows nothing of the suite."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .strict_json import parse_json

BUILD_SECONDS = 600
FIELDS = {"name", "folder", "build", "adapter", "language", "crypto"}


class MalformedPortsError(Exception):
    """ports.json is not what it should be, or has no such port."""


class BuildError(Exception):
    """A port could not be built: why, and the last of what the build printed."""


@dataclass(frozen=True, slots=True)
class Port:
    """One port. ``adapter`` is run in ``root``, the project's root; ``build``, if any, in the port's own folder."""

    name: str
    language: str
    crypto: str
    adapter: tuple[str, ...]
    root: Path
    folder: Path
    build: tuple[str, ...] | None = None


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
        build = None if entry["build"] is None else _resolve(entry["build"])
        ports.append(
            Port(
                name=entry["name"],
                language=entry["language"],
                crypto=entry["crypto"],
                adapter=_resolve(entry["adapter"]),
                root=root,
                folder=root / entry["folder"],
                build=build,
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
    """Runs the port's build; BuildError where that fails."""
    if port.build is None:
        return
    try:
        done = subprocess.run(
            port.build,
            cwd=port.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=BUILD_SECONDS,
            check=False,
        )
    except OSError as exc:
        raise BuildError(f"{port.build[0]} cannot be started: {exc.strerror}") from None
    except subprocess.TimeoutExpired:
        raise BuildError(f"{shlex.join(port.build)} took more than {BUILD_SECONDS} s") from None
    if done.returncode != 0:
        tail = done.stdout.decode("utf-8", "replace").strip()[-1000:]
        raise BuildError(f"{shlex.join(port.build)} ended with status {done.returncode}\n{tail}")


def _resolve(words: Sequence[str]) -> tuple[str, ...]:
    # The interpreter that runs the suite, with whatever is installed there.
    return (sys.executable if words[0] == "python" else words[0], *words[1:])
