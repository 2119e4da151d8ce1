"""What there is since which version of Harbor, from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.markdown import MADE, code, table
from harborconf.cli.simulator import NEWEST
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import KINDS

if TYPE_CHECKING:
    from harborconf.kinds.base import Declared

OLDEST = min(NEWEST, key=lambda version: tuple(map(int, version.split("."))))
_HEAD = f"""\
Supported are Harbor {", ".join(NEWEST)}. Which one it is, is asked at the beginning of each run. A
field that it lacks is an error that says so, at the line that writes it; a newer Harbor is worked
with, and said to be unknown."""


def versions() -> str:
    """The page as Markdown."""
    kinds = [(kind, list(declared(kind.model))) for kind in KINDS]
    lines = [
        MADE,
        "# Versions of Harbor",
        "",
        _HEAD,
        "",
        f"## Not in {OLDEST}, or not in every one",
        "",
        *table(
            ("kind", "field", "since", "until", *NEWEST),
            [
                (code(kind.name), code(item.path), item.since, item.until or "", *_marks(item))
                for kind, items in kinds
                for item in items
                if item.since != OLDEST or item.until
            ],
        ),
        "A patch stands where the field came with it: 2.15.1 has it, 2.15.0 does not.",
        "",
        "## In all of them",
        "",
        *table(
            ("kind", "fields in all of them", "what it is"),
            [
                (
                    f"[`{kind.name}`](fields.md#{kind.name})",
                    str(sum(item.since == OLDEST and not item.until for item in items)),
                    kind.doc.partition("\n")[0],
                )
                for kind, items in kinds
            ],
        ),
    ]
    return "\n".join(lines)


def _marks(item: Declared) -> list[str]:
    """Which minor versions have it, in their newest patch."""
    return ["yes" if item.exists_in(_parts(newest)) else "" for newest in NEWEST.values()]


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
