"""The Python examples of docs/how-to/libraries.md, run as they are."""

from __future__ import annotations

from typing import Any

from documents import Page

LIBRARIES = ("Authlib", "NiceGUI", "FastHTML")
EXAMPLES = dict(zip(LIBRARIES, Page("docs/how-to/libraries.md").take_blocks("python", 3), strict=True))


def run_example(library: str) -> dict[str, Any]:
    """Run the example for this library, and return its names."""
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(EXAMPLES[library], library, "exec", dont_inherit=True), names)  # noqa: S102
    return names
