"""secret_search.py: a test that shows a key or a sid of the run fails, wherever it shows it."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from secret_search import SecretSearch

FOLDER = Path(__file__).parent
SECRET, SID = bytes(range(60, 92)), bytes(range(240, 256))

CONFTEST = """\
import secret_search

def pytest_configure(config):
    secret_search.install(config)
"""
# Each test passes without the plugin.
LEAKS = r"""
import logging
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import server_process
from cookiejar_session import CookieSessions, Key, Keyring
from cookiejar_session.telemetry import Telemetry

KEY = Key.generate()
SESSIONS = CookieSessions(Keyring.parse(KEY.to_text()))
TEXT = KEY.to_text()


def find_sid():
    return SESSIONS.begin().session.sid


def test_leak_by_print():
    print("made", TEXT)


def test_leak_in_a_fixture_that_reads_output(capsys):
    print(TEXT, file=sys.stderr)
    capsys.readouterr()


def test_leak_by_a_log_record(caplog):
    logging.getLogger("cookiejar_session").warning("key %s", TEXT)
    caplog.clear()


def test_leak_by_the_error_of_a_log_record(caplog):
    try:
        raise ValueError(TEXT)
    except ValueError:
        logging.getLogger("x").exception("failed")
    caplog.clear()


def test_leak_by_a_warning():
    with pytest.warns(UserWarning):
        warnings.warn(TEXT)


def test_leak_by_an_error():
    with pytest.raises(ValueError):
        raise ValueError(f"a key such as {TEXT}")


def test_leak_by_the_cause_of_an_error():
    with pytest.raises(ValueError):
        raise ValueError("wrong") from KeyError(find_sid().hex())


def test_leak_by_a_repr():
    key = Key.generate()
    key.key_id = key._material
    repr(key)


def test_leak_by_a_program():
    subprocess.run([sys.executable, "-c", f"print({TEXT!r})"], capture_output=True)


def test_leak_by_a_server(tmp_path):
    log = tmp_path / "log"
    log.write_text(f"keys {TEXT}")
    server_process.ENDED_LOGS.append(log)


def test_leak_of_a_sid():
    print(find_sid())


def test_leak_of_a_box_key():
    print(KEY.box_key("purpose").hex())


def test_leak_by_an_event():
    seen = []
    telemetry = Telemetry(seen.append, cookie=find_sid().hex(), max_token_characters=1)
    telemetry.report("discarded", None)
    assert seen


@pytest.mark.shows_secrets("it shows a key")
def test_allowed_leak():
    print(TEXT)


def test_clean():
    print(repr(KEY), repr(SESSIONS), KEY.key_id.hex())
    Keyring.parse(TEXT)
"""


def test_each_leak_is_found_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    leaks = tmp_path / "test_leaks.py"
    leaks.write_text(LEAKS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rE", "-p", "no:cacheprovider", "-c", os.devnull, str(leaks)],
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join((str(FOLDER), str(FOLDER / "servers"))),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    names = {line[4:].partition("(")[0] for line in LEAKS.splitlines() if line.startswith("def test_leak_")}
    found = {
        line.split("::")[1].split()[0]
        for line in done.stdout.splitlines()
        if line.startswith("ERROR ") and "::" in line
    }
    assert found == names, done.stdout
    assert f"{len(names) + 2} passed, " in done.stdout


@pytest.mark.parametrize("octets", [SECRET, SID], ids=["key", "sid"])
def test_every_way_to_write_a_secret_is_found(octets: bytes) -> None:
    search = SecretSearch()
    search.note_secret(octets, "a key")
    base64 = b64encode(octets).decode()
    for text in (octets.hex(), base64, base64.replace("+", "-").replace("/", "_"), repr(octets), f"x{octets.hex()}x"):
        search.note_text(text, "a place")
        assert search.take_findings() == ["a key in a place"]


def test_findings_are_those_of_one_test() -> None:
    search = SecretSearch()
    search.note_secret(SECRET, "a key")
    search.note_text(SECRET.hex(), "a place")
    assert search.take_findings()
    assert search.take_findings() == []


def test_other_octets_are_not_found() -> None:
    search = SecretSearch()
    search.note_secret(SECRET, "a key")
    search.note_text(bytes(32).hex() + SECRET.hex()[:20], "a place")
    assert search.take_findings() == []
