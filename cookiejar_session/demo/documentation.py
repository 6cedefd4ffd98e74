"""Link the sections of the demonstration's pages to the pages of the documentation that explain them."""

from __future__ import annotations

from typing import NamedTuple

# The same URL as "Documentation" in pyproject.toml. A test compares the two.
ADDRESS = "https://github.com/cookiejar-session/cookiejar-session/tree/main/docs"


class Page(NamedTuple):
    """A page of the documentation. ``path`` begins in the folder docs and may end with an anchor."""

    path: str
    title: str


KEYS = Page("how-to/keys.md#rotation-in-three-steps", "Rotation in three steps")
# The documentation page that explains each section of the demonstration. The key is the section's HTML id.
PAGES = {
    "try": Page("explanation/how-it-works.md", "How it works"),
    "cookie": Page("explanation/how-it-works.md#the-cookie", "The cookie"),
    "envelope": Page("explanation/how-it-works.md#the-life-of-a-session", "The life of a session"),
    "responses": Page("reference/session.md#header-fields", "Header fields"),
    "ring": KEYS,
    "counter": Page("explanation/when-not-to-use-it.md", "When not to use it"),
    "cart": Page("reference/session.md#values", "Values"),
    "session-id": Page("how-to/login-and-logout.md#regenerate-at-every-login", "regenerate, at every login"),
    "size": Page("how-to/errors.md#too-large", "Too large"),
}


def render_link(page: Page) -> str:
    """Render a link to a page of the documentation."""
    return f'<a href="{ADDRESS}/{page.path}">{page.title}</a>'
