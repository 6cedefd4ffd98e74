"""The pages of the documentation for the tests that run their examples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
_RUN = re.compile(r"(?:run|find)_example\(\s*['\"](.+?)['\"]\s*(?:,|\))")


class Page:
    """A page and its examples. ``prose`` is the text with each line end as a space: sentences are broken anywhere."""

    def __init__(self, path: str) -> None:
        self.text = ROOT.joinpath(path).read_text()
        self.prose = " ".join(self.text.split())
        self.examples = re.findall(r"```python\n(.*?)```", self.text, re.DOTALL)

    def find_example(self, marker: str) -> str:
        """Return the one Python example that contains ``marker``."""
        found: list[str] = [example for example in self.examples if marker in example]
        assert len(found) == 1, marker
        return found[0]

    def run_example(self, marker: str, **names: Any) -> dict[str, Any]:
        """Run the one Python example that contains ``marker`` with these names, and return its names."""
        namespace: dict[str, Any] = {"__name__": "example", **names}
        exec(compile(self.find_example(marker), marker, "exec", dont_inherit=True), namespace)  # noqa: S102
        return namespace

    def list_examples_without_test(self, test_file: str) -> list[str]:
        """Return the examples that ``test_file`` neither runs nor finds."""
        markers = _RUN.findall(Path(test_file).read_text())
        return [example for example in self.examples if not any(marker in example for marker in markers)]
