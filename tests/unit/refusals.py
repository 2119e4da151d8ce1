"""What a refusal says."""

from __future__ import annotations

from collections.abc import Callable


def refusal(read: Callable[[object], object], raw: object) -> str:
    """The message of the ValueError that reading raises."""
    try:
        found = read(raw)
    except ValueError as error:
        return str(error)
    raise AssertionError(f"{raw!r} was read as {found!r}")
