"""Which version is being built: that of the tag; between two, of the last one and how far from it.

hatchling asks for `version()`. A source distribution has it in PKG-INFO already.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent
UNKNOWN = "0.dev0"
"""Of files that came without git, and not from an archive of GitHub's either."""
_DESCRIBED = re.compile(r"v(?P<tag>[0-9.]+)(?:-(?P<since>[0-9]+)-(?P<commit>g[0-9a-f]+))?")


def version(root: Path = ROOT) -> str:
    """The version of what lies there, as PEP 440 wants it."""
    if (root / ".git").exists():
        return _of(_git(root, "describe", "--tags", "--match", "v[0-9]*")) or _untagged(root)
    archive = root / ".git_archival.txt"
    return (_of(archive.read_text(encoding="ascii").strip()) if archive.exists() else "") or UNKNOWN


def _of(described: str) -> str:
    match = _DESCRIBED.fullmatch(described)
    if match is None:
        return ""
    since = f".post0.dev{match['since']}+{match['commit']}" if match["since"] else ""
    return f"{match['tag']}{since}"


def _untagged(root: Path) -> str:
    count = _git(root, "rev-list", "--count", "HEAD")
    commit = _git(root, "rev-parse", "--short", "HEAD")
    return f"0.dev{count}+g{commit}" if count and commit else UNKNOWN


def _git(root: Path, *command: str) -> str:
    """What git says, or nothing where it cannot."""
    try:
        ran = subprocess.run(
            ["git", *command], cwd=root, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return ran.stdout.strip()
