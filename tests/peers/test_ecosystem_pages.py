"""The examples for NiceGUI and FastHTML in docs/how-to/libraries.md show the session of the visitor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from documents import Page
from examples import LIBRARIES, run_example
from starlette.testclient import TestClient
from suite_run import PEERS_FOLDER

from cookiejar_session import Key

# In seconds: NiceGUI takes a while to start.
PATIENCE = 120


def test_fasthtml_shows_the_session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COOKIEJAR_SESSION_KEYS", Key.generate().to_text())
    monkeypatch.chdir(tmp_path)
    names = run_example("FastHTML")
    client = TestClient(names["app"], base_url="https://testserver")
    first = client.get("/", headers={"Cookie": names["sessions"].mint({"user": "ada"}).header})
    assert "user: ada, visits: 1" in first.text
    assert "user: ada, visits: 2" in client.get("/").text
    # No second session, and no key file.
    assert list(client.cookies) == ["__Host-session"]
    assert list(tmp_path.iterdir()) == []


def test_nicegui_shows_the_session(tmp_path: Path) -> None:
    environ = {**os.environ, "COOKIEJAR_SESSION_KEYS": Key.generate().to_text()}
    command = [sys.executable, str(PEERS_FOLDER / "nicegui_visit.py")]
    environ["PYTHONPATH"] = os.pathsep.join(map(str, (PEERS_FOLDER, PEERS_FOLDER.parent)))
    run = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert run.returncode == 0, run.stderr
    # NiceGUI keeps an id in the session, so the visits of a stranger are counted apart. No second session is set.
    assert json.loads(run.stdout.splitlines()[-1]) == {
        "labels": [["user: ada", "visits: 1"], ["user: ada", "visits: 2"], ["user: None", "visits: 1"]],
        "cookies set": [["__Host-session"], [], ["__Host-session"]],
        "kept": ["id", "user"],
    }


def test_sections_of_the_page_are_in_the_order_of_its_examples() -> None:
    sections = Page("docs/how-to/libraries.md").text.split("\n## ")[1:]
    assert tuple(section.split()[0].rstrip(":") for section in sections) == LIBRARIES
    assert [section.count("```python") for section in sections] == [1, 1]
