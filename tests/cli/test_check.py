"""cli/check.py: three planted mistakes are found before a deployment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cookiejar_session import Key

KEY = Key.generate()
APP = """
from datetime import timedelta
from cookiejar_session import CookieAttributes, CookieSessions, Policy

sessions = CookieSessions(
    cookie=CookieAttributes(name="s", secure=False),
    policy=Policy(idle_timeout=timedelta(days=500), absolute_lifetime=timedelta(days=600)),
)
app = sessions.wsgi(lambda environ, start_response: [])
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    tmp_path.joinpath("checked_app.py").write_text(APP)
    file = tmp_path / "keys"
    file.write_text(KEY.to_text())
    file.chmod(0o644)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS_FILE", str(file))
    yield tmp_path
    sys.modules.pop("checked_app", None)


def test_planted_mistakes_are_found(run: Any) -> None:
    status, out, err = run("check", "checked_app:app")
    assert (status, err) == (1, "")
    found = [line.rpartition("[")[2].rstrip("]") for line in out.splitlines() if line.endswith("]")]
    assert found == ["file-mode", "not-secure", "lifetime"]
    assert "2 errors, 1 warning, 0 notes\n" in out
    assert "cookie s, idle timeout 500 days, absolute lifetime 600 days" in out
    assert f"keys: {KEY.key_id.hex()} primary (seals now)" in out


def test_json_has_findings_and_sizes(run: Any) -> None:
    found = json.loads(run("check", "checked_app:app", "--json").out)
    assert [each["code"] for each in found["findings"]] == ["file-mode", "not-secure", "lifetime"]
    assert {each["program"] for each in found["sizes"]} == {
        "browsers",
        "nginx",
        "gunicorn",
        "uWSGI",
        "Apache",
        "uvicorn",
    }


def test_keys_are_checked_without_an_application(run: Any, folder: Path) -> None:
    os.chmod(folder / "keys", 0o600)
    status, out, err = run("check", "--keys-file", str(folder / "keys"))
    assert (status, err, "0 errors, 0 warnings, 0 notes" in out) == (0, "", True)


@pytest.mark.parametrize(("options", "status"), [([], 0), (["--strict"], 1)], ids=["plain", "strict"])
def test_warnings_are_errors_on_request(run: Any, folder: Path, options: list[str], status: int) -> None:
    folder.joinpath("checked_app.py").write_text(APP.replace("secure=False", "httponly=False"))
    os.chmod(folder / "keys", 0o600)
    assert run("check", "checked_app:app", *options).status == status


def test_hosts_are_checked(run: Any, folder: Path) -> None:
    assert "[hosts]" in run("check", "--host", "a.example.com", "--host", "b.example.com").out


def test_application_and_key_file_exclude_each_other(run: Any, folder: Path) -> None:
    status, out, err = run("check", "--keys-file", str(folder / "keys"), "checked_app:app")
    assert (status, out) == (2, "")
    assert err.endswith("leave --keys-file out, and set COOKIEJAR_SESSION_KEYS_FILE to the file\n")


def test_malformed_name_of_an_application_is_a_wrong_command_line(run: Any) -> None:
    status, out, err = run("check", "checked_app")
    assert (status, out, "'checked_app' is not module:object" in err) == (2, "", True)


@pytest.mark.parametrize("arguments", [["checked_app:app"], ["--keys-file", "keys"], []])
def test_mode_of_a_key_file_with_a_wrong_ring_is_found_too(run: Any, folder: Path, arguments: list[str]) -> None:
    folder.joinpath("keys").write_text(f"{KEY.to_text()} {KEY.to_text()}")
    status, out, err = run("check", *arguments)
    assert (status, out) == (1, "")
    first, second = err.splitlines()
    assert first.endswith("[file-mode]")
    assert "the same key as entry 1; remove one of the two" in second


def test_no_key_is_shown(run: Any) -> None:
    printed = run("check", "checked_app:app")
    assert KEY.to_text()[5:20] not in printed.out + printed.err


def test_configuration_that_cannot_work_has_status_1(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COOKIEJAR_SESSION_KEYS_FILE")
    status, out, err = run("check", "checked_app:app")
    assert (status, out, "COOKIEJAR_SESSION_KEYS is not set" in err) == (1, "", True)
