"""An adapter to copy and fill: it answers one operation, ``log-id``, and shows where the others go.

python conformance/run.py -- python conformance/adapter_skeleton.py

The adapter of a port in another language has the same parts: read a JSON line, call the port, print a JSON line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

# What this language can express (README.md, "Capabilities"). List only what is true.
CAPABILITIES: list[str] = []


class RefusedError(Exception):
    """The port refuses the input. The word is a reason of SPEC 10.1, or "refused" where the table has no reasons."""


def log_id(given: dict[str, Any]) -> dict[str, Any]:
    """SPEC 14.5. Here, and in each other operation, call your port instead."""
    label = b"cookiejar-session/v1/log-id"
    # PAE of one piece (SPEC 3.1).
    message = (1).to_bytes(8, "little") + len(label).to_bytes(8, "little") + label
    sid = bytes.fromhex(given["sid"])
    return {"log_id": blake2b(message, key=sid, digest_size=32).digest()[:8].hex()}


# Each operation takes the vector's input and returns the content of "accept", or raises RefusedError. Add one after the
# other, in the order of README.md: derive, decode, encode, open, seal, …
OPERATIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "log-id": log_id,
}


def answer(message: dict[str, Any]) -> dict[str, Any]:
    """The message that answers ``message``, which is a start or a run."""
    if message["type"] == "start":
        return {
            "type": "started",
            "protocol": 1,
            "name": "skeleton",
            "version": "0",
            "ops": list(OPERATIONS),
            "capabilities": CAPABILITIES,
        }
    number = message["number"]
    try:
        result = {"accept": OPERATIONS[message["op"]](message["input"])}
    except RefusedError as exc:
        result = {"refuse": str(exc)}
    except Exception as exc:
        # A fault of the port or of this adapter is never a refusal: it must not pass a case that expects one.
        return {"type": "error", "number": number, "message": f"{type(exc).__name__}: {exc}"}
    return {"type": "result", "number": number, "result": result}


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "stop":
            return
        # Nothing else may be printed to stdout, and each answer is flushed.
        print(json.dumps(answer(message)), flush=True)


if __name__ == "__main__":
    main()
