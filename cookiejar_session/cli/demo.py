"""The command ``demo``: serves the demonstration. The command needs the extra ``demo``."""

from __future__ import annotations

import argparse
import re
import sys

_EXTRA = ("uvicorn", "webob")


DESCRIPTION = """\
Serve an ASGI and a WSGI application that share one session, and show what its
cookie holds. The server makes a key of its own. It prints each event of a
session on standard output. It needs the extra "demo"."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--host", default="localhost", help="host name or address to listen on (default: localhost)")
    parser.add_argument(
        "--port", default=8000, type=_parse_port, help="port to listen on; 0 selects a free port (default: 8000)"
    )
    parser.add_argument(
        "--keys-from-environment",
        action="store_true",
        help="use the keys of COOKIEJAR_SESSION_KEYS or COOKIEJAR_SESSION_KEYS_FILE instead of a new key",
    )


def run(options: argparse.Namespace) -> int:
    """Serve the demonstration until it is interrupted."""
    try:
        # The module is imported here, since only this command needs the extra.
        from ..demo.serve import serve
    except ModuleNotFoundError as exc:
        if exc.name not in _EXTRA:
            raise
        print(
            f'{exc.name} is missing; install it with: python -m pip install "cookiejar-session[demo]"', file=sys.stderr
        )
        return 1
    return serve(host=options.host, port=options.port, keys_from_environment=options.keys_from_environment)


def _parse_port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"port must be a number from 0 to 65535, got {text!r}")
    return int(text)
