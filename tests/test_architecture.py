"""What the package promises of its layout: import arrows, one importer per dependency, no clock below the wrappers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "cookiejar_session"
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))

# cli, demo -> cookie_sessions -> wsgi, asgi -> exchange -> session, typed -> headers, wire -> keys -> errors.
# A folder counts as one place. It may import from lower floors, and on its own floor from places to its left.
FLOORS = [
    ["errors", "record", "walk", "events"],
    ["keys"],
    ["wire"],
    ["headers"],
    ["typed"],
    ["settings"],
    ["session"],
    ["published", "exchange"],
    ["wsgi", "asgi"],
    ["cookie_sessions"],
    ["__init__"],
    ["demo", "cli"],
    ["__main__"],
]
RANKS = {name: (floor, place) for floor, names in enumerate(FLOORS) for place, name in enumerate(names)}


def name_module(path: Path) -> str:
    """The first part of a module's name below the package; all of a folder counts as one."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def walk_imports(path: Path) -> Iterator[tuple[str, ast.stmt]]:
    """Every module imported at run time, by full name; relative ones begin with cookiejar_session."""
    tree = ast.parse(path.read_text())
    package = ["cookiejar_session", *path.relative_to(PACKAGE).parts[:-1]]
    typing_only = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield origin, node
            yield from ((f"{origin}.{alias.name}", node) for alias in node.names)


def list_own_imports(path: Path) -> set[str]:
    parts = [name.split(".") for name, _ in walk_imports(path)]
    named = {part[1] for part in parts if part[0] == "cookiejar_session" and len(part) > 1 and part[1] in RANKS}
    if any(part == ["cookiejar_session"] for part in parts) and not named:
        named.add("__init__")
    return named


def list_importers(dependency: str) -> set[str]:
    return {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if any(name == dependency or name.startswith(f"{dependency}.") for name, _ in walk_imports(path))
    }


def test_every_module_has_a_floor() -> None:
    assert {name_module(path) for path in MODULES} == set(RANKS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    floor, place = RANKS[name_module(path)]
    for imported in list_own_imports(path) - {name_module(path)}:
        their_floor, their_place = RANKS[imported]
        assert their_floor < floor or (their_floor == floor and their_place < place), f"{path.name} imports {imported}"


def test_the_wrappers_never_import_each_other() -> None:
    assert "asgi" not in list_own_imports(PACKAGE / "wsgi.py")
    assert "wsgi" not in list_own_imports(PACKAGE / "asgi.py")


def test_only_sealing_imports_nacl() -> None:
    assert list_importers("nacl") == {"wire/sealing.py"}


def test_only_envelope_uses_the_codec() -> None:
    users = {str(path.relative_to(PACKAGE)) for path in MODULES if "msgspec.msgpack" in path.read_text()}
    assert users == {"wire/envelope.py"}


def test_webob_is_imported_only_where_it_is_used() -> None:
    assert all(importer.startswith("demo/") for importer in list_importers("webob"))


def test_only_asgi_is_asynchronous() -> None:
    asynchronous = {
        str(path.relative_to(PACKAGE))
        for path in MODULES
        if any(isinstance(node, (ast.AsyncFunctionDef, ast.Await)) for node in ast.walk(ast.parse(path.read_text())))
    }
    assert {name for name in asynchronous if not name.startswith("demo/")} == {"asgi.py"}


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        # The keyring's constructors are an edge of their own: they stand beside the environment that they read.
        ("time", {"keys/keyring.py", "wsgi.py", "asgi.py", "cookie_sessions.py"}),
        ("random", set[str]()),
        ("secrets", {"keys/key.py"}),
        ("os", {"wire/sealing.py", "keys/keyring.py", "cookie_sessions.py"}),
    ],
)
def test_clock_randomness_and_environment_stay_at_the_edges(source: str, allowed: set[str]) -> None:
    assert {name for name in list_importers(source) if not name.startswith("demo/")} == allowed


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_stand_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text())
    inside = [
        node
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    # The demonstration needs an extra, so the command line imports it when it is asked for.
    assert not inside or path.name == "cli.py"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_are_short_and_say_what_they_are(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= (150 if path.name in ("wsgi.py", "asgi.py") else 300)
    assert ast.get_docstring(ast.parse(text))
