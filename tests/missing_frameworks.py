"""What a module of the package does if its framework, or a part of it, is not installed."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

import pytest


def reload_without(missing: str, module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reload ``module`` as if ``missing`` were not installed. Its imports come first, so nothing else is run again."""

    class Blocked:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name == missing:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    framework = missing.partition(".")[0]
    for name in [name for name in sys.modules if name == framework or name.startswith(f"{framework}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Blocked, *sys.meta_path])
    importlib.reload(module)
