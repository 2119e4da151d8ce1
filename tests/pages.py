"""The pages as tests read them: blocks of code, tables, what people are told to type."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from harborconf.cli import app

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
COMMANDS = {name for listed in app.COMMANDS.values() for name in listed}
# A block of code; with a comment before it, from this file.
BLOCK = re.compile(r"(?:<!-- (\S+) -->\n)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return [body for _, kind, body in BLOCK.findall(text(page)) if kind == language]


def commands(page: str) -> list[list[str]]:
    """What a page tells people to type, comments left out."""
    lines = "".join(blocks(page, "sh")).replace("\\\n", "").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


def rows(page: str, heading: str) -> list[list[str]]:
    """The rows of the table whose first column has this heading."""
    lines = text(page).partition(f"| {heading} |")[2].splitlines()[2:]
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found
