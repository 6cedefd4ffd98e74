"""Visit the example for NiceGUI: twice as Ada, once as a stranger. Prints what the pages and the sessions hold.

A program of its own, since NiceGUI has one application for a process and stores its files in the folder of the start.
"""

from __future__ import annotations

import json
import re

from examples import run_example
from starlette.testclient import TestClient

SITE = "https://testserver"


def visit() -> dict[str, object]:
    names = run_example("NiceGUI")
    sessions = names["sessions"]
    with TestClient(names["app"], base_url=SITE) as ada:
        pages = [ada.get("/", headers={"Cookie": sessions.mint({"user": "ada"}).header}), ada.get("/")]
        pages.append(TestClient(names["app"], base_url=SITE).get("/"))
    return {
        "labels": [re.findall(r'"text":"(.+?)"', page.text) for page in pages],
        "cookies set": [[each.partition("=")[0] for each in page.headers.get_list("set-cookie")] for page in pages],
        "kept": sorted(sessions.read(ada.cookies["__Host-session"]).session),
    }


if __name__ == "__main__":
    print(json.dumps(visit()))
