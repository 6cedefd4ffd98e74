"""docs/start.md, run word by word: its files, its shell commands and its curl lines, with real servers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
from documents import Page
from page_folder import Folder

PAGE = Page("docs/start.md")
INSTALL, FLASK, FASTAPI, CURL = Page("docs/start.md").take_blocks("sh", 4)
FILES = dict(zip(("flask_app.py", "fastapi_app.py"), Page("docs/start.md").take_blocks("python", 2), strict=True))
KEYGEN = next(line for line in INSTALL.splitlines() if "keygen" in line)

pytestmark = pytest.mark.skipif(
    os.environ.get("CI") != "true" and shutil.which("curl") is None,
    reason="curl is not installed: apt-get install curl",
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """The reader's folder after the first steps: the two files, and the key."""
    assert [block.file_name for block in PAGE.blocks if block.language == "python"] == list(FILES)
    for name, example in FILES.items():
        tmp_path.joinpath(name).write_text(example)
    folder = Folder(tmp_path)
    folder.run(KEYGEN)
    return folder


def test_visitor_of_the_flask_app_is_signed_in_to_the_fastapi_app(folder: Folder) -> None:
    with ExitStack() as stack:
        logs = [stack.enter_context(folder.start(FLASK, port="5001"))]
        logs.append(stack.enter_context(folder.start(FASTAPI, port="8001")))
        assert folder.run(CURL) == 'welcome{"user":"ada"}'
    assert not any("WARNING: cookie" in log.read_text() for log in logs)
    assert 'The answers are `welcome` and `{"user":"ada"}`' in PAGE.prose


def test_second_app_with_another_key_says_so_in_its_log(folder: Folder) -> None:
    assert "`refused … reason=unknown-key` means that the two processes have different keys" in PAGE.prose
    with ExitStack() as stack:
        stack.enter_context(folder.start(FLASK, port="5001"))
        folder.run(KEYGEN)
        log = stack.enter_context(folder.start(FASTAPI, port="8001"))
        assert folder.run(CURL) == 'welcome{"user":null}'
        found = log.read_text()
    assert re.search(r"refused .*reason=unknown-key", found), found


def test_app_without_a_key_says_at_its_start_how_to_get_one(folder: Folder) -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        folder.run(FLASK.replace("export COOKIEJAR_SESSION_KEYS_FILE=session.key\n", ""))
    assert 'make one with "cookiejar-session keygen"' in caught.value.stderr


def test_diff_for_starlettes_sessions_is_the_one_that_is_tested() -> None:
    # tests/integrations/test_fastapi_docs.py runs an app before and after it.
    tested = Page("docs/how-to/fastapi.md").take_blocks("diff", 1)
    assert Page("docs/start.md").take_blocks("diff", 1) == tested


def test_pair_of_readme_is_the_pair_of_the_page() -> None:
    assert Page("README.md").take_blocks("python", 2) == list(FILES.values())


def test_second_command_of_readme_serves_the_demonstration(folder: Folder) -> None:
    (commands,) = Page("README.md").take_blocks("sh", 1)
    # The first installs what the environment of the tests has.
    _, command = commands.splitlines()
    with folder.start(f"{command} --port 5001", port="5001") as log:
        found = log.read_text()
    assert "Traceback" not in found
