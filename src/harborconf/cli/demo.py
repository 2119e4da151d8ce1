"""`harborconf demo`: the whole round on a simulated Harbor."""

from __future__ import annotations


def demo() -> None:
    """Apply the example configuration to a simulated Harbor, make drift, correct it."""
    raise NotImplementedError
