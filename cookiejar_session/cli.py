"""The command line: python -m cookiejar_session."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from .keys.key import Key


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status."""
    options = _make_parser().parse_args(arguments)
    if options.command == "keygen":
        return _keygen()
    return _demo(host=options.host, port=options.port, keys_from_environment=options.keys_from_environment)


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cookiejar-session", description="Encrypted cookie sessions, shared by WSGI and ASGI applications."
    )
    commands = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND", required=True)
    commands.add_parser(
        "keygen",
        help="make a key for COOKIEJAR_SESSION_KEYS",
        description="Make a new random key. Print its key text on standard output and its key id on standard error. "
        "The key text is secret: put it in COOKIEJAR_SESSION_KEYS, or in the file that COOKIEJAR_SESSION_KEYS_FILE "
        "names. The key id is public.",
    )
    demo = commands.add_parser(
        "demo",
        help="serve the demonstration on this machine",
        description="Serve an ASGI and a WSGI application that share one session, and show what its cookie holds. The "
        "server makes a key of its own. It prints each event of a session on standard output.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    demo.add_argument("--host", default="localhost", help="host name or address to listen on")
    demo.add_argument("--port", default=8000, type=_parse_port, help="port to listen on; 0 selects a free port")
    demo.add_argument(
        "--keys-from-environment",
        action="store_true",
        help="use the keys of COOKIEJAR_SESSION_KEYS or COOKIEJAR_SESSION_KEYS_FILE instead of a new key",
    )
    return parser


def _parse_port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"port must be a number from 0 to 65535, got {text!r}")
    return int(text)


def _keygen() -> int:
    key = Key.generate()
    print(key.to_text())
    print(f"key id {key.key_id.hex()}", file=sys.stderr)
    return 0


def _demo(*, host: str, port: int, keys_from_environment: bool) -> int:
    try:
        from .demo.serve import serve
    except ModuleNotFoundError as exc:
        if exc.name != "uvicorn":
            raise
        print('uvicorn is missing; install it with: python -m pip install "cookiejar-session[demo]"', file=sys.stderr)
        return 1
    return serve(host=host, port=port, keys_from_environment=keys_from_environment)
