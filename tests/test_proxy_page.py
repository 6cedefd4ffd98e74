"""Run the examples of docs/how-to/behind-a-proxy.md. The programs themselves check the configurations.

nginx and Apache come from the Debian packages nginx and apache2. Where one is missing its test is skipped, but in
continuous integration (CI=true) it fails.
"""

from __future__ import annotations

import os
import re
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import create_connection, create_server
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn
from documents import Page
from fastapi import FastAPI, Request
from page_runner import run_blocks
from server_process import find_free_port, wait_for_port

from cookiejar_session import CookieSessions, Keyring
from cookiejar_session.cli.size_findings import list_limits

PAGE = Page("docs/how-to/behind-a-proxy.md")
(NGINX_EXAMPLE,) = Page("docs/how-to/behind-a-proxy.md").take_blocks("nginx", 1)
(APACHE_EXAMPLE,) = Page("docs/how-to/behind-a-proxy.md").take_blocks("apache", 1)
PYTHON = Page("docs/how-to/behind-a-proxy.md").take_blocks("python", 1)
NGINX, APACHE = "/usr/sbin/nginx", "/usr/sbin/apache2"
APACHE_MODULES = ("mpm_event", "authz_core", "alias", "socache_shmcb", "ssl", "headers", "proxy", "proxy_http")
# In seconds, for a program to read its configuration.
PATIENCE = 60


def test_python_block_runs(tmp_path: Path) -> None:
    run_blocks([block for block in PAGE.blocks if block.language == "python"], tmp_path)


def demand(program: str) -> None:
    if not Path(program).exists():
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell(f"needs the Debian package {Path(program).name}")


