"""Start the demonstration server: open the listening sockets and run uvicorn."""

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
from .rotating_keyring import RotatingKeyring
from .stage import Stage

DEFAULT_HOST = "localhost"
# A machine without IPv6 may still resolve localhost to ::1.
_NO_SUCH_ADDRESS = errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT
# These hosts stand for all addresses of this machine. A browser cannot open them, so the URL has localhost.
_EVERY_ADDRESS = "0.0.0.0", "::", ""  # noqa: S104

WELCOME = """\
Open the demonstration of cookiejar-session in a browser: {url}

{keys}
The cookie __Host-session is Secure. Chromium and Firefox accept it on http://localhost, Safari does not.
Press Ctrl-C to stop the server. Each line below is one event of a session.
"""
OWN_KEYS = (
    "The server made a random key. Only this process has the key, so no other process can read these sessions, "
    "and they end when the server stops."
)
KEYS_FROM_ENVIRONMENT = (
    "The keys come from the environment. Every application that has these keys can read the sessions of this server, "
    "and this server can read theirs."
)


def serve(*, host: str, port: int, keys_from_environment: bool = False) -> int:
    """Run the server until Ctrl-C. Port 0 selects a free port.

    Returns the exit status: 0, or 1 if the server cannot listen on the port or the keys are missing or invalid.
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
    # Every response takes less than a second, so Ctrl-C need not wait longer for open connections.
    config = uvicorn.Config(app, lifespan="off", ws="none", log_level="warning", timeout_graceful_shutdown=1)
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=listeners)
    return 0


def open_listeners(host: str, port: int) -> list[socket.socket]:
    """Open a listening socket on each address of ``host``, all on one port. Port 0 selects a free port.

    localhost usually has two addresses, 127.0.0.1 and ::1. Raises OSError if no socket can be opened or the port is in
    use on one of the addresses.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except UnicodeError:  # Python cannot encode a name such as a..b
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
                # Without TCP_NODELAY a response takes 40 ms. Connections inherit it from this socket, and asyncio
                # does not set it on a socket that it did not open.
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                listeners.append(listener)
                port = listener.getsockname()[1]
        if not listeners:
            raise problem
        opened.pop_all()
    return listeners


def describe_problem(exc: OSError, *, host: str, port: int, option: str = "") -> str:
    """Explain why the server cannot listen. If the port is in use, add a command with a free port.

    ``option`` is added to the command.
    """
    if exc.errno != errno.EADDRINUSE:
        return f"cannot listen on {host} port {port}: {exc.strerror}"
    listeners = open_listeners(host, 0)
    free = listeners[0].getsockname()[1]
    for listener in listeners:
        listener.close()
    if host != DEFAULT_HOST:
        option += f" --host {host}"
    return f"port {port} is already in use; use a free port: python -m cookiejar_session demo{option} --port {free}"


def render_url(host: str, port: int) -> str:
    """Return the URL of the page for a browser on this machine."""
    if host in _EVERY_ADDRESS:
        host = DEFAULT_HOST
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
