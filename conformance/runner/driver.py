"""Asks an adapter one question after the other, and starts it again where it failed. Knows nothing of expectations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from .adapter import Adapter, AdapterError, AnsweredTwiceError, Declaration

SECONDS = 5.0
START_SECONDS = 30.0
# So many starts in a row without an answer, and nothing more is to be expected.
MAX_VAIN_STARTS = 20


class NoAnswerError(Exception):
    """Why there is no answer; ``stderr`` is the last that the adapter wrote there."""

    def __init__(self, message: str, stderr: str = "") -> None:
        super().__init__(message)
        self.stderr = stderr


class LateFaultError(NoAnswerError):
    """Run ``number``, answered before, was answered wrongly after all; the present question is not asked yet."""

    def __init__(self, number: int, message: str, stderr: str) -> None:
        super().__init__(message, stderr)
        self.number = number


class Driver:
    """One adapter through all its lives. ``declaration`` is what it said at its first start."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        ops: Collection[str],
        capabilities: Collection[str],
        cwd: Path | None = None,
        seconds: float = SECONDS,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self.command = list(command)
        self.declaration: Declaration | None = None
        self.number = 0
        self.starts = 0
        self._cwd = cwd
        self._seconds, self._start_seconds = seconds, start_seconds
        self._known = (("ops", frozenset(ops)), ("capabilities", frozenset(capabilities)))
        self._adapter: Adapter | None = None
        self._vain_starts = 0
        self._given_up: str | None = None

    def start(self) -> Declaration:
        """What the adapter declares; starts it where it does not run. NoAnswerError where that fails."""
        if self._adapter is None:
            self._start()
        if self.declaration is None:
            raise NoAnswerError("the adapter has not been started")
        return self.declaration

    def ask(self, op: str, given: dict[str, Any], *, seconds: float | None = None) -> dict[str, Any]:
        """The result of one run; NoAnswerError where there is none. May start the adapter (again)."""
        self.start()
        adapter = self._adapter
        if adapter is None:
            raise NoAnswerError("the adapter has not been started")
        self.number += 1
        try:
            answer = adapter.ask(self.number, op, given, seconds=seconds or self._seconds)
        except AnsweredTwiceError as exc:
            raise LateFaultError(exc.number, str(exc), self._end()) from None
        except AdapterError as exc:
            raise NoAnswerError(str(exc), self._end()) from None
        self._vain_starts = 0
        if answer.result is None:
            raise NoAnswerError(f"the adapter could not answer: {answer.error}", adapter.read_stderr())
        return answer.result

    def read_stderr(self) -> str:
        """The last of what the adapter wrote on stderr during this run."""
        return "" if self._adapter is None else self._adapter.read_stderr()

    def stop(self) -> None:
        """Ends the adapter as the protocol has it; LateFaultError or NoAnswerError where it does not end so."""
        adapter, self._adapter = self._adapter, None
        if adapter is None:
            return
        try:
            adapter.stop()
        except AnsweredTwiceError as exc:
            raise LateFaultError(exc.number, str(exc), adapter.read_stderr()) from None
        except AdapterError as exc:
            raise NoAnswerError(str(exc), adapter.read_stderr()) from None

    def kill(self) -> None:
        """Ends the adapter at once."""
        if self._adapter is not None:
            self._end()

    def _start(self) -> None:
        if self._given_up is not None:
            raise NoAnswerError(self._given_up)
        if self._vain_starts >= MAX_VAIN_STARTS:
            self._given_up = "not asked: the runner has given up on the adapter"
            raise NoAnswerError(f"given up: the adapter was started {MAX_VAIN_STARTS} times in a row without an answer")
        self._vain_starts += 1
        self.starts += 1
        try:
            adapter = self._adapter = Adapter(self.command, cwd=self._cwd)
        except OSError as exc:
            raise NoAnswerError(f"{self.command[0]} cannot be started: {exc.strerror}") from None
        try:
            declaration = adapter.start(seconds=self._start_seconds)
            self._check(declaration)
        except AdapterError as exc:
            raise NoAnswerError(f"the adapter did not start: {exc}", self._end()) from None

    def _check(self, declaration: Declaration) -> None:
        # A word that nobody knows would skip cases in silence.
        for field, known in self._known:
            unknown = getattr(declaration, field) - known
            if unknown:
                raise AdapterError(f'declares "{min(unknown)}", which is not in the {field} of the manifest')
        if self.declaration is not None and declaration != self.declaration:
            raise AdapterError("declares other things than at its first start")
        self.declaration = declaration

    def _end(self) -> str:
        adapter, self._adapter = self._adapter, None
        if adapter is None:
            return ""
        adapter.kill()
        return adapter.read_stderr()
