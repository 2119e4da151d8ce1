"""Printing: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harborconf.report.plain import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.text import Text


def console(*, stderr: bool = False) -> Console:
    """A console that knows terminals and NO_COLOR; long lines are left to the terminal."""
    from rich.console import Console  # noqa: PLC0415 - costs a tenth of a second

    return Console(stderr=stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)


def show(lines: Iterable[Text]) -> None:
    """Print styled lines on standard output."""
    out = console()
    for line in lines:
        out.print(line)


def write(text: str) -> None:
    """Print plain text on standard output."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Tell something on standard error."""
    sys.stderr.write(f"{safe(text)}\n")
    sys.stderr.flush()


def fail(lines: Sequence[str], advice: str = "") -> None:
    """Tell what is wrong, and what to do, on standard error."""
    out = console(stderr=True)
    for line in lines:
        out.print("error: ", style="bold red", end="")
        out.print(safe(line))
    if advice:
        out.print(f"       {safe(advice)}", style="dim")
