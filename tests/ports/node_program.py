"""Where node is, for the tests of the Node port."""

from __future__ import annotations

import os

import pytest
from live import PORTS, find_program

NODE_PORT = PORTS / "node"


def find_installed_node() -> str:
    """Return the path of node. Without it, or without the port's node_modules, skip; in continuous integration fail."""
    node = find_program("node")
    if not (NODE_PORT / "node_modules").is_dir():
        tell = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        tell("needs npm ci in conformance/ports/node")
    return node
