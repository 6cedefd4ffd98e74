"""cli/count_sources.py: files, folders and URLs of --stats; what a message never shows."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from shared_values import NOW

from cookiejar_session import ConfigError, CookieSessions, Keyring
from cookiejar_session.cli import count_sources
from cookiejar_session.cli.argument_values import UsageError
from cookiejar_session.cli.count_formats import render_query
from cookiejar_session.cli.count_sources import read_counts

DAY = 86400
read = partial(read_counts, idle_timeout=14 * DAY, now=NOW)


@pytest.fixture(scope="module")
def snapshot() -> str:
    sessions: CookieSessions[Any] = CookieSessions(Keyring.generate())
    return sessions.stats(now=NOW).to_json()


TEXT = 'cookiejar_session_opened_total{key_id="6fc7081d3e766c36"} 1\n'


def test_file_is_read(tmp_path: Path, snapshot: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(snapshot)
    (counts,) = read([str(file)])
    assert counts.name == f"{file} (process {os.getpid()})"


def test_text_in_a_file_is_as_old_as_the_file(tmp_path: Path) -> None:
    file = tmp_path / "metrics"
    file.write_text(TEXT)
    os.utime(file, (NOW - 500, NOW - 300))
    assert read([str(file)])[0].taken_at == NOW - 300


def test_every_file_of_a_folder_is_read_in_order(tmp_path: Path, snapshot: str) -> None:
    for name in ("b.json", "a.json"):
        tmp_path.joinpath(name).write_text(snapshot)
    tmp_path.joinpath(".hidden").write_text("not read")
    assert [counts.name.split(" ")[0] for counts in read([str(tmp_path)])] == [
        str(tmp_path / "a.json"),
        str(tmp_path / "b.json"),
    ]


def test_several_places_are_read(tmp_path: Path, snapshot: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(snapshot)
    assert len(read([str(file), str(file)])) == 2


def test_file_of_a_folder_that_cannot_be_understood_is_an_error(tmp_path: Path, snapshot: str) -> None:
    """To leave it out would hide a process."""
    tmp_path.joinpath("a.json").write_text(snapshot)
    tmp_path.joinpath("notes").write_text("notes")
    with pytest.raises(ConfigError, match="notes: has no metrics"):
        read([str(tmp_path)])


def test_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no files"):
        read([str(tmp_path)])


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        read([str(tmp_path / "missing")])


def test_folder_inside_a_folder_is_an_error(tmp_path: Path) -> None:
    tmp_path.joinpath("inner").mkdir()
    with pytest.raises(ConfigError, match="Is a directory"):
        read([str(tmp_path)])


def test_long_file_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "metrics"
    file.write_text(TEXT)
    monkeypatch.setattr(count_sources, "MAX_OCTETS", len(TEXT))
    assert len(read([str(file)])) == 1
    monkeypatch.setattr(count_sources, "MAX_OCTETS", len(TEXT) - 1)
    with pytest.raises(ConfigError, match=f"is longer than {len(TEXT) - 1} bytes"):
        read([str(file)])


@pytest.mark.parametrize("name", ["is_dir", "iterdir"])
def test_folder_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, name, refuse)
    with pytest.raises(ConfigError, match=f"^{tmp_path}: Permission denied; name a file or folder that this user can"):
        read([str(tmp_path)])


# URLs


class QuickServer(ThreadingHTTPServer):
    """A server that does not look its own name up, which may take seconds."""

    def server_bind(self) -> None:
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]


class Server:
    """A server on this machine. ``requests`` has what was asked, ``answers`` what a path is answered."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str | None]] = []
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append((self.path, self.headers["Authorization"]))
                outer.answers[urlsplit(self.path).path](self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = QuickServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def answer(self, path: str, text: str, *, status: int = 200, **headers: str) -> None:
        def send(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(text)))
            handler.end_headers()
            handler.wfile.write(text.encode())

        self.answers[path] = send

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    server = Server()
    yield server
    server.close()


def test_url_is_read_and_is_of_now(server: Server) -> None:
    server.answer("/metrics", TEXT)
    (counts,) = read([f"HTTP://{server.host}/metrics?all=1"])
    assert (counts.taken_at, counts.name) == (NOW, f"http://{server.host}/metrics")
    assert server.requests == [("/metrics?all=1", None)]


