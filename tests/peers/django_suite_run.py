# ruff: noqa: N802 - the names are unittest's
"""Run Django's own program for its tests, and record the outcome of each: they do not run under pytest."""

from __future__ import annotations

import json
import os
import runpy
import sys
import unittest
from pathlib import Path
from typing import Any

from django.test.runner import DiscoverRunner

from cookiejar_session import Key

OUTCOMES: dict[str, str] = {}


class RecordingResult(unittest.TextTestResult):
    """Records each test under its id. A test that passes against Django's expectation has failed."""

    def addSuccess(self, test: unittest.TestCase) -> None:
        OUTCOMES.setdefault(test.id(), "passed")
        super().addSuccess(test)

    def addExpectedFailure(self, test: unittest.TestCase, err: Any) -> None:
        OUTCOMES[test.id()] = "passed"
        super().addExpectedFailure(test, err)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        OUTCOMES[test.id()] = "skipped"
        super().addSkip(test, reason)

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        OUTCOMES[test.id()] = "failed"
        super().addFailure(test, err)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        OUTCOMES[test.id()] = "failed"
        super().addError(test, err)

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        OUTCOMES[test.id()] = "failed"
        super().addUnexpectedSuccess(test)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        if err is not None:
            OUTCOMES[test.id()] = "failed"
        super().addSubTest(test, subtest, err)


class RecordingRunner(DiscoverRunner):
    def get_resultclass(self) -> type[unittest.TextTestResult]:
        return RecordingResult

    def run_tests(self, *args: Any, **options: Any) -> int:
        failures: int = super().run_tests(*args, **options)
        Path(os.environ["PEER_OUTCOMES"]).write_text(json.dumps(OUTCOMES))
        return failures


if __name__ == "__main__":
    # Django finds the runner in a module of its own, not in this program.
    sys.modules["django_suite_run"] = sys.modules["__main__"]
    os.environ["COOKIEJAR_SESSION_KEYS"] = Key.generate().to_text()
    sys.path.insert(0, str(Path.cwd()))
    sys.argv[0] = "runtests.py"
    runpy.run_path("runtests.py", run_name="__main__")
