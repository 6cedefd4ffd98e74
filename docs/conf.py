"""The configuration of Sphinx for this folder. ``tox -e docs`` builds it; CONTRIBUTING.md says how to add a page."""

import sys
import tomllib
from pathlib import Path

from pygments.lexers.configs import IniLexer
from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "extensions"))
PROJECT = tomllib.loads(DOCS.parent.joinpath("pyproject.toml").read_text(encoding="utf-8"))["project"]

project = PROJECT["name"]
version = release = PROJECT["version"]
author = copyright = PROJECT["authors"][0]["name"]  # noqa: A001
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "repository_links", "public_names"]
exclude_patterns = ["README.md"]
# Every link must have a target. Types of other packages have none here: their documentation is not fetched.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!cookiejar_session).*"),
    # What annotations name, and no page describes: type variables, and classes that are not public.
    ("py:class", r"cookiejar_session\..+\.(T|Settings|SessionState|KeySource|Ring|RingEntry|RefusedByFastAPI)"),
]

# The anchors of headings are those that forges make, so that a link works in both.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
add_module_names = False
html_theme = "furo"
html_title = f"{project} {version}"
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_copy_source = False
# Quotes stay as they are written: readers copy commands out of sentences.
smartquotes = False
html_show_sphinx = False


def setup(app: Sphinx) -> None:
    # The blocks with example values in SPEC.md: lines of ``name = value``.
    app.add_lexer("example", IniLexer)
