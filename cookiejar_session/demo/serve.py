"""Serves the demonstration with uvicorn. Knows nothing of what it shows."""

from __future__ import annotations

import errno
import os
import socket
import sys
from contextlib import ExitStack, suppress

import uvicorn

from ..errors import ConfigError
from ..keys.keyring import Keyring
from .app import make_app
from .event_log import EventLog
from .rotation import RotatingKeyring
from .stage import Stage

DEFAULT_HOST = "localhost"
# A machine without IPv6 may still name ::1 for localhost.
_NO_SUCH_ADDRESS = errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT
# Hosts that mean every address of this machine; localhost is the one that browsers can open.
_EVERY_ADDRESS = "0.0.0.0", "::", ""  # noqa: S104

WELCOME = """\
The demonstration of cookiejar-session: {url}

{keys}
Its cookie __Host-session is Secure. Chromium and Firefox take that on http://localhost, Safari does not.
Press Ctrl-C to end it.
"""
OWN_KEYS = "It made a key for itself, which ends with it: no other process can read its sessions, and none outlives it."
KEYS_FROM_ENVIRONMENT = "Its keys are from the environment: whoever has them too can read its sessions, and it theirs."


def serve(*, host: str, port: int, keys_from_environment: bool = False) -> int:
    """Serves until Ctrl-C and returns the exit status: 1 if it cannot listen there, or there are no keys to be had.

    Port 0 takes any free port.
    """
    try:
        keyring = Keyring.from_environment() if keys_from_environment else RotatingKeyring()
        listeners = open_listeners(host, port)
    except ConfigError as exc:
        print(exc, file=sys.stderr)
        return 1
    except OSError as exc:
        option = " --keys-from-environment" if keys_from_environment else ""
        print(describe_problem(exc, host=host, port=port, option=option), file=sys.stderr)
        return 1
    url = render_url(host, listeners[0].getsockname()[1])
    print(WELCOME.format(url=url, keys=KEYS_FROM_ENVIRONMENT if keys_from_environment else OWN_KEYS), flush=True)
    log = EventLog(sys.stdout)
    log.write_heading()
    app = make_app(Stage(keyring, listener=log.write_event))
    # No page takes a second, so that Ctrl-C need not wait for more.
    config = uvicorn.Config(app, lifespan="off", ws="none", log_level="warning", timeout_graceful_shutdown=1)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=listeners)
    return 0


def open_listeners(host: str, port: int) -> list[socket.socket]:
    """Listening sockets at all addresses of ``host``, which for localhost are two; OSError if there can be none."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except UnicodeError:  # such as a..b, which Python does not ask the system for
        raise OSError(errno.EINVAL, "not a host name") from None
    problem = OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    listeners: list[socket.socket] = []
    with ExitStack() as opened:
        for family, address in dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found):
            try:
                listener = opened.enter_context(socket.create_server((address, port), family=family))
            except OSError as exc:
                if exc.errno not in _NO_SUCH_ADDRESS:
                    raise
                problem = exc
            else:
                # Connections inherit it; asyncio sets it only where it made the socket. Without it a page takes 40 ms.
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                listeners.append(listener)
                port = listener.getsockname()[1]
        if not listeners:
            raise problem
        opened.pop_all()
    return listeners


def describe_problem(exc: OSError, *, host: str, port: int, option: str = "") -> str:
    """Why nothing can listen there, and for a port that is taken a command that works, with a further ``option``."""
    if exc.errno != errno.EADDRINUSE:
        return f"cannot listen on {host} port {port}: {exc.strerror}"
    listeners = open_listeners(host, 0)
    free = listeners[0].getsockname()[1]
    for listener in listeners:
        listener.close()
    if host != DEFAULT_HOST:
        option += f" --host {host}"
    return f"port {port} is taken, {free} is free: python -m cookiejar_session demo{option} --port {free}"


def render_url(host: str, port: int) -> str:
    """What to open in a browser on this machine."""
    if host in _EVERY_ADDRESS:
        host = DEFAULT_HOST
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
