"""Links between the pages and the other files of the repository.

Pages are written for a forge: a link is the path of a file. Here a link to a file that has a page goes to the page, and
a link to any other file goes to the source on the forge, whose address is ``Source`` in pyproject.toml. Knows nothing
of links inside a page and of addresses in the web.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

ROOT = Path(__file__).parents[2]
# Files outside of docs/ and the pages that include them.
INCLUDED = {
    "SPEC.md": "docs/reference/spec.md",
    "CHANGELOG.md": "docs/reference/changelog.md",
    "SECURITY.md": "docs/reference/security.md",
    "CONTRIBUTING.md": "docs/reference/contributing.md",
    "conformance/README.md": "docs/reference/conformance.md",
    "benchmarks/README.md": "docs/reference/benchmarks.md",
    "README.md": "docs/index.md",
}
# A fenced block, code in a line and a picture, which stay; and a link to a file.
_PIECES = re.compile(
    r"^ *(?P<fence>```+).*?^ *(?P=fence) *$|`[^`]+`|!\[[^\]]*\]\([^)]*\)"
    r"|\]\((?P<link>[^)#:\s]+)(?P<anchor>#[^)\s]*)?\)",
    re.MULTILINE | re.DOTALL,
)


def read_source_address() -> str:
    """Return where a forge shows the files, from pyproject.toml."""
    urls = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
    return f"{urls['Source']}/blob/main/"


def rewrite_links(text: str, *, file: str, page: str, source: str) -> str:
    """Return ``text`` with its links to files as they are right on a page.

    ``file`` is where the text is written, ``page`` where it is shown; both are paths in the repository.
    """

    def rewrite(found: re.Match[str]) -> str:
        if found["link"] is None:
            return found[0]
        target = normpath(str(PurePosixPath(file).parent / found["link"]))
        anchor = found["anchor"] or ""
        target = INCLUDED.get(target, target)
        if target.startswith("docs/") and target.endswith(".md"):
            return f"]({relpath(target, str(PurePosixPath(page).parent))}{anchor})"
        if not ROOT.joinpath(target).exists() or target.startswith("docs/"):
            # Sphinx says what is missing, and copies what is not a page, such as a picture.
            return found[0]
        return f"]({source}{target}{anchor})"

    return _PIECES.sub(rewrite, text)


def setup(app: Any) -> dict[str, bool]:
    source = read_source_address()

    def rewrite_page(app: Any, name: str, content: list[str]) -> None:
        page = f"docs/{name}.md"
        content[0] = rewrite_links(content[0], file=page, page=page, source=source)

    def rewrite_included(app: Any, path: Path, name: str, content: list[str]) -> None:
        file = normpath(f"docs/{path.as_posix()}")
        page = INCLUDED.get(file, file)
        content[0] = rewrite_links(content[0], file=file, page=page, source=source)

    app.connect("source-read", rewrite_page)
    app.connect("include-read", rewrite_included)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
