"""Run the examples of docs/how-to/behind-a-proxy.md. The programs themselves check the configurations.

nginx and Apache come from the Debian packages nginx and apache2. Where one is missing its test is skipped, but in
continuous integration (CI=true) it fails.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from documents import Page
from page_runner import run_blocks

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


def check_nginx(example: str, folder: Path) -> str:
    """Return what nginx says about a configuration: nothing if it accepts it."""
    config = folder / "nginx.conf"
    paths = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config.write_text(f"pid {folder}/pid; events {{}} http {{ access_log off; {paths}\n{example}\n}}")
    command = [NGINX, "-t", "-q", "-p", str(folder), "-c", str(config), "-e", str(folder / "error.log")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return checked.stderr if checked.returncode else ""


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


def check_apache(example: str, folder: Path) -> str:
    """Return what Apache says about a configuration: nothing if it accepts it."""
    config = folder / "apache.conf"
    modules = "\n".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in APACHE_MODULES)
    config.write_text(
        f"ServerRoot {folder}\nDefaultRuntimeDir {folder}\nErrorLog {folder}/error.log\nServerName localhost\n"
        f"{modules}\nListen 127.0.0.1:80\nListen 127.0.0.1:443\n{example}"
    )
    command = [APACHE, "-t", "-f", str(config)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    return checked.stderr if checked.returncode else ""


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
