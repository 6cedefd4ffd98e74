"""Searches what each test shows for the keys and sids of the run. A test that shows one fails.

A plugin of pytest, which conftest.py registers. It notes the key material, the box keys and the sids that the package
makes in this process, except published keys. It searches all that the test shows: captured output, also what capsys
and capfd gave to the test, log records, events, every repr of the package's objects, the messages of the errors and the
warnings that pytest.raises and pytest.warns caught, and the output of the programs and servers that the test ran. An
error or a warning that is not caught makes the test fail anyway.

A test that shows a secret on purpose has the mark ``shows_secrets`` with the reason.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import subprocess
import sys
import traceback
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from cookiejar_session import cookie_sessions, telemetry
from cookiejar_session.argument_checks import hide_arguments
from cookiejar_session.keys import key
from cookiejar_session.keys.rotation import PUBLISHED_KEY_IDS

MARK = "shows_secrets"
# Octets of a sid (SPEC 5.1).
SID_OCTETS = 16
# A secret is found by its first or its last characters. The shortest text of a sid, in base64url, has 22.
PART = 22
_LONG_WORD = re.compile(rf"\S{{{PART},}}")


class SecretSearch:
    """The secrets of this process, and the texts that the current test has shown, by where it showed them."""

    def __init__(self) -> None:
        self._noted = set[bytes]()
        self._parts = dict[str, str]()
        self._shown = dict[str, set[str]]()

    def note_secret(self, octets: bytes, kind: str) -> None:
        """Search for these octets from now on, written as hex, as base64, as base64url or as Python does."""
        if octets in self._noted:
            return
        self._noted.add(octets)
        texts = octets.hex(), b64encode(octets).decode(), urlsafe_b64encode(octets).decode(), repr(octets)[2:-1]
        for text in texts:
            # The last characters of 32 octets in base64 also hold the checksum in key text.
            bare = text.rstrip("=")[:42] if len(octets) == 32 else text.rstrip("=")
            self._parts[bare[:PART]] = self._parts[bare[-PART:]] = kind

    def note_text(self, text: object, place: str) -> None:
        """Remember a text that the test shows."""
        if text:
            shown = text.decode("latin-1") if isinstance(text, bytes | bytearray) else str(text)
            self._shown.setdefault(place, set()).add(shown)

    def take_findings(self) -> list[str]:
        """Return which secrets were shown, and where. Then forget what was shown."""
        found = {
            f"{self._parts[part]} in {place}"
            for place, texts in self._shown.items()
            for text in texts
            for part in _list_parts(text)
            if part in self._parts
        }
        self._shown = {}
        return sorted(found)


def _list_parts(text: str) -> Iterator[str]:
    for word in _LONG_WORD.findall(text):
        for start in range(len(word) - PART + 1):
            yield word[start : start + PART]


class SecretSearchPlugin:
    """The hooks of pytest."""

    def __init__(self) -> None:
        self.search = SecretSearch()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Make a test fail that showed a secret in any of its phases."""
        report = yield
        if report.when != "teardown":
            return report
        for place, text in report.sections:
            self.search.note_text(text, place)
        _note_server_logs(self.search)
        found = self.search.take_findings()
        if found and item.get_closest_marker(MARK) is None and report.passed:
            report.outcome = "failed"
            report.longrepr = f"the test shows a secret: {'; '.join(found)}. If on purpose, add the mark {MARK}"
        return report


def install(config: pytest.Config) -> SecretSearchPlugin:
    """Register the plugin, and note what the package makes and shows from now on."""
    config.addinivalue_line("markers", f"{MARK}(reason): the test shows a key or a sid on purpose")
    plugin = SecretSearchPlugin()
    config.pluginmanager.register(plugin, "cookiejar_session_secret_search")
    search = plugin.search
    _note_keys(search)
    _note_sids(search)
    _note_results(search, pytest.CaptureFixture, "readouterr", "captured output")
    _note_results(search, subprocess.Popen, "communicate", "the output of a program")
    _note_reprs(search)
    _note_events(search)
    _note_log_records(search)
    _note_errors(search)
    _note_warnings(search)
    return plugin


