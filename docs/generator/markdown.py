"""Tables of Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MADE = "<!-- Made by `make docs`. -->"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table, and an empty one after it."""
    yield row(*heads)
    yield "|" + "---|" * len(heads)
    yield from (row(*cells) for cells in rows)
    yield ""


def row(*cells: str) -> str:
    """One line of a table."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def code(text: str) -> str:
    """Text as code, if there is any."""
    return f"`{text}`" if text else ""


def prose(text: str) -> str:
    """Text for a terminal as Markdown: what could be a tag is not, and options are code."""
    text = text.replace("<", "&lt;").replace("*", "\\*")
    return _OPTION.sub(lambda found: code(found[1]) if found[1] else found[0], text)


_OPTION = re.compile(r"`[^`]*`|(?<![\w-])(--[a-z][a-z-]*|[A-Z]+(?:_[A-Z]+)+)(?![\w-])")
