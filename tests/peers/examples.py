"""The Python examples of docs/how-to/libraries.md and openid-connect.md, run as they are."""

from __future__ import annotations

from typing import Any

from documents import Page

LIBRARIES = ("NiceGUI", "FastHTML")
AUTHLIB, SIZES = Page("docs/how-to/openid-connect.md").take_blocks("python", 2)
(SIZES_COMMAND,) = Page("docs/how-to/openid-connect.md").take_blocks("sh", 2)[1:]
EXAMPLES = dict(zip(LIBRARIES, Page("docs/how-to/libraries.md").take_blocks("python", 2), strict=True))
EXAMPLES["Authlib"] = AUTHLIB


def run_example(library: str) -> dict[str, Any]:
    """Run the example for this library, and return its names."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(EXAMPLES[library], library, "exec", dont_inherit=True), names)  # noqa: S102
    return names
