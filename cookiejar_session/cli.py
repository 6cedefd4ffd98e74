"""The command line: python -m cookiejar_session. Knows nothing that the package does not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from .key import Key


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="cookiejar-session", description="Encrypted cookie sessions for WSGI and ASGI."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    keygen = commands.add_parser("keygen", help="print a new key text; its key id goes to standard error")
    keygen.set_defaults(run=_keygen)
    demo = commands.add_parser("demo", help="serve the demonstration on http://localhost:8000")
    demo.set_defaults(run=_demo)
    run = parser.parse_args(arguments).run
    status: int = run()
    return status


def _keygen() -> int:
    key = Key.generate()
    print(key.to_text())
    print(f"key id {key.key_id.hex()}", file=sys.stderr)
    return 0


def _demo() -> int:
    try:
        from .demo.serve import serve
    except ModuleNotFoundError as exc:
        print(
            f'{exc.name} is missing; install it with: python -m pip install "cookiejar-session[demo]"', file=sys.stderr
        )
        return 1
    return serve()
