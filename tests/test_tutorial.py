"""docs/tutorial/index.md: its commands start the shop of the last lesson, and curl walks through it.

tests/test_docs.py runs the lessons themselves.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest
from documents import PAGES, Page
from page_folder import Folder

INSTALL, FLASK, FASTAPI = Page("docs/tutorial/index.md").take_blocks("sh", 3)
KEYGEN = next(line for line in INSTALL.splitlines() if "keygen" in line)
EXPORT = next(line for line in INSTALL.splitlines() if "export" in line)

pytestmark = pytest.mark.skipif(
    os.environ.get("CI") != "true" and shutil.which("curl") is None,
    reason="curl is not installed: apt-get install curl",
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """The reader's folder after the last lesson."""
    for path in PAGES:
        if path.startswith("docs/tutorial/"):
            for block in Page(path).blocks:
                if block.file_name is not None:
                    tmp_path.joinpath(block.file_name).write_text(block.text)
    folder = Folder(tmp_path)
    folder.run(KEYGEN)
    return folder


def test_visitor_of_the_shop_orders_through_the_api(folder: Folder) -> None:
    curl = "curl --silent --cookie jar --cookie-jar jar"
    with ExitStack() as stack:
        stack.enter_context(folder.start(f"{EXPORT}\n{FLASK}", port="5001"))
        stack.enter_context(folder.start(f"{EXPORT}\n{FASTAPI}", port="8001"))
        folder.run(f"{curl} --data tea=assam http://localhost:5001/basket")
        page = folder.run(f"{curl} http://localhost:5001/")
        assert "assam is in your basket" in page
        (token,) = re.findall(r'name="token" value="(.+?)"', page)
        form = f"--data token={token} --data user=ada --data-urlencode 'password=tea for two'"
        folder.run(f"{curl} {form} http://localhost:5001/sign-in")
        assert folder.run(f"{curl} http://localhost:8001/api/basket") == '{"basket":{"assam":1},"total":6}'
        ordered = folder.run(f"{curl} --request POST http://localhost:8001/api/orders")
        assert ordered == '{"user":"ada","ordered":{"assam":1}}'
        page = folder.run(f"{curl} http://localhost:5001/")
    assert "Hello, ada" in page
    assert "Basket: empty" in page
