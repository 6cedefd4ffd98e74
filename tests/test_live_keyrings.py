"""Keys that change under load, over both stacks: no request fails, and none sees a part of a ring."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pytest
from shared_values import NOW

from cookiejar_session import CookieSessions, Key, Keyring

# A client sends its next request with the cookie that it got, so that its key is one of the newest.
KEYS_IN_A_RING = 8
VISITORS = 8
REQUESTS_OF_A_VISITOR = 60
# By how many requests a visitor may be ahead of the last swap.
FARTHEST_AHEAD = 4
PATIENCE = 60


class Rotation:
    """Rings of keys, each with a new primary key, in the order of a rotation. ``rings`` holds those that were made."""

    def __init__(self) -> None:
        self._numbers = itertools.count()
        self._keys: list[Key] = []
        self.rings: set[tuple[bytes, ...]] = set()

    def make_next(self) -> str:
        number = next(self._numbers)
        self._keys.insert(0, Key(blake2b(b"key %d" % number, digest_size=32).digest()))
        del self._keys[KEYS_IN_A_RING:]
        self.rings.add(tuple(key.key_id for key in self._keys))
        return "\n".join(key.to_text() for key in self._keys) + "\n"


class Store(Protocol):
    """Where the ring is kept."""

    def make_keyring(self) -> Keyring: ...
    def put(self, text: str) -> None: ...


class RenamedFile:
    """A file that is replaced by a rename, as ``keyring rotate --in-place`` does it."""

    def __init__(self, folder: Path, text: str) -> None:
        self._path, self._next = folder / "ring", folder / "next"
        self._path.write_text(text)

    def make_keyring(self) -> Keyring:
        return Keyring.from_file(self._path)

    def put(self, text: str) -> None:
        self._next.write_text(text)
        self._next.replace(self._path)


class KubernetesVolume:
    """A mounted Secret: ring -> ..data/ring, ..data -> ..N. As the kubelet does it, a new folder is written, the link
    ``..data`` is replaced by a rename, and the old folder is removed."""

    def __init__(self, folder: Path, text: str) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._current: Path | None = None
        self.put(text)
        (folder / "ring").symlink_to("..data/ring")

    def make_keyring(self) -> Keyring:
        return Keyring.from_file(self._folder / "ring")

    def put(self, text: str) -> None:
        new = self._folder / f"..{next(self._numbers)}"
        new.mkdir()
        (new / "ring").write_text(text)
        link = self._folder / "..data_tmp"
        link.symlink_to(new.name)
        link.replace(self._folder / "..data")
        if self._current is not None:
            shutil.rmtree(self._current)
        self._current = new


class Manager:
    """A secret manager that is asked by a function."""

    def __init__(self, folder: Path, text: str) -> None:
        self._text = text

    def make_keyring(self) -> Keyring:
        self._keyring = Keyring.from_callable(lambda: self._text)
        return self._keyring

    def put(self, text: str) -> None:
        self._text = text
        self._keyring.reload()


STORES: list[Callable[[Path, str], Store]] = [RenamedFile, KubernetesVolume, Manager]


@pytest.fixture
def quick_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock of the wrappers that is ten seconds later at each look, so that each request checks the source."""
    moments = itertools.count(NOW + 10, 10)
    for module in ("wsgi", "asgi"):
        monkeypatch.setattr(f"cookiejar_session.{module}.time", SimpleNamespace(time=lambda: next(moments)))


class Application:
    """Counts the visits of a session, and notes each ring that was never whole in the store."""

    def __init__(self, sessions: CookieSessions[None], rotation: Rotation) -> None:
        self._sessions = sessions
        self._rotation = rotation
        self.faults: list[object] = []

    def visit(self, carrier: Any) -> bytes:
        session = self._sessions.get(carrier)
        session["visits"] = session.get("visits", 0) + 1
        source: Any = self._sessions.settings.keyring._source
        ring = tuple(entry.key.key_id for entry in source.state.ring.entries)
        if ring not in self._rotation.rings:
            self.faults.append(ring)
        return str(session["visits"]).encode()

    def wsgi(self, environ: Any, start_response: Any) -> list[bytes]:
        body = self.visit(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body]

    async def asgi(self, scope: Any, receive: Any, send: Any) -> None:
        body = self.visit(scope)
        await asyncio.sleep(0)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})


