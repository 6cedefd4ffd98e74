"""The machine and the versions that a result was measured with. Holds no host name and no user name."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "msgspec",
    "pynacl",
    "asgiref",
    "itsdangerous",
    "starlette",
    "starsessions",
    "litestar",
    "flask",
    "werkzeug",
    "django",
    "pyramid",
    "pyramid-nacl-session",
    "beaker",
    "aiohttp-session",
    "cryptography",
    "pyseto",
    "joserfc",
    "uvicorn",
    "granian",
    "gunicorn",
)
_find_model = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE).search


def describe_machine() -> dict[str, str | int | dict[str, str]]:
    """Return processor, system, Python and the versions of the measured packages, for JSON."""
    return {
        "processor": find_processor(),
        "cores": os.cpu_count() or 1,
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "versions": {name: _find_version(name) for name in PACKAGES},
    }


def summarize_machine() -> str:
    """Return Python, processor and cores as one line, for a plot."""
    return f"{platform.python_implementation()} {platform.python_version()}, {find_processor()}, {os.cpu_count()} cores"


def find_processor() -> str:
    """Return the processor's model from /proc/cpuinfo, or what Python knows where there is no such file."""
    cpuinfo = Path("/proc/cpuinfo")
    found = _find_model(cpuinfo.read_text()) if cpuinfo.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def _find_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
