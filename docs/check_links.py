"""Check the links of the built pages, and list the addresses in the web without asking for any.

python docs/check_links.py build/docs    fail if a link inside the documentation leads nowhere

It reads the pages as a browser gets them. So it finds an anchor that is not there, a missing picture and an id that is
there twice. The addresses go into external-links.txt, in the folder of the pages.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Made by Sphinx: they repeat what other pages have.
_MADE_PAGES = {"genindex.html", "search.html", "py-modindex.html"}


class LinkParser(HTMLParser):
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
    pages = {path: LinkParser(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.html"))}
    faults: list[str] = []
    external: set[str] = set()
    for path, page in pages.items():
        name = path.relative_to(folder).as_posix()
        faults += [
            f"{name}: two elements have the id {each!r}" for each in sorted(set(page.ids)) if page.ids.count(each) > 1
        ]
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


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0]).resolve()
    faults, external = find_faults(folder)
    listing = folder / "external-links.txt"
    listing.write_text("".join(f"{link}\n" for link in external), encoding="utf-8")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(external)} external links, not asked for: {listing}")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