def _note_keys(search: SecretSearch) -> None:
    original = key.derive

    @hide_arguments
    def derive(material: bytes, /, label: str, *pieces: bytes) -> bytes:
        derived = original(material, label, *pieces)
        if label == "key-id" and derived[:8] not in PUBLISHED_KEY_IDS:
            search.note_secret(material, "a key")
        elif label == "box":
            search.note_secret(derived, "a box key")
        return derived

    key.derive = derive


def _note_sids(search: SecretSearch) -> None:
    def urandom(octets: int, /) -> bytes:
        drawn = os.urandom(octets)
        if octets == SID_OCTETS:
            search.note_secret(drawn, "a sid")
        return drawn

    cookie_sessions.os = SimpleNamespace(urandom=urandom)  # type: ignore[attr-defined]


def _note_results(search: SecretSearch, owner: type, name: str, place: str) -> None:
    """Note what a method returns: a text, or a tuple of texts."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def noting(*args: Any, **options: Any) -> Any:
        result = original(*args, **options)
        for text in result if isinstance(result, tuple) else (result,):
            search.note_text(text, place)
        return result

    setattr(owner, name, noting)


def _note_reprs(search: SecretSearch) -> None:
    for name in [name for name in sys.modules if name.startswith("cookiejar_session")]:
        for owner in vars(sys.modules[name]).values():
            if isinstance(owner, type) and owner.__module__ == name:
                for method in {"__repr__", "__str__"} & vars(owner).keys():
                    _note_results(search, owner, method, f"{method} of {owner.__qualname__}")


def _note_events(search: SecretSearch) -> None:
    original: Callable[..., Any] = telemetry.Event

    def make_event(*args: Any, **fields: Any) -> Any:
        event = original(*args, **fields)
        search.note_text(tuple(event), "an event")
        return event

    telemetry.Event = make_event  # type: ignore[misc, assignment]


def _note_log_records(search: SecretSearch) -> None:
    original = logging.getLogRecordFactory()

    def make_record(*args: Any, **options: Any) -> logging.LogRecord:
        record = original(*args, **options)
        search.note_text(record.getMessage(), "a log record")
        if record.exc_info and record.exc_info[1] is not None:
            search.note_text(_render_error(record.exc_info[1]), "the error of a log record")
        return record

    logging.setLogRecordFactory(make_record)


def _note_errors(search: SecretSearch) -> None:
    original = pytest.RaisesExc.__exit__

    @functools.wraps(original)
    def leave(self: Any, kind: Any, error: Any, *more: Any) -> Any:
        if error is not None:
            search.note_text(_render_error(error), "an error")
        return original(self, kind, error, *more)

    pytest.RaisesExc.__exit__ = leave  # type: ignore[method-assign]


def _note_warnings(search: SecretSearch) -> None:
    original = pytest.WarningsRecorder.__exit__

    @functools.wraps(original)
    def leave(self: Any, *error: Any) -> None:
        for warning in self.list:
            search.note_text(warning.message, "a warning")
        original(self, *error)

    pytest.WarningsRecorder.__exit__ = leave  # type: ignore[method-assign]


def _render_error(error: BaseException) -> str:
    """Return the messages of an error and of its causes. The other lines of a traceback are source lines."""
    messages = traceback.TracebackException(type(error), error, None).format()
    return "".join(messages) + repr(error)


def _note_server_logs(search: SecretSearch) -> None:
    server_process = sys.modules.get("server_process")
    for log in server_process.ENDED_LOGS if server_process is not None else ():
        search.note_text(log.read_bytes(), "the output of a server")
    if server_process is not None:
        server_process.ENDED_LOGS.clear()