def test_url_without_a_path_is_read(server: Server) -> None:
    server.answer("/", TEXT)
    assert len(read([f"http://{server.host}"])) == 1


def test_prometheus_is_asked_our_query(server: Server) -> None:
    answer = '{"data": {"resultType": "vector", "result": [{"metric": {"key_id": "x"}, "value": [5, "1"]}]}}'
    server.answer("/prefix/api/v1/query", answer)
    read([f"http://{server.host}/prefix/api/v1/query"])
    assert parse_qs(urlsplit(server.requests[0][0]).query) == {"query": [render_query(14 * DAY)]}


def test_query_of_the_user_is_kept(server: Server) -> None:
    answer = '{"data": {"resultType": "vector", "result": [{"metric": {"key_id": "x"}, "value": [5, "1"]}]}}'
    server.answer("/api/v1/query", answer)
    read([f"http://{server.host}/api/v1/query?query=up"])
    assert server.requests[0][0] == "/api/v1/query?query=up"


def test_password_is_sent_and_never_shown(server: Server) -> None:
    server.answer("/metrics", TEXT)
    url = f"http://ada:s%40cret@{server.host}/metrics"
    (counts,) = read([url])
    assert counts.name == f"http://{server.host}/metrics"
    assert server.requests[0][1] == f"Basic {base64.b64encode(b'ada:s@cret').decode()}"
    server.answer("/metrics", "", status=500)
    with pytest.raises(ConfigError) as caught:
        read([f"{url}?token=hidden"])
    assert [text for text in ("cret", "ada", "hidden") if text in str(caught.value)] == []


def test_name_without_a_password_is_sent(server: Server) -> None:
    server.answer("/metrics", TEXT)
    read([f"http://ada@{server.host}/metrics"])
    assert server.requests[0][1] == f"Basic {base64.b64encode(b'ada:').decode()}"


def test_password_is_not_sent_where_the_server_redirects_to(server: Server) -> None:
    server.answer("/metrics", "", status=302, Location=f"http://{server.host}/other")
    server.answer("/other", TEXT)
    read([f"http://ada:secret@{server.host}/metrics"])
    assert [authorization is None for _, authorization in server.requests] == [False, True]


def test_error_of_the_server_is_named(server: Server) -> None:
    server.answer("/metrics", "secret page", status=403)
    with pytest.raises(ConfigError, match="the server answers 403") as caught:
        read([f"http://{server.host}/metrics"])
    assert "secret" not in str(caught.value)


def test_long_answer_is_an_error(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answer("/metrics", TEXT)
    monkeypatch.setattr(count_sources, "MAX_OCTETS", 10)
    with pytest.raises(ConfigError, match="is longer than 10 bytes"):
        read([f"http://{server.host}/metrics"])


def test_server_that_does_not_listen_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ConfigError, match=rf"^http://{host}/metrics: cannot be read \(ConnectionRefusedError\)"):
            read([f"http://ada:secret@{host}/metrics"])


def test_server_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(count_sources, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ConfigError, match=r"cannot be read \(TimeoutError\)"):
            read([f"http://{host}/metrics"])


def test_answer_that_is_no_http_is_an_error(server: Server) -> None:
    server.answers["/metrics"] = lambda handler: handler.wfile.write(b"hello\r\n\r\n") and None
    with pytest.raises(ConfigError, match=r"cannot be read \(BadStatusLine\)"):
        read([f"http://{server.host}/metrics"])


@pytest.mark.parametrize(
    "url", ["http://[::1/metrics", "http://ada:secret@host:port/", "http://", "http://ada:secret@/", "http://a b/"]
)
def test_malformed_url_is_an_error_without_its_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(ConfigError) as caught:
        read([url])
    assert "secret" not in str(caught.value)


def test_malformed_url_is_a_wrong_command_line() -> None:
    with pytest.raises(UsageError, match="--stats: the URL is malformed; write it as http://HOST/PATH"):
        read(["http://[::1/metrics"])


def test_a_redirect_never_reads_a_file(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "metrics"
    file.write_text(TEXT)
    server.answer("/metrics", "", status=302, Location=file.as_uri())
    with pytest.raises(ConfigError, match="the server answers 302"):
        read([f"http://{server.host}/metrics"])
