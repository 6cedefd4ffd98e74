"""The public names of the package, which are imported when they are used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cookiejar_session


def test_type_checkers_and_python_find_a_name_in_the_same_module() -> None:
    tree = ast.parse(Path(cookiejar_session.__file__).read_text())
    imported = {
        alias.name: node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    names = {name: module for name, module in imported.items() if name in cookiejar_session.__all__}
    assert names == cookiejar_session._MODULES
    assert list(names) != []
    assert sorted(names) == sorted(cookiejar_session.__all__)


@pytest.mark.parametrize("name", cookiejar_session.__all__)
def test_public_name_is_found(name: str) -> None:
    assert getattr(cookiejar_session, name).__name__ == name
    assert name in dir(cookiejar_session)


def test_other_names_are_missing() -> None:
    with pytest.raises(AttributeError, match="module 'cookiejar_session' has no attribute 'SessionCookie'"):
        cookiejar_session.SessionCookie  # type: ignore[attr-defined]  # noqa: B018


def test_import_of_the_package_alone_imports_no_cryptography() -> None:
    code = "import sys, cookiejar_session; print(sorted({'nacl', 'msgspec', 'asgiref'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
