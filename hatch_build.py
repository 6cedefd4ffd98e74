"""The hooks of the build: README.md for the package index, and an sdist without .gitignore."""

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

# A picture or a link whose target is a file of the repository.
_LINK = re.compile(r"(?P<picture>!?)\[(?P<text>[^\]]*)\]\((?!https?:|#)(?P<path>[^)\s]+)\)")


def make_links_absolute(text: str, *, source: str) -> str:
    """Return a page whose links to files lead to ``source``, the address of the repository on its forge."""

    def replace(found: re.Match[str]) -> str:
        view = "raw" if found["picture"] else "blob"
        return f"{found['picture']}[{found['text']}]({source}/{view}/main/{found['path']})"

    return _LINK.sub(replace, text)


class ReadmeWithAbsoluteLinks(MetadataHookInterface):
    """README.md links to files, which works on each forge and in a clone. The package index needs whole addresses."""

    def update(self, metadata: dict[str, Any]) -> None:
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        absolute = make_links_absolute(text, source=metadata["urls"]["Source"])
        metadata["readme"] = {"content-type": "text/markdown", "text": absolute}


class WithoutGitignore(BuildHookInterface[Any]):
    """Hatchling adds .gitignore to the sdist after applying ``exclude``, so only a hook can remove it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        added = build_data["force_include"]
        for source in [source for source, target in added.items() if target == ".gitignore"]:
            del added[source]