def use_own_certificate(example: str, folder: Path) -> str:
    """Make a certificate, and write its files in the place of those of the example."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-subj", "/CN=www.example.com", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    assert (example.count("/etc/ssl/certs/"), example.count("/etc/ssl/private/")) == (1, 1)
    example = re.sub(r"/etc/ssl/certs/[\w.]+\w", str(certificate), example)
    return re.sub(r"/etc/ssl/private/[\w.]+\w", str(key), example)


def write_nginx(example: str, folder: Path, more: str = "") -> list[str]:
    """Write a configuration with these servers, and return the command that reads it."""
    config = folder / "nginx.conf"
    names = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{name}_temp_path {folder}/{name};" for name in names)
    user = "user root; " if os.geteuid() == 0 else ""
    config.write_text(f"{user}{more}pid {folder}/pid; events {{}} http {{ access_log off; {paths}\n{example}\n}}")
    return [NGINX, "-p", str(folder), "-c", str(config)]


def check(command: list[str]) -> str:
    """Return what a program says about its configuration: nothing if it accepts it."""
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return checked.stderr if checked.returncode else ""


def check_nginx(example: str, folder: Path) -> str:
    return check([*write_nginx(example, folder), "-t", "-q", "-e", str(folder / "error.log")])


def test_nginx_accepts_its_example(tmp_path: Path) -> None:
    demand(NGINX)
    example = use_own_certificate(NGINX_EXAMPLE, tmp_path)
    assert check_nginx(example, tmp_path) == ""
    assert "unknown directive" in check_nginx(example.replace("proxy_set_header", "proxy_header"), tmp_path)


@pytest.mark.parametrize("line", ["large_client_header_buffers 4 16k;", "proxy_buffer_size 8k;"])
def test_nginx_accepts_the_lines_for_longer_fields(line: str, tmp_path: Path) -> None:
    demand(NGINX)
    assert f"`{line}`" in PAGE.text
    assert check_nginx(f"server {{ listen 443; {line} }}", tmp_path) == ""


def write_apache(example: str, folder: Path) -> list[str]:
    """Write a configuration with this example, and return the command that reads it."""
    config = folder / "apache.conf"
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in APACHE_MODULES)
    config.write_text(
        f"ServerRoot {folder}\nDefaultRuntimeDir {folder}\nPidFile {folder}/pid\nErrorLog {folder}/error.log\n"
        f"ServerName localhost\n{modules}\nUser www-data\nGroup www-data\n{example}"
    )
    return [APACHE, "-f", str(config)]


def check_apache(example: str, folder: Path) -> str:
    return check([*write_apache(f"Listen 127.0.0.1:443\n{example}", folder), "-t"])


def test_apache_accepts_its_example(tmp_path: Path) -> None:
    demand(APACHE)
    example = use_own_certificate(APACHE_EXAMPLE, tmp_path)
    assert check_apache(f"LimitRequestFieldSize 16380\n{example}", tmp_path) == ""
    assert "Invalid command" in check_apache(example.replace("RequestHeader", "RequestField"), tmp_path)


@pytest.mark.parametrize("module", ["ssl", "headers", "proxy", "proxy_http"])
def test_page_names_the_modules_of_apache(module: str) -> None:
    assert "modules ssl, headers, proxy and proxy_http" in PAGE.prose
    assert module in APACHE_MODULES


def test_table_of_sizes_is_that_of_the_command() -> None:
    limits = list_limits(CookieSessions(Keyring.generate()).settings)
    rows = re.findall(r"^\| (\w+) \| ([\d,]+) octets \| \w+ (.+?) \| `(.+?)` \|$", PAGE.text, re.MULTILINE)
    shown = {(program, int(octets.replace(",", "")), line) for program, octets, _, line in rows}
    wanted = {
        (each.program, each.limit, each.raised_by) for each in limits if each.program not in ("browsers", "uvicorn")
    }
    assert shown == wanted
    assert "by default has 2,660 characters. All of these accept it" in PAGE.prose
    assert all(each.needed <= each.limit for each in limits)


# The examples in front of two applications


def make_app(sessions: CookieSessions[None]) -> FastAPI:
    app = FastAPI()
    app.add_middleware(sessions.asgi)

    @app.post("/login")
    def sign_in(request: Request) -> str:
        sessions.get(request)["user"] = "ada"
        return str(request.base_url)

    @app.get("/api/whoami")
    def show_user(request: Request) -> dict[str, Any]:
        return {"user": sessions.get(request).get("user"), "url": str(request.base_url)}

    return app


@contextmanager
def serve(app: FastAPI) -> Iterator[int]:
    with create_server(("127.0.0.1", 0)) as listener:
        # Forwarded fields of 127.0.0.1 are trusted, as in uvicorn's defaults.
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", access_log=False))
        thread = Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


@contextmanager
def start_proxy(program: str, folder: Path, ports: dict[str, int]) -> Iterator[None]:
    """Start the example of a proxy with other ports."""
    is_nginx = program == NGINX
    example = use_own_certificate(NGINX_EXAMPLE if is_nginx else APACHE_EXAMPLE, folder)
    replaced = {"443": ports["443"], "80": ports["80"], "8000": ports["8000"], "8001": ports["8001"]}
    before = r"(?<=listen )" if is_nginx else r"(?<=\*:)"
    example = re.sub(rf"{before}(443|80)\b|(?<=127\.0\.0\.1:)(8000|8001)\b", lambda it: str(replaced[it[0]]), example)
    if is_nginx:
        command = [*write_nginx(example, folder, "daemon off; "), "-e", str(folder / "error.log")]
    else:
        listen = f"Listen 127.0.0.1:{ports['443']}\nListen 127.0.0.1:{ports['80']}\n"
        command = [*write_apache(listen + example, folder), "-DFOREGROUND"]
    log = folder / "output.log"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            wait_for_port(ports["443"], log, process, seconds=PATIENCE)
            yield
        finally:
            process.terminate()


@pytest.mark.parametrize("program", [NGINX, APACHE], ids=["nginx", "apache2"])
def test_two_applications_behind_the_example_share_the_session(program: str, tmp_path: Path) -> None:
    demand(program)
    keyring, fields = Keyring.generate(), {"Host": "www.example.com"}
    with ExitStack() as stack:
        ports = {name: find_free_port() for name in ("443", "80")}
        for port in ("8000", "8001"):
            ports[port] = stack.enter_context(serve(make_app(CookieSessions(keyring))))
        stack.enter_context(start_proxy(program, tmp_path, ports))
        site = f"https://127.0.0.1:{ports['443']}"
        client = stack.enter_context(httpx.Client(base_url=site, headers=fields, verify=False))  # noqa: S501
        # Each application builds its URLs with https and the host of the visitor.
        assert client.post("/login").json() == "https://www.example.com/"
        assert client.get("/api/whoami").json() == {"user": "ada", "url": "https://www.example.com/"}
        plain = client.get(f"http://127.0.0.1:{ports['80']}/account")
        assert (plain.status_code, plain.headers["location"]) == (301, "https://www.example.com/account")


@contextmanager
def serve_one_upgrade() -> Iterator[int]:
    """Answer one request as a server of websockets does (RFC 6455 1.3), then send back what comes."""
    with create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)

        def answer() -> None:
            connection = listener.accept()[0]
            with connection, connection.makefile("rwb") as stream:
                lines = [line.strip().lower() for line in iter(stream.readline, b"\r\n")]
                is_upgrade = lines[0].endswith(b"http/1.1") and {b"upgrade: websocket", b"connection: upgrade"} <= {
                    *lines
                }
                status = b"101 Switching Protocols" if is_upgrade else b"400 Bad Request"
                stream.write(b"HTTP/1.1 " + status + b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
                stream.flush()
                if is_upgrade:
                    stream.write(stream.read(4))

        thread = Thread(target=answer)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join(PATIENCE)


def test_websocket_passes_through_the_nginx_of_the_example(tmp_path: Path) -> None:
    demand(NGINX)
    ports = {name: find_free_port() for name in ("443", "80", "8001")}
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with ExitStack() as stack:
        ports["8000"] = stack.enter_context(serve_one_upgrade())
        stack.enter_context(start_proxy(NGINX, tmp_path, ports))
        plain = stack.enter_context(create_connection(("127.0.0.1", ports["443"]), PATIENCE))
        connection = stack.enter_context(context.wrap_socket(plain))
        stream = stack.enter_context(connection.makefile("rwb"))
        stream.write(
            b"GET /feed HTTP/1.1\r\nHost: www.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        )
        stream.flush()
        assert next(iter(stream)) == b"HTTP/1.1 101 Switching Protocols\r\n"
        assert b"\r\n" in iter(stream.readline, b"")
        # After this answer, octets pass in both directions.
        stream.write(b"ping")
        stream.flush()
        assert stream.read(4) == b"ping"
