"""The adapter of the Python package: JSON lines over stdin and stdout. Knows nothing of what the operations do.

python conformance/run.py -- python conformance/ports/python/adapter.py
"""

from __future__ import annotations

import json
import logging
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

# Under PYTHONSAFEPATH a script's own folder is not searched.
sys.path.insert(0, str(Path(__file__).resolve().parent))

from operations import OPERATIONS
from values import CAPABILITIES

from cookiejar_session import CookiejarError, TokenError

PROTOCOL = 1
# A value of 200 levels takes four frames a level on its way in.
sys.setrecursionlimit(10_000)


def describe_start() -> dict[str, Any]:
    try:
        number = version("cookiejar-session")
    except PackageNotFoundError:
        number = "checkout"
    return {
        "type": "started",
        "protocol": PROTOCOL,
        "name": "python",
        "version": number,
        "ops": sorted(OPERATIONS),
        "capabilities": list(CAPABILITIES),
    }


def run(op: str, given: dict[str, Any]) -> dict[str, Any]:
    """The result of one operation. What is no refusal of the package's is raised."""
    try:
        return {"accept": OPERATIONS[op](given)}
    except TokenError as exc:
        return {"refuse": str(exc.reason)}
    except CookiejarError as exc:
        # Not a mistake of the vector's that hides behind a refusal: shown when the case fails.
        print(f"{op}: {type(exc).__name__}: {exc}", file=sys.stderr, flush=True)
        return {"refuse": "refused"}


def answer(message: dict[str, Any]) -> dict[str, Any]:
    if message["type"] == "start":
        return describe_start()
    number = message["number"]
    try:
        return {"type": "result", "number": number, "result": run(message["op"], message["input"])}
    except Exception as exc:
        return {"type": "error", "number": number, "message": f"{type(exc).__name__}: {exc}"}


def main() -> None:
    # Refusals are what most cases are about; what the package logs of them is no news.
    logging.getLogger("cookiejar_session").addHandler(logging.NullHandler())
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message["type"] == "stop":
            return
        print(json.dumps(answer(message)), flush=True)


if __name__ == "__main__":
    main()
