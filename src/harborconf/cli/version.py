"""`harborconf version`."""

from __future__ import annotations

from harborconf import __version__
from harborconf.cli.console import write


def version() -> None:
    """Print harborconf's version."""
    write(f"harborconf {__version__}")
