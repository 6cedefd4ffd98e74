"""Another commit of the package, imported beside this one under another name. Knows nothing of timing."""

from __future__ import annotations

import ast
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE, BESIDE = "cookiejar_session", "cookiejar_session_beside"


class CommitError(Exception):
    """The commit cannot be exported or holds no package."""


@contextmanager
def import_commit(commit: str, *, root: Path = ROOT) -> Iterator[ModuleType]:
    """Import the package as it was in ``commit`` of the git checkout at ``root``.

    The module is called ``cookiejar_session_beside``. The module and its files are gone when the context ends.
    Raises CommitError outside a git checkout, for an unknown commit and for a commit without the package.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        export_package(commit, folder, root=root)
        finder = _Finder(folder / PACKAGE)
        sys.meta_path.insert(0, finder)
        try:
            yield import_module(BESIDE)
        finally:
            sys.meta_path.remove(finder)
            for module in [each for each in sys.modules if _is_within(each, BESIDE)]:
                del sys.modules[module]


def export_package(commit: str, folder: Path, *, root: Path = ROOT) -> None:
    """Write the package's files, as they were in ``commit``, into ``folder``. Raises CommitError."""
    unfit = f"{root} is not the top folder of a git checkout; run this in a clone of the repository"
    top = _run_git("rev-parse", "--show-toplevel", root=root, failure=unfit).decode().rstrip("\n")
    # An unpacked source distribution may lie inside the checkout of another project.
    if Path(top).resolve() != root.resolve():
        raise CommitError(unfit)
    # --end-of-options: a commit that begins with a dash must not become an option of git.
    words = "rev-parse", "--verify", "--end-of-options", f"{commit}^{{commit}}"
    unknown = f"{commit} is not a commit of {root}; name one that `git log` shows"
    found = _run_git(*words, root=root, failure=unknown).decode().strip()
    empty = f"commit {commit} has no {PACKAGE}/__init__.py; name a later commit"
    if not _run_git("ls-tree", found, f"{PACKAGE}/__init__.py", root=root, failure=empty):
        raise CommitError(empty)
    archive = _run_git("archive", "--format=tar", found, PACKAGE, root=root, failure=empty)
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")


def _run_git(*words: str, root: Path, failure: str) -> bytes:
    try:
        ended = subprocess.run(["git", "-C", str(root), *words], capture_output=True)  # noqa: S603, S607
    except OSError as exc:
        raise CommitError(f"git cannot be started: {exc}; install git") from None
    if ended.returncode:
        raise CommitError(f"{failure} (git: {ended.stderr.decode(errors='replace').strip()})")
    return ended.stdout


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


class _Finder(MetaPathFinder):
    """Find ``cookiejar_session_beside`` and its modules in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not _is_within(fullname, BESIDE):
            return None
        place = self._folder.joinpath(*fullname.split(".")[1:])
        is_package = place.is_dir()
        file = place / "__init__.py" if is_package else place.with_suffix(".py")
        if not file.exists():
            return None
        loader = _RenamingLoader(fullname, str(file))
        locations = [str(place)] if is_package else None
        return spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=locations)


class _RenamingLoader(SourceFileLoader):
    """Load a module whose absolute imports of its own package find the other commit, not the installed package."""

    def source_to_code(self, data: Any, path: Any, **options: Any) -> Any:
        tree = _Renamer().visit(ast.parse(data))
        return super().source_to_code(ast.fix_missing_locations(tree), path, **options)


class _Renamer(ast.NodeTransformer):
    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom:
        if node.level == 0 and node.module is not None and _is_within(node.module, PACKAGE):
            node.module = _rename(node.module)
        return node

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        statements: list[ast.stmt] = []
        for alias in node.names:
            if not _is_within(alias.name, PACKAGE):
                statements.append(ast.Import([alias]))
            elif alias.asname is not None:
                statements.append(ast.Import([ast.alias(_rename(alias.name), alias.asname)]))
            else:
                # `import cookiejar_session.wire` binds the name `cookiejar_session`.
                statements.append(ast.Import([ast.alias(_rename(alias.name))]))
                statements.append(ast.Import([ast.alias(BESIDE, PACKAGE)]))
        return [ast.copy_location(statement, node) for statement in statements]


def _rename(module: str) -> str:
    return BESIDE + module.removeprefix(PACKAGE)
