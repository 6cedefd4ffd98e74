"""Keys that change while real servers run: workers that are forked before or after, threads, and SIGHUP."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from server_list import Server
from server_process import DEADLINE, PAUSE, start_server, wait_for
from shared_rings import KEYS, A, B, C

from cookiejar_session import CookieSessions, Keyring

GUNICORN = ("gunicorn", "--no-control-socket", "--bind=127.0.0.1:{port}", "--workers=2")
WSGI, ASGI = "live_keys_app:wsgi_app", "live_keys_app:asgi_app"
SERVERS = {
    "gunicorn-preload": (*GUNICORN, "--preload", WSGI),
    "gunicorn-preload-threads": (*GUNICORN, "--preload", "--worker-class=gthread", "--threads=4", WSGI),
    "gunicorn-workers": (*GUNICORN, WSGI),
    "uvicorn-workers": ("uvicorn", "--port={port}", "--workers=2", ASGI),
    "uvicorn": ("uvicorn", "--port={port}", ASGI),
}
FIRST, BOTH = A, f"{B} {A}"
KEY_IDS = [key.key_id.hex() for key in KEYS]


class Running(NamedTuple):
    """A server, the file of its ring, and what it prints."""

    url: str
    ring: Path
    log: Path
    process: subprocess.Popen[bytes]

    def rotate(self, text: str = BOTH) -> None:
        """Replace the ring in one step."""
        new = self.ring.with_name("next")
        new.write_text(text)
        new.replace(self.ring)

    def ask(self, cookie: str = "") -> dict[str, Any]:
        # A connection of its own: the next worker may take the next request.
        response = httpx.get(self.url, headers={"Cookie": cookie, "Connection": "close"}, timeout=30)
        assert response.status_code == 200
        answer: dict[str, Any] = response.json()
        return answer

    def ask_until(self, is_found: Any, cookie: str = "") -> list[dict[str, Any]]:
        """Ask until ``is_found`` is true of the answers so far."""
        answers: list[dict[str, Any]] = []
        until = time.monotonic() + DEADLINE
        while not is_found(answers):
            assert time.monotonic() < until, (answers[-3:], self.log.read_text())
            try:
                answers.append(self.ask(cookie))
            except httpx.TransportError:
                # A worker that is being replaced.
                assert self.process.poll() is None, self.log.read_text()
            if not is_found(answers):
                self.pause()
        return answers

    def pause(self) -> None:
        try:
            self.process.wait(PAUSE)
        except subprocess.TimeoutExpired:
            return
        raise AssertionError(self.log.read_text())


@contextmanager
def start(name: str, folder: Path, *options: str, **environment: str) -> Iterator[Running]:
    ring = folder / "ring"
    ring.write_text(FIRST)
    *command, app = SERVERS[name]
    server = Server(name, command[0], "", (*command, *options, app))
    variables = {"RING": str(ring), "PYTHONWARNINGS": "default", "PYTHONUNBUFFERED": "1", **environment}
    running = start_server(server, folder=folder / name, environment=variables, upstream="", with_line=False)
    with running as (url, log, process):
        wait_for(url, log, process, until=time.monotonic() + DEADLINE)
        yield Running(url, ring, log, process)
        assert not [line for line in log.read_text().splitlines() if "Traceback" in line or "fork" in line]


def make_cookie(text: str) -> str:
    return CookieSessions(Keyring.parse(text)).mint({"user": "ada"}).header


def count_workers(answers: list[dict[str, Any]]) -> int:
    return len({answer["process"] for answer in answers})


@pytest.mark.parametrize("source", ["file", "function"])
@pytest.mark.parametrize("name", ["gunicorn-preload", "gunicorn-preload-threads", "uvicorn-workers"])
def test_every_worker_follows_a_rotation(name: str, source: str, tmp_path: Path) -> None:
    with start(name, tmp_path, SOURCE=source) as server:
        old, new = make_cookie(FIRST), make_cookie(BOTH)
        answers = server.ask_until(lambda found: count_workers(found) == 2, old)
        assert {answer["user"] for answer in answers} == {"ada"}
        assert {answer["threads at start"] for answer in answers} == {0}
        server.rotate()
        # The new key is found after a second, or at the second look. The old cookie stays valid all the time.
        server.ask_until(lambda found: count_workers([each for each in found if each["user"]]) == 2, new)
        answers = server.ask_until(lambda found: count_workers(found) == 2, old)
        assert {answer["user"] for answer in answers} == {"ada"}
        server.rotate("not a ring")
        # An unknown key is the quickest way to another look.
        server.ask_until(lambda _: "the previous keys stay in use" in server.log.read_text(), make_cookie(C))
        answers = server.ask_until(lambda found: count_workers(found) == 2, new)
        assert {answer["user"] for answer in answers} == {"ada"}


def has_ring(ids: list[str]) -> Any:
    return lambda answers: bool(answers) and answers[-1]["ring"] == ids


@pytest.mark.parametrize("source", ["file", "function"])
def test_uvicorn_reloads_at_sighup_and_serves_on(source: str, tmp_path: Path) -> None:
    with start("uvicorn", tmp_path, SOURCE=source, EVERY="86400", RELOAD_SIGNAL="") as server:
        before = server.ask()
        server.rotate()
        server.process.send_signal(signal.SIGHUP)
        answers = server.ask_until(has_ring(KEY_IDS[1::-1]))
        assert {answer["process"] for answer in answers} == {before["process"]}
        server.rotate("not a ring")
        server.process.send_signal(signal.SIGHUP)
        server.ask_until(lambda _: "the previous keys stay in use" in server.log.read_text())
        assert server.ask()["ring"] == KEY_IDS[1::-1]


@pytest.mark.parametrize("name", ["gunicorn-workers", "uvicorn-workers"])
def test_sighup_to_the_parent_replaces_the_workers_and_they_read_the_ring(name: str, tmp_path: Path) -> None:
    with start(name, tmp_path, SOURCE="function", EVERY="86400") as server:
        before = server.ask_until(lambda found: count_workers(found) == 2)
        old = {answer["process"] for answer in before}
        server.rotate()
        os.kill(server.process.pid, signal.SIGHUP)
        answers = server.ask_until(
            lambda found: count_workers([each for each in found if each["process"] not in old]) == 2
        )
        assert {tuple(each["ring"]) for each in answers if each["process"] not in old} == {tuple(KEY_IDS[1::-1])}


HOOK = """
from live_keys_app import keyring

from cookiejar_session import ConfigError


def post_worker_init(worker):
    try:
        keyring.reload()
    except ConfigError as error:
        worker.log.error("session keys: %s", error)
"""


@pytest.mark.parametrize("has_hook", [True, False])
def test_a_worker_that_is_forked_late_starts_with_a_new_ring_by_the_hook(has_hook: bool, tmp_path: Path) -> None:
    (tmp_path / "gunicorn.conf.py").write_text(HOOK if has_hook else "")
    option = f"--config={tmp_path / 'gunicorn.conf.py'}"
    with start("gunicorn-preload", tmp_path, option, SOURCE="function", EVERY="86400") as server:
        old = {answer["process"] for answer in server.ask_until(lambda found: count_workers(found) == 2)}
        server.rotate()
        os.kill(server.process.pid, signal.SIGTTIN)
        answers = server.ask_until(lambda found: any(each["process"] not in old for each in found))
        (first, *_) = [each for each in answers if each["process"] not in old]
        assert first["ring"] == (KEY_IDS[1::-1] if has_hook else KEY_IDS[:1])
