"""How two live Harbors differ, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from harborconf.report.json import change_values
from harborconf.report.plain import as_json, counts
from harborconf.report.text import render_changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harborconf.engine.plan import Change

FORMAT = 1
"""Counts incompatible changes."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its name in the fleet, where it is, and its version as text."""

    target: str
    url: str
    version: str


def render_text(one: Side, other: Side, changes: Sequence[Change]) -> Iterator[Text]:
    """What would change in the one so that it is as the other, then how much that is."""
    yield from render_changes(changes)
    if one.version.split(".")[:2] != other.version.split(".")[:2]:
        told = f"{one.target} is Harbor {one.version}, {other.target} is {other.version}"
        yield Text(f"note: {told}: fields that only one of them has are not compared", "cyan")
    told = ", ".join(counts(changes)) if changes else "nothing"
    yield Text(f"For {one.target} to be as {other.target}: {told}.", "bold")


def render_json(one: Side, other: Side, changes: Sequence[Change]) -> str:
    """The same as one JSON document, plain ASCII."""
    values = {
        "format": FORMAT,
        "one": _values(one),
        "other": _values(other),
        "changes": [change_values(change) for change in changes],
    }
    return as_json(values)


def _values(side: Side) -> dict[str, Any]:
    return {"target": side.target, "url": side.url, "version": side.version}
