"""Check the built pages: their links, and that the reference has each public name.

python docs/check_pages.py build/docs

It reads the pages as a browser gets them. So it finds an anchor that is not there, a missing picture and an id that is
there twice. Addresses in the web are not asked for: they go into external-links.txt, in the folder of the pages.
"""

from __future__ import annotations

import inspect
import sys
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.util.inventory import InventoryFile

# Made by Sphinx: they repeat what other pages have.
_MADE_PAGES = {"genindex.html", "search.html", "py-modindex.html"}
# Every module that applications import from.
MODULES = (
    "cookiejar_session",
    "cookiejar_session.asgi",
    "cookiejar_session.wsgi",
    "cookiejar_session.testing",
    "cookiejar_session.integrations.django",
    "cookiejar_session.integrations.fastapi",
    "cookiejar_session.integrations.flask",
    "cookiejar_session.integrations.quart",
    "cookiejar_session.integrations.starlette",
)
# What the integrations and wrappers use themselves.
_NOT_FOR_APPLICATIONS = {"make_websocket_class"}


class PageParser(HTMLParser):
    """The ids of a page, and what its links and pictures name."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if identifier := values.get("id"):
            self.ids.append(identifier)
        for name in ("href", "src"):
            if tag in ("a", "img") and (link := values.get(name)):
                self.links.append(link)


def find_faults(folder: Path) -> tuple[list[str], list[str]]:
    """Return what is wrong with the links of the pages in ``folder``, and the addresses outside of it, sorted."""
    pages = {path: PageParser(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    faults: list[str] = []
    external: set[str] = set()
    for path, page in pages.items():
        name = path.relative_to(folder).as_posix()
        repeated = sorted({each for each in page.ids if page.ids.count(each) > 1})
        faults += [f"{name}: two elements have the id {each!r}" for each in repeated]
        if name in _MADE_PAGES:
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                external.add(link)
                continue
            target = path.parent.joinpath(unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                faults.append(f"{name}: {link}: there is no such file")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids:
                faults.append(f"{name}: {link}: the page has no such anchor")
    return faults, sorted(external)


def list_public_names(module_name: str) -> list[str]:
    """Return the names that applications import from a module, and what they use of its classes."""
    module = import_module(module_name)
    names = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", None) == module_name and callable(value) and not name.startswith("_")
    ]
    found: list[str] = []
    for name in names:
        if name in _NOT_FOR_APPLICATIONS:
            continue
        found.append(f"{module_name}.{name}")
        value = getattr(module, name)
        if module_name == "cookiejar_session" and inspect.isclass(value):
            own = [each for each in value.__mro__ if each.__module__.startswith(module_name)]
            attributes = {each for base in own for each in vars(base) if not each.startswith("_")}
            found += sorted(f"{module_name}.{name}.{each}" for each in attributes if not issubclass(value, Exception))
    return found


def find_missing_names(inventory: Path) -> list[str]:
    """Return the public names that the reference does not have."""
    with inventory.open("rb") as file:
        objects = InventoryFile.load(file, "", lambda base, path: path)
    described = {name for kind, names in objects.items() if kind.startswith("py:") for name in names}
    return [name for module in MODULES for name in list_public_names(module) if name not in described]


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]).resolve()
    faults, external = find_faults(folder)
    faults += [f"the reference lacks {name}" for name in find_missing_names(folder / "objects.inv")]
    listing = folder / "external-links.txt"
    listing.write_text("".join(f"{link}\n" for link in external), encoding="utf-8")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(external)} external links, not asked for: {listing}")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
