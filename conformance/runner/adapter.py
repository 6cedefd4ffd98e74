"""An adapter as a process: starts it, asks it one thing at a time, ends it. Knows nothing of cases.

Whatever the adapter does, a call returns in time: both pipes and stderr are served by one selector that never blocks.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from .printable import escape
from .strict_json import is_integer, parse_json, render_json

PROTOCOL = 1
# The longest answers hold a token of 3,972 characters and an envelope; whoever says more than this does not answer.
MAX_LINE_OCTETS = 1 << 20
MAX_STDERR_OCTETS = 4096
STOP_SECONDS = 5.0
EXIT_SECONDS = 1.0
_CHUNK = 1 << 16


class AdapterError(Exception):
    """The adapter did not do what the protocol wants; it is in doubt and must be ended."""

    def __init__(self, message: str) -> None:
        # It may quote what the adapter said, down to the names of fields.
        super().__init__(escape(message))


class AnsweredTwiceError(AdapterError):
    """The adapter said something more after it had answered run ``number``."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an adapter says of itself when it starts."""

    name: str
    version: str
    ops: frozenset[str]
    capabilities: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A result, or, in ``error``, why the adapter could not say one."""

    result: dict[str, Any] | None = None
    error: str | None = None


class Adapter:
    """A running adapter, from its first line to its end. Its whole process group ends with it."""

    def __init__(self, command: Sequence[str], *, cwd: Path | None = None) -> None:
        self._buffer = bytearray()
        self._stderr = bytearray()
        self._answered = 0
        # OSError where there is no such program.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            start_new_session=True,
            bufsize=0,
        )
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._stdin_fd, self._stdout_fd, self._stderr_fd = (pipe.fileno() for pipe in pipes if pipe is not None)
        self._selector = selectors.DefaultSelector()
        for descriptor in (self._stdout_fd, self._stderr_fd):
            os.set_blocking(descriptor, False)
            self._selector.register(descriptor, selectors.EVENT_READ)
        os.set_blocking(self._stdin_fd, False)

    def start(self, *, seconds: float) -> Declaration:
        """Says start and takes what the adapter declares."""
        message = self._exchange({"type": "start", "protocol": PROTOCOL}, seconds)
        if message.get("type") != "started":
            raise AdapterError(f"the answer to start has the type {_show(message.get('type'))}, not started")
        _refuse_fields(message, {"type", "protocol", "name", "version", "ops", "capabilities"})
        if not is_integer(message["protocol"]) or message["protocol"] != PROTOCOL:
            raise AdapterError(f"speaks protocol {_show(message['protocol'])}, this runner speaks {PROTOCOL}")
        for field, kind in (("name", str), ("version", str), ("ops", list), ("capabilities", list)):
            if not isinstance(message[field], kind):
                raise AdapterError(f"{field} in started is of another type")
        ops, capabilities = message["ops"], message["capabilities"]
        if not all(isinstance(word, str) for word in [*ops, *capabilities]):
            raise AdapterError("ops or capabilities in started hold what is no text")
        return Declaration(message["name"], message["version"], frozenset(ops), frozenset(capabilities))

    def ask(self, number: int, op: str, given: dict[str, Any], *, seconds: float) -> Answer:
        """The answer to one run. AdapterError for everything that is none."""
        self._refuse_more()
        # What is shown of a run that fails is what was said during it.
        self._drain_stderr()
        self._stderr.clear()
        message = self._exchange({"type": "run", "number": number, "op": op, "input": given}, seconds)
        kind, found = message.get("type"), message.get("number")
        if kind not in ("result", "error"):
            raise AdapterError(f"an answer has the type {_show(kind)}, which is neither result nor error")
        if is_integer(found) and found == self._answered > 0:
            raise AnsweredTwiceError(self._answered, "was answered twice")
        if not is_integer(found) or found != number:
            raise AdapterError(f"answered run {_show(found)} when run {number} was asked")
        self._answered = number
        if kind == "error":
            _refuse_fields(message, {"type", "number", "message"})
            return Answer(error=escape(str(message["message"])))
        _refuse_fields(message, {"type", "number", "result"})
        return Answer(_check_result(message["result"]))

    def stop(self) -> None:
        """Says stop and waits for the end. AdapterError where the adapter says more, stays, or ends badly."""
        try:
            self._refuse_more()
            deadline = monotonic() + STOP_SECONDS
            self._write({"type": "stop"}, deadline)
            try:
                line = self._read_line(deadline, STOP_SECONDS)
            except AdapterError:
                raise AdapterError(f"did not end within {STOP_SECONDS:g} s of being told to stop") from None
            if line is not None:
                raise AnsweredTwiceError(self._answered, f"said more than it was asked: {_show_line(line)}")
            status = self._wait()
            if status != 0:
                raise AdapterError(f"{_describe_status(status)} when it was told to stop")
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends the adapter and whatever it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._drain_stderr()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def read_stderr(self) -> str:
        """The last of what the adapter wrote on stderr since it was asked, in lines of printable ASCII."""
        self._drain_stderr()
        text = self._stderr.decode("utf-8", "replace").strip()
        return "\n".join(escape(line) for line in text.splitlines())

    def _exchange(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        deadline = monotonic() + seconds
        self._write(message, deadline)
        line = self._read_line(deadline, seconds)
        if line is None:
            status = self._wait()
            raise AdapterError(f"{_describe_status(status)} before it answered")
        try:
            answer = parse_json(line)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise AdapterError(f"printed what is no JSON object: {_show_line(line)}")
        return answer

    def _write(self, message: dict[str, Any], deadline: float) -> None:
        left = memoryview(render_json(message).encode() + b"\n")
        self._selector.register(self._stdin_fd, selectors.EVENT_WRITE)
        try:
            while left:
                ready = self._select(deadline)
                if ready is None:
                    raise AdapterError("did not read what it was asked in time")
                if self._stdin_fd in ready:
                    left = left[os.write(self._stdin_fd, left) :]
                # One that talks instead of listening must not fill the memory, nor block for ever.
                if len(self._buffer) > MAX_LINE_OCTETS:
                    raise AdapterError(f"printed more than {MAX_LINE_OCTETS} octets without being asked")
                if self._stdout_fd in ready and not self._read_more():
                    return
        except BrokenPipeError:
            # It is gone, or will not listen any more: what it said or did not say is told by reading.
            pass
        finally:
            self._selector.unregister(self._stdin_fd)

    def _read_line(self, deadline: float, seconds: float) -> bytes | None:
        """The next line without its end, or None where there is no further one."""
        while True:
            line, end, rest = self._buffer.partition(b"\n")
            if len(line) > MAX_LINE_OCTETS:
                raise AdapterError(f"printed a line of more than {MAX_LINE_OCTETS} octets")
            if end:
                self._buffer = rest
                return bytes(line)
            ready = self._select(deadline)
            if ready is None:
                raise AdapterError(f"no answer within {seconds:g} s")
            if self._stdout_fd in ready and not self._read_more():
                return bytes(line) or None

    def _read_more(self) -> bool:
        """Takes what lies in stdout; False at its end."""
        try:
            chunk = os.read(self._stdout_fd, _CHUNK)
        except BlockingIOError:
            return True
        self._buffer += chunk
        return bool(chunk)

    def _refuse_more(self) -> None:
        # What came before anything was asked was said by the run before.
        ready = self._select(monotonic()) or set()
        if self._stdout_fd in ready:
            self._read_more()
        if self._buffer:
            line = bytes(self._buffer.partition(b"\n")[0])
            raise AnsweredTwiceError(self._answered, f"said more than it was asked: {_show_line(line)}")

    def _select(self, deadline: float) -> set[int] | None:
        """The descriptors that are ready, stderr already served; None when the time is up."""
        left = deadline - monotonic()
        events = self._selector.select(max(left, 0))
        if not events and left <= 0:
            return None
        ready = {key.fd for key, _ in events}
        if self._stderr_fd in ready and not self._drain_stderr():
            self._selector.unregister(self._stderr_fd)
        # A stream that floods stderr is ready for ever, and must not hide that the time is up.
        return None if left <= 0 and ready <= {self._stderr_fd} else ready

    def _drain_stderr(self) -> bool:
        """Takes what lies in stderr, keeping its tail; False at its end."""
        try:
            chunk = os.read(self._stderr_fd, _CHUNK)
        except OSError:
            return True
        self._stderr = (self._stderr + chunk)[-MAX_STDERR_OCTETS:]
        return bool(chunk)

    def _wait(self) -> int | None:
        try:
            return self._process.wait(EXIT_SECONDS)
        except subprocess.TimeoutExpired:
            return None


def _check_result(result: Any) -> dict[str, Any]:
    if not isinstance(result, dict) or len(result) != 1 or not result.keys() <= {"accept", "refuse"}:
        raise AdapterError('a result holds not one of "accept" and "refuse"')
    kind: type = dict if "accept" in result else str
    if not all(isinstance(content, kind) for content in result.values()):
        raise AdapterError(f'"{next(iter(result))}" in a result is of another type')
    return result


def _refuse_fields(message: dict[str, Any], wanted: set[str]) -> None:
    if message.keys() != wanted:
        names = ", ".join(sorted(message.keys() ^ wanted))
        raise AdapterError(f"fields of {message.get('type')} that are missing or unknown: {names}")


def _describe_status(status: int | None) -> str:
    if status is None:
        return "closed its stdout"
    return f"was ended by signal {-status}" if status < 0 else f"exited with status {status}"


def _show(value: Any) -> str:
    return _show_line(render_json(value).encode())


def _show_line(line: bytes) -> str:
    shown = ascii(line[:80].decode("utf-8", "replace"))
    return f"{shown} and {len(line) - 80} octets more" if len(line) > 80 else shown
