"""Tables of Markdown."""

from __future__ import annotations

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
