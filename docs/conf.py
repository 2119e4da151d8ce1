"""How the site is made of these pages: Sphinx, reading Markdown with MyST."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGES = Path(__file__).parent
ROOT = PAGES.parent
CODE = "https://github.com/harborconf/harborconf"

project = "harborconf"
author = "the authors of harborconf"
extensions = ["myst_parser"]
highlight_language = "none"
nitpicky = True
smartquotes = False  # -- and ... are meant
myst_heading_anchors = 3

html_theme = "furo"
html_title = "harborconf"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_theme_options = {
    "source_repository": CODE,
    "source_branch": "main",
    "source_directory": "docs/",
}

linkcheck_anchors_ignore_for_url = [r"https://github\.com/.*"]  # made by scripts there

_LINK = re.compile(r"(?<=\]\()(?:\.\./)+[^)\s]+")


def _lead_outside(app: Any, page: str, source: list[str]) -> None:
    """Let links to files that are no pages lead to the repository.

    That the files are there, and the headings in them, tests/unit/test_pages.py checks.
    """
    folder = Path(app.env.doc2path(page)).parent

    def found(link: re.Match[str]) -> str:
        file, hash_, anchor = link[0].partition("#")
        target = (folder / file).resolve()
        if target.is_relative_to(PAGES) or not target.exists():
            return link[0]
        return f"{CODE}/blob/main/{target.relative_to(ROOT)}{hash_}{anchor}"

    source[0] = _LINK.sub(found, source[0])


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _lead_outside)
