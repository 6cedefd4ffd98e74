"""mutmut, but the tests are collected once: each mutant is tested by a fork of the process that has collected them.

mutmut itself collects the tests again for each mutant. That takes longer than to run them until one fails. The
arguments are those of mutmut.
"""

import _pytest.config
import mutmut.workers.isolation
import pytest
from mutmut.__main__ import cli
from mutmut.configuration import config
from mutmut.utils.file_utils import change_cwd
from mutmut.workers.isolation import ForkRunner


class CollectedForkRunner(ForkRunner):
    """Forks of a process in which a run of pytest has begun and has collected the tests."""

    def startup(self) -> None:
        arguments = ["--rootdir=.", "-qqq", "-x", "--capture=no", *config().pytest_add_cli_args]
        with change_cwd("mutants"):
            prepared = _pytest.config._prepareconfig([*arguments, *config().pytest_add_cli_args_test_selection])
            session = pytest.Session.from_config(prepared)
            prepared._do_configure()
            prepared.hook.pytest_sessionstart(session=session)
            prepared.hook.pytest_collection(session=session)
        items = {item.nodeid: item for item in session.items}

        def run_tests(*, mutant_name: str | None, tests: list[str]) -> int:
            """Run ``tests`` until one fails. Return the exit status of pytest."""
            session.items = [items[test] for test in tests]
            with change_cwd("mutants"):
                try:
                    prepared.hook.pytest_runtestloop(session=session)
                except session.Failed:
                    return 1
            return 1 if session.testsfailed else 0

        self.test_runner.run_tests = run_tests
        super().startup()


if __name__ == "__main__":
    mutmut.workers.isolation.ForkRunner = CollectedForkRunner
    cli()
