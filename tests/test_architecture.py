"""The layout of the package: import arrows, one importer per dependency, no clock below the wrappers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "cookiejar_session"
MODULES = sorted(path for path in PACKAGE.rglob("*.py"))

# A folder counts as one place. A place imports from lower floors only, never from its own floor.
FLOORS = [
    ["errors", "hidden_repr", "base64url", "deferred_calls"],
    ["events", "argument_checks"],
    ["keys"],
    ["wire", "headers", "stats"],
    ["counters"],
    ["typed", "telemetry"],
    ["settings"],
    ["configuration_checks"],
    ["session", "configuration_json"],
    ["response_warnings"],
    ["exchange"],
    ["nested_wrappers", "frameworks"],
    ["wsgi", "asgi"],
    ["cookie_sessions"],
    ["__init__"],
    ["integrations", "demo", "testing"],
    ["cli"],
    ["__main__"],
]
RANKS = {name: floor for floor, names in enumerate(FLOORS) for name in names}


def name_file(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


each_module = pytest.mark.parametrize("path", MODULES, ids=name_file)


def name_module(path: Path) -> str:
    """Return the place of a module: its folder in the package, or its own name."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def list_imports(path: Path, *, with_types: bool = False) -> frozenset[str]:
    """Return the full name of every module imported at run time, or also of those imported for annotations only."""
    return frozenset(walk_imports(path, with_types=with_types))


def walk_imports(path: Path, *, with_types: bool) -> Iterator[str]:
    tree = parse(path)
    package = ["cookiejar_session", *path.relative_to(PACKAGE).parts[:-1]]
    typing_only = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only and not with_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def list_own_imports(path: Path) -> set[str]:
    """Return the places that a module imports, also those that it imports for annotations only."""
    parts = [name.split(".") for name in list_imports(path, with_types=True)]
    named = {part[1] for part in parts if part[0] == "cookiejar_session" and len(part) > 1 and part[1] in RANKS}
    if any(part == ["cookiejar_session"] for part in parts) and not named:
        named.add("__init__")
    return named


def list_importers(dependency: str) -> set[str]:
    return {
        name_file(path)
        for path in MODULES
        if any(name == dependency or name.startswith(f"{dependency}.") for name in list_imports(path))
    }


def test_every_module_has_a_floor() -> None:
    assert {name_module(path) for path in MODULES} == set(RANKS)


@each_module
def test_imports_point_down(path: Path) -> None:
    place = name_module(path)
    wrong = {imported for imported in list_own_imports(path) - {place} if RANKS[imported] >= RANKS[place]}
    assert wrong == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    files = {"cookiejar_session." + name_file(path).removesuffix(".py").replace("/", "."): path for path in MODULES}
    graph = {name: list_imports(path, with_types=True) & set(files) for name, path in files.items()}
    assert len(list(TopologicalSorter(graph).static_order())) == len(files)


@pytest.mark.parametrize(
    ("place", "allowed"),
    [
        ("errors", set[str]()),
        ("keys", {"errors", "argument_checks", "base64url"}),
        ("headers", {"errors", "argument_checks"}),
        ("typed", {"errors", "wire"}),
    ],
    ids=["errors", "keys", "headers", "typed"],
)
def test_a_low_place_imports_these_places_only(place: str, allowed: set[str]) -> None:
    imported = {name for path in MODULES if name_module(path) == place for name in list_own_imports(path)}
    assert imported - {place} == allowed


def test_the_wrappers_never_import_each_other() -> None:
    assert "asgi" not in list_own_imports(PACKAGE / "wsgi.py")
    assert "wsgi" not in list_own_imports(PACKAGE / "asgi.py")


def test_only_secretbox_imports_nacl() -> None:
    assert list_importers("nacl") == {"wire/secretbox.py"}


def test_only_messagepack_uses_the_codec() -> None:
    users = {name_file(path) for path in MODULES if "msgpack" in path.read_text()}
    assert users == {"wire/messagepack.py"}


