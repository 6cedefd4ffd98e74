"""The pytest plugin of cookiejar-session: the fixture ``cookie_sessions``, and a key for the run of the tests.

pytest imports this module in every run. It is not in the package, so that runs which do not use it import no package.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cookiejar_session import CookieSessions

OPTION = "cookiejar_session_test_key"
VARIABLES = ("COOKIEJAR_SESSION_KEYS", "COOKIEJAR_SESSION_KEYS_FILE")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting of pytest's configuration file."""
    parser.addini(OPTION, "make a key for this run if the environment has none", type="bool", default=False)


# First: conftest.py may import an application that reads the keys.
@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Put a new key into the environment, if the project asks for it. The processes that tests start get it too."""
    if not early_config.getini(OPTION) or any(os.environ.get(name) for name in VARIABLES):
        return
    from cookiejar_session import Key

    def remove_key() -> None:
        os.environ.pop(VARIABLES[0], None)

    os.environ[VARIABLES[0]] = Key.generate().to_text()
    early_config.add_cleanup(remove_key)


@pytest.fixture
def cookie_sessions() -> CookieSessions[None]:
    """Sessions with a key that only this test has."""
    from cookiejar_session import CookieSessions, Keyring

    return CookieSessions(Keyring.generate())
