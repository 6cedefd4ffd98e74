"""The links from the demonstration to the documentation."""

import re
import tomllib

import pytest
from documents import ROOT

from cookiejar_session.demo.documentation import ADDRESS, PAGES, Page, render_link


def test_address_is_that_of_the_project() -> None:
    project = tomllib.loads(ROOT.joinpath("pyproject.toml").read_text())["project"]
    assert project["urls"]["Documentation"] == ADDRESS


def test_link_leads_to_the_page() -> None:
    assert render_link(Page("how-to/keys.md", "Keys")) == f'<a href="{ADDRESS}/how-to/keys.md">Keys</a>'


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_page_has_the_heading_that_the_link_is_named_after(page: Page) -> None:
    path, _, anchor = page.path.partition("#")
    headings = re.findall(r"^#+ (.+)$", ROOT.joinpath("docs", path).read_text(), re.MULTILINE)
    assert page.title in headings
    # As a forge makes anchors of headings.
    slug = re.sub(r"[^\w -]", "", page.title.lower()).replace(" ", "-")
    assert anchor in ("", slug)
    assert anchor or headings[0] == page.title
