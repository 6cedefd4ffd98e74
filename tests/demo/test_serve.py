"""Starting and stopping the demonstration server."""

import errno
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from cookiejar_session import Key
from cookiejar_session.demo.event_log import HEADING
from cookiejar_session.demo.serve import open_listeners, render_url, serve


def reach(port: int, *, host: str = "127.0.0.1") -> bool:
    """Return whether something listens on the port."""
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[uvicorn.Config, list[int]]]:
    """The configuration and the ports of each server that ran. Each server ends at once, as with Ctrl-C."""
    calls: list[tuple[uvicorn.Config, list[int]]] = []

    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        calls.append((server.config, [listener.getsockname()[1] for listener in sockets]))
        for listener in sockets:
            listener.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(uvicorn.Server, "run", run)
    return calls


def test_ctrl_c_is_no_failure(runs: list[Any]) -> None:
    assert serve(host="127.0.0.1", port=0) == 0


def test_url_is_printed_with_the_port_that_was_found(runs: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    serve(host="127.0.0.1", port=0)
    ((_, (port,)),) = runs
    assert f"http://127.0.0.1:{port}/\n" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["The server made a random key", "__Host-session", "Chromium and Firefox", "Ctrl-C"])
def test_terminal_explains_key_cookie_and_how_to_stop(
    text: str, runs: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    serve(host="127.0.0.1", port=0)
    assert text in capsys.readouterr().out


def test_keys_of_the_environment_are_not_used_unasked(runs: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", "not a key at all")
    assert serve(host="127.0.0.1", port=0) == 0


def test_keys_of_the_environment_are_used_when_asked_for(
    runs: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    assert serve(host="127.0.0.1", port=0, keys_from_environment=True) == 0
    assert "The keys come from the environment" in capsys.readouterr().out


def test_missing_keys_in_the_environment_are_an_error(
    runs: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS", raising=False)
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS_FILE", raising=False)
    assert serve(host="127.0.0.1", port=0, keys_from_environment=True) == 1
    assert capsys.readouterr().err.startswith("COOKIEJAR_SESSION_KEYS is not set")
    assert runs == []


def test_columns_of_the_event_log_are_named(runs: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    serve(host="127.0.0.1", port=0)
    assert capsys.readouterr().out.endswith(f"\n{HEADING}\n")


def test_port_in_use_is_named_with_a_free_one(taken_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(host="127.0.0.1", port=taken_port) == 1
    found = re.fullmatch(
        rf"port {taken_port} is already in use; use a free port: "
        r"python -m cookiejar_session demo --host 127\.0\.0\.1 --port (\d+)\n",
        capsys.readouterr().err,
    )
    assert found is not None
    assert found.group(1) != str(taken_port)
    assert not reach(int(found.group(1)))


def test_command_for_a_free_port_keeps_the_keys_from_the_environment(
    taken_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    serve(host="127.0.0.1", port=taken_port, keys_from_environment=True)
    assert "demo --keys-from-environment --host 127.0.0.1 --port " in capsys.readouterr().err


def test_command_for_localhost_needs_no_host(taken_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    serve(host="localhost", port=taken_port)
    assert "demo --port " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("host", "problem"),
    [
        ("a..b", "not a host name"),
        # TEST-NET-1 (RFC 5737): no machine has it.
        ("192.0.2.1", "Cannot assign requested address"),
    ],
)
def test_host_that_cannot_be_listened_on_is_named(host: str, problem: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(host=host, port=0) == 1
    assert f"cannot listen on {host} port 0: {problem}" in capsys.readouterr().err


def fake_addresses(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Makes every host name have ``addresses``."""
    families = [socket.AF_INET6 if ":" in address else socket.AF_INET for address in addresses]
    found = [(family, 1, 6, "", (address, 0)) for family, address in zip(families, addresses, strict=True)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)


def test_address_that_the_machine_lacks_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_addresses(monkeypatch, "192.0.2.1", "127.0.0.1")
    (listener,) = open_listeners("localhost", 0)
    with listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_address_that_comes_twice_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_addresses(monkeypatch, "127.0.0.1", "127.0.0.1")
    (listener,) = open_listeners("localhost", 0)
    listener.close()


def test_all_addresses_of_a_host_get_one_port(monkeypatch: pytest.MonkeyPatch) -> None:
    fake_addresses(monkeypatch, "127.0.0.1", "127.0.0.2")
    first, second = open_listeners("localhost", 0)
    with first, second:
        assert first.getsockname()[1] == second.getsockname()[1]


def test_response_does_not_wait_for_acknowledgements() -> None:
    (listener,) = open_listeners("127.0.0.1", 0)
    with listener, socket.create_connection(listener.getsockname()), listener.accept()[0] as connection:
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_no_listener_stays_open_where_one_address_is_taken(monkeypatch: pytest.MonkeyPatch, taken_port: int) -> None:
    fake_addresses(monkeypatch, "127.0.0.2", "127.0.0.1")
    with pytest.raises(OSError, match=f"Errno {errno.EADDRINUSE}"):
        open_listeners("localhost", taken_port)
    assert not reach(taken_port, host="127.0.0.2")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("localhost", "http://localhost:8000/"),
        ("::1", "http://[::1]:8000/"),
        ("0.0.0.0", "http://localhost:8000/"),  # noqa: S104
        ("::", "http://localhost:8000/"),
        ("", "http://localhost:8000/"),
        ("demo.example", "http://demo.example:8000/"),
    ],
)
def test_url_is_one_that_a_browser_can_open(host: str, url: str) -> None:
    assert render_url(host, 8000) == url


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to a process")
def test_ctrl_c_ends_a_real_server_with_an_open_connection() -> None:
    command = [sys.executable, "-m", "cookiejar_session", "demo", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            connection.recv(1)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=10) == 0
        assert process.stderr.read() == ""
