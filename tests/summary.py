"""Figures that tests want printed after a run, failed or not."""

from __future__ import annotations

LINES: dict[str, str] = {}
"""By title, in the order they were first told."""


def tell(title: str, text: str) -> None:
    """Print this at the end of the run; a title told again replaces its text."""
    LINES[title] = text