def test_only_the_demonstration_imports_webob() -> None:
    importers = list_importers("webob")
    assert importers
    assert {importer.split("/")[0] for importer in importers} == {"demo"}


@pytest.mark.parametrize(
    "framework", ["starlette", "fastapi", "litestar", "flask", "werkzeug", "bottle", "django", "quart"]
)
def test_no_framework_is_imported_but_by_its_integration(framework: str) -> None:
    assert {name for name in list_importers(framework) if not name.startswith("integrations/")} == set()


INTEGRATIONS = [path for path in MODULES if name_module(path) == "integrations"]


@pytest.mark.parametrize("path", INTEGRATIONS, ids=name_file)
def test_an_integration_is_short_and_imported_by_its_users_only(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 200
    others = [each for each in MODULES if name_module(each) != "integrations"]
    assert not any("integrations" in list_own_imports(each) for each in others)


@pytest.mark.parametrize("path", INTEGRATIONS, ids=name_file)
def test_an_integration_decides_nothing_about_time_size_keys_and_attributes(path: Path) -> None:
    """It maps the framework's settings. It knows no clock, and no key or token from inside."""
    forbidden = ("time", "os", "secrets", "hmac", "hashlib", "nacl", "msgspec")
    inner = ("cookiejar_session.keys", "cookiejar_session.wire.sealing", "cookiejar_session.wire.opening")
    imported = list_imports(path)
    assert not [name for name in imported if name in forbidden or name.startswith(inner)]
    assert list_own_imports(path) & {"keys", "headers", "wsgi", "asgi", "typed"} == set()
    assert "size" not in {each.attr for each in ast.walk(parse(path)) if isinstance(each, ast.Attribute)}


def test_only_asgi_and_integrations_are_asynchronous() -> None:
    asynchronous = {
        name_file(path)
        for path in MODULES
        if any(isinstance(node, (ast.AsyncFunctionDef, ast.Await)) for node in ast.walk(parse(path)))
    }
    assert {name for name in asynchronous if not name.startswith(("demo/", "integrations/"))} == {"asgi.py"}


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        # The keyring reads the environment and its source, and the clock to judge staged keys.
        (
            "time",
            {
                "keys/keyring.py",
                "keys/key_file.py",
                "keys/key_function.py",
                "wsgi.py",
                "asgi.py",
                "cookie_sessions.py",
                "testing.py",
            },
        ),
        ("random", set[str]()),
        ("uuid", {"integrations/flask/values.py", "typed/shared_defaults.py"}),  # the type alone
        ("secrets", {"keys/key.py"}),
        (
            "os",
            {
                "wire/sealing.py",
                "keys/keyring.py",
                "keys/key_file.py",
                "keys/key_function.py",  # forks
                "cookie_sessions.py",
                "counters.py",
            },
        ),
    ],
    ids=["time", "random", "uuid", "secrets", "os"],
)
def test_clock_randomness_and_environment_stay_at_the_edges(source: str, allowed: set[str]) -> None:
    assert {name for name in list_importers(source) if not name.startswith(("demo/", "cli/"))} == allowed


def test_no_module_reads_the_clock_through_datetime() -> None:
    readers = {
        name_file(path)
        for path in MODULES
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "date")
    }
    assert {name for name in readers if not name.startswith("demo/")} == set()


@each_module
def test_imports_are_at_the_top(path: Path) -> None:
    tree = parse(path)
    inside = [
        node
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    # The demonstration needs an extra, so the command line imports it when it is asked for.
    assert not inside or path == PACKAGE / "cli" / "demo.py"


@each_module
def test_modules_are_short_and_say_what_they_are(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= (150 if path.name in ("wsgi.py", "asgi.py") else 300)
    assert ast.get_docstring(parse(path))


@each_module
def test_no_line_depends_on_the_version_of_python_or_the_system(path: Path) -> None:
    """So module_coverage.py, which runs on one version, shows that the tests cover every line on each of them."""
    names = {node.attr for node in ast.walk(parse(path)) if isinstance(node, ast.Attribute)}
    assert names.isdisjoint({"version_info", "hexversion", "python_version", "platform", "uname"})
