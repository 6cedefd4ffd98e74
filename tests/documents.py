"""The pages of the documentation and their code blocks, for the tests that run them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent
# README and the documentation. Pages that include a file from another folder have no blocks of their own.
PAGES = ["README.md", *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/**/*.md"))]
# How a paragraph begins that says why the tests do not run the block after it.
NOT_RUN = "Not run in the tests: "
_FILE_NAME = re.compile(r"`([\w/.-]+\.\w+)`:$")
_MARKED = re.compile(r"(?:run|find)_example\(\s*['\"](.+?)['\"]\s*(?:,|\))")
_TAKEN = re.compile(r"Page\(\"([\w/.-]+)\"\)\.take_blocks\(\"(\w+)\", (\d+)\)")


class Block(NamedTuple):
    """A block of code. ``line`` is the number of its first line, from 0, and ``lead`` the paragraph before it."""

    language: str
    text: str
    line: int
    lead: str

    @property
    def file_name(self) -> str | None:
        """The name of the file that the block is, if the paragraph before it ends with one, as in "`app.py`:"."""
        found = _FILE_NAME.search(self.lead)
        return None if found is None else found[1]

    @property
    def is_run(self) -> bool:
        """Whether the tests must run the block."""
        return not self.lead.startswith(NOT_RUN)


class Page:
    """A page and its blocks. ``prose`` is the text with each line end as a space: sentences are broken anywhere."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.text = ROOT.joinpath(path).read_text()
        self.prose = " ".join(self.text.split())
        self.blocks = list_blocks(self.text)
        self.examples = [block.text for block in self.blocks if block.language == "python"]

    def take_blocks(self, language: str, count: int) -> list[str]:
        """Return the blocks in this language, for a test file that runs all of them. There must be ``count``."""
        texts = [block.text for block in self.blocks if block.language == language]
        assert len(texts) == count, f"{self.path} has {len(texts)} blocks of {language}"
        return texts

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

    def list_blocks_without_test(self, test_file: Path) -> list[Block]:
        """Return the blocks that ``test_file`` neither runs nor finds nor takes."""
        source = test_file.read_text()
        markers = _MARKED.findall(source)
        taken = {language for path, language, _ in _TAKEN.findall(source) if path == self.path}
        return [
            block
            for block in self.blocks
            if block.is_run
            and block.language not in taken
            and not (block.language == "python" and any(marker in block.text for marker in markers))
        ]


def list_blocks(text: str) -> list[Block]:
    """Return the fenced and the indented blocks of a page. An indented block has no language."""
    blocks: list[Block] = []
    lead = ""
    for token in MarkdownIt().parse(text):
        if token.type == "inline":
            lead = " ".join(token.content.split())
        elif token.type in ("fence", "code_block"):
            assert token.map is not None
            first = token.map[0] + (1 if token.type == "fence" else 0)
            # Directives of Sphinx, such as a list of pages, are no code.
            if not token.info.startswith("{"):
                blocks.append(Block(token.info.strip(), token.content, first, lead))
            lead = ""
    return blocks
