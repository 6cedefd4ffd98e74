"""The servers that the tests start and measure.py tables. Knows no tests."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import NamedTuple

ASGI, WSGI = "fastapi_app:app", "flask_app:app"
# Where Debian puts it, which is not on everybody's path.
NGINX = "/usr/sbin/nginx"

# Debian's own nginx.conf, with what has to stand in a test's folder, and one location that passes all on.
NGINX_CONFIG = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events { worker_connections 768; }
http {
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    default_type application/octet-stream;
    access_log off;
    gzip on;
    server {
        listen 127.0.0.1:{port};
        location / {
            proxy_pass http://127.0.0.1:{upstream};
            {more}
        }
    }
}
"""


class Server(NamedTuple):
    """A server, how to start it, and what it needs to carry the longest token.

    In ``command``, ``config`` and ``line`` {port}, {folder} and {upstream} stand for what a start gives. A command
    without a path is a module of Python. ``line`` is an argument; where there is a ``config`` it stands there.
    """

    name: str
    package: str
    interface: str
    command: tuple[str, ...]
    http2: bool = False
    # uWSGI closes its connections without saying so: a client that sends on one in that moment gets no answer.
    keeps_connections: bool = True
    config: str | None = None
    line: str | None = None
    upstream: str | None = None

    @property
    def version(self) -> str:
        if self.package == "nginx":
            return (
                subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr.split("/")[1].strip()
            )
        if self.package == "wsgiref":
            return f"of Python {python_version()}"
        return version(self.package)

    @property
    def is_installed(self) -> bool:
        return self.package != "nginx" or Path(NGINX).exists()


SERVERS = {
    server.name: server
    for server in (
        Server("uvicorn-h11", "uvicorn", "ASGI", ("uvicorn", "--port={port}", "--http=h11", ASGI)),
        Server("uvicorn-httptools", "uvicorn", "ASGI", ("uvicorn", "--port={port}", "--http=httptools", ASGI)),
        Server("hypercorn-asgi", "hypercorn", "ASGI", ("hypercorn", "--bind=127.0.0.1:{port}", ASGI), http2=True),
        Server(
            "hypercorn-wsgi",
            "hypercorn",
            "WSGI",
            ("hypercorn", "--bind=127.0.0.1:{port}", f"wsgi:{WSGI}"),
            http2=True,
        ),
        Server(
            "hypercorn-a2wsgi",
            "hypercorn",
            "WSGI in ASGI",
            ("hypercorn", "--bind=127.0.0.1:{port}", "flask_app:asgi_app"),
            http2=True,
        ),
        Server("granian-asgi", "granian", "ASGI", ("granian", "--port={port}", "--interface=asgi", ASGI), http2=True),
        Server("granian-wsgi", "granian", "WSGI", ("granian", "--port={port}", "--interface=wsgi", WSGI), http2=True),
        Server("daphne", "daphne", "ASGI", ("daphne", "--bind=127.0.0.1", "--port={port}", ASGI)),
        Server(
            "gunicorn-sync", "gunicorn", "WSGI", ("gunicorn", "--no-control-socket", "--bind=127.0.0.1:{port}", WSGI)
        ),
        Server(
            "gunicorn-gthread",
            "gunicorn",
            "WSGI",
            (
                "gunicorn",
                "--no-control-socket",
                "--bind=127.0.0.1:{port}",
                "--worker-class=gthread",
                "--threads=2",
                WSGI,
            ),
        ),
        Server(
            "gunicorn-asgi",
            "gunicorn",
            "ASGI",
            ("gunicorn", "--no-control-socket", "--bind=127.0.0.1:{port}", "--worker-class=asgi", ASGI),
        ),
        Server("waitress", "waitress", "WSGI", ("waitress", "--listen=127.0.0.1:{port}", WSGI)),
        Server(
            "uwsgi",
            "pyuwsgi",
            "WSGI",
            ("pyuwsgi", "--http-socket=127.0.0.1:{port}", "--module=flask_app", "--callable=app", "--master"),
            keeps_connections=False,
            line="--buffer-size=8192",
        ),
        Server("wsgiref", "wsgiref", "WSGI", ("wsgiref_server", "{port}")),
        Server(
            "nginx",
            "nginx",
            "proxy",
            (NGINX, "-c", "{folder}/config", "-e", "stderr", "-g", "daemon off;"),
            config=NGINX_CONFIG,
            line="proxy_buffer_size 8k;",
            upstream="uvicorn-h11",
        ),
    )
}
