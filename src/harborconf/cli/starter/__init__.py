"""What `harborconf init` puts beside the files: a workflow, a README, what git ignores."""

from __future__ import annotations

import re
from importlib.resources import files
from urllib.parse import urlsplit

from harborconf import __version__

ACTION = "harborconf/harborconf"
"""Where the GitHub Action is."""
_RELEASE = f"v{__version__}" if re.fullmatch(r"[\d.]+", __version__) else ""
"""The tag of this version, if it has one."""
_FILES = {
    "README.md": "README.md",
    "workflow.yml": ".github/workflows/harbor.yml",
    "gitignore": ".gitignore",
}


def starter(url: str) -> dict[str, str]:
    """The files, by path, for the Harbor at a URL."""
    values = {
        "url": url,
        "host": urlsplit(url).hostname or url,
        "action": f"{ACTION}@{_RELEASE or 'main'}",
        "package": f"harborconf=={__version__}" if _RELEASE else f"git+https://github.com/{ACTION}",
    }
    found = {}
    for name, path in _FILES.items():
        text = files(__name__).joinpath(name).read_text(encoding="utf-8")
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", value)
        found[path] = text
    return found