class Swapper:
    """Swaps the ring in a thread of its own while the requests are served.

    It swaps when each visitor has got a cookie under the last ring but one: a rotation leaves visitors this time. A
    visitor who is far ahead waits for the swap, so that a thread that gets little time swaps as often.
    """

    def __init__(self, store: Store, rotation: Rotation) -> None:
        self._store, self._rotation = store, rotation
        self._step = threading.Condition()
        self._requests = [0] * VISITORS
        self._fewest = 0
        self._swapped_at = 0

    def count_request(self, visitor: int) -> None:
        with self._step:
            self._requests[visitor] += 1
            self._step.notify_all()

    def is_late_for(self, visitor: int) -> bool:
        return self._requests[visitor] > self._swapped_at + FARTHEST_AHEAD

    def wait_for_swap(self, visitor: int) -> None:
        with self._step:
            assert self._step.wait_for(lambda: not self.is_late_for(visitor), PATIENCE)

    def run(self) -> None:
        while self._fewest < REQUESTS_OF_A_VISITOR:
            with self._step:
                assert self._step.wait_for(self._is_due, PATIENCE)
                self._fewest = min(self._requests)
            self._store.put(self._rotation.make_next())
            with self._step:
                self._swapped_at = self._fewest
                self._step.notify_all()

    def _is_due(self) -> bool:
        fewest = min(self._requests)
        return fewest > self._fewest + 1 or fewest == REQUESTS_OF_A_VISITOR


def serve_wsgi(app: Any, stack: Any, swapper: Swapper) -> list[int]:
    """Serve the visitors in threads. Returns how often each was counted."""

    def visit(visitor: int) -> int:
        cookie = ""
        for _ in range(REQUESTS_OF_A_VISITOR):
            outcome = stack.serve(app, stack.make_request((cookie,) if cookie else ()), validates=False)
            assert outcome.status == 200
            cookie = outcome.cookie
            swapper.count_request(visitor)
            swapper.wait_for_swap(visitor)
        return int(outcome.body)

    with ThreadPoolExecutor(VISITORS) as pool:
        return list(pool.map(visit, range(VISITORS)))


def serve_asgi(app: Any, stack: Any, swapper: Swapper) -> list[int]:
    """Serve the visitors in one event loop."""

    async def visit(visitor: int) -> int:
        cookie = ""
        for _ in range(REQUESTS_OF_A_VISITOR):
            sent: list[Any] = []

            async def send(message: Any, sent: list[Any] = sent) -> None:
                sent.append(message)

            await app(stack.make_request((cookie,) if cookie else ()), None, send)
            start, body = sent
            assert start["status"] == 200
            (field,) = (value for name, value in start["headers"] if name == b"set-cookie")
            cookie = field.decode().split(";")[0]
            swapper.count_request(visitor)
            while swapper.is_late_for(visitor):
                await asyncio.sleep(0.001)
        return int(body["body"])

    async def visit_all() -> list[int]:
        return await asyncio.gather(*(visit(visitor) for visitor in range(VISITORS)))

    return asyncio.run(visit_all())


@pytest.mark.parametrize("make_store", STORES)
def test_every_request_keeps_its_session_while_the_ring_is_swapped(
    make_store: Callable[[Path, str], Store],
    harness: Any,
    quick_clock: None,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "cookiejar_session")
    rotation = Rotation()
    store = make_store(tmp_path, rotation.make_next())
    sessions = CookieSessions(store.make_keyring())
    application, swapper = Application(sessions, rotation), Swapper(store, rotation)
    thread = threading.Thread(target=swapper.run)
    thread.start()
    if harness.stack.name == "wsgi":
        visits = serve_wsgi(sessions.wsgi(application.wsgi), harness.stack, swapper)
    else:
        visits = serve_asgi(sessions.asgi(application.asgi), harness.stack, swapper)
    thread.join(PATIENCE)
    assert visits == [REQUESTS_OF_A_VISITOR] * VISITORS
    assert application.faults == []
    # Requests used several of the rings.
    swapped = [message for message in caplog.messages if " read again: " in message]
    assert len(swapped) >= 2
    assert [record.getMessage() for record in caplog.records if record.levelno > logging.INFO] == []


def test_a_store_that_is_broken_for_a_while_signs_nobody_out(
    harness: Any, quick_clock: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rotation = Rotation()
    first = rotation.make_next()
    store = KubernetesVolume(tmp_path, first)
    sessions = CookieSessions(store.make_keyring())
    cookie = sessions.mint({"user": "ada"}, now=NOW).header
    users: list[object] = []
    for text in ("", first[:-2], f"{first}{first}", "\udcff", rotation.make_next()):
        store.put(text.encode("utf-8", "surrogateescape").decode("latin-1"))
        harness.request(sessions, lambda session: users.append(session.get("user")), cookie=cookie)
    assert users == ["ada"] * 5
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 4 + ["WARNING"]


def test_a_volume_changes_its_files_by_links_alone(tmp_path: Path) -> None:
    volume = KubernetesVolume(tmp_path, "one")
    before = os.readlink(tmp_path / "ring")
    volume.put("two")
    assert (os.readlink(tmp_path / "ring"), (tmp_path / "ring").read_text()) == (before, "two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["..1", "..data", "ring"]
