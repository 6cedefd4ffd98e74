"""Keep .gitignore out of the sdist. Hatchling adds it after applying ``exclude``, so only a hook can remove it."""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WithoutGitignore(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        added = build_data["force_include"]
        for source in [source for source, target in added.items() if target == ".gitignore"]:
            del added[source]
