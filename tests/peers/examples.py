"""The Python examples of docs/how-to/libraries.md, run as they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2].joinpath("docs/how-to/libraries.md").read_text()


def run_example(heading: str) -> dict[str, Any]:
    """Run the one example under the heading that contains this text, and return its names."""
    section = next(each for each in PAGE.split("\n## ") if heading in each.partition("\n")[0])
    (example,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(example, heading, "exec", dont_inherit=True), names)  # noqa: S102
    return names
