"""`harborconf simulator`: a Harbor in memory, for any client."""

from __future__ import annotations


def simulator() -> None:
    """Serve a simulated Harbor on loopback."""
    raise NotImplementedError
