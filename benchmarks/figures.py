"""Figures that were measured: kept as JSON, and shown as a table, a page and a picture.

Run as a program it writes the page's tables and the picture anew from the figures; the same
figures give the same text.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from html import escape
from math import ceil, log10
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HARBORCONF, BARE, OPENTOFU = "harborconf", "bare client", "OpenTofu"
PLAN, APPLY = "plan, nothing to do", "apply from empty"
IN_TURN = "plan, in turn with OpenTofu"
BEGIN, END = "<!-- figures: made by `make docs` -->", "<!-- end of figures -->"


@dataclass(frozen=True)
class Row:
    """What one command of one tool cost: medians of so many times, and requests of one run."""

    task: str
    tool: str
    wall: float
    cpu: float
    memory: int
    requests: int
    writes: int
    times: int


@dataclass(frozen=True)
class Slowed:
    """Milliseconds of somebody else's requests beside something: half and 99 % took no longer."""

    beside: str
    half: float
    most: float
    requests: int


@dataclass(frozen=True)
class Entry:
    """Everything that was measured on one Harbor of one size."""

    harbor: str
    projects: int
    concurrency: int
    opentofu: str
    rows: tuple[Row, ...]
    slowed: tuple[Slowed, ...]

    def of(self, task: str, tool: str) -> Row | None:
        """What a task cost with a tool, if it was measured."""
        found = (row for row in self.rows if (row.task, row.tool) == (task, tool))
        return next(found, None)


@dataclass(frozen=True)
class Figures:
    """All there is, and the machine it comes from."""

    machine: str = ""
    entries: tuple[Entry, ...] = ()


def load(file: Path) -> Figures:
    """The figures in a file; none if there is none."""
    if not file.exists():
        return Figures()
    found = json.loads(file.read_text(encoding="utf-8"))
    entries = [_entry(entry) for entry in found["entries"]]
    return Figures(found["machine"], tuple(entries))


def _entry(found: Any) -> Entry:
    rows = tuple(Row(**row) for row in found.pop("rows"))
    slowed = tuple(Slowed(**one) for one in found.pop("slowed"))
    return Entry(**found, rows=rows, slowed=slowed)


def save(file: Path, machine: str, entry: Entry) -> None:
    """Add what was measured, instead of what was measured of the same Harbor and size before."""

    def key(one: Entry) -> tuple[str, int]:
        return one.harbor, one.projects

    kept = [one for one in load(file).entries if key(one) != key(entry)]
    figures = Figures(machine, tuple(sorted([*kept, entry], key=key)))
    file.write_text(json.dumps(asdict(figures), indent=1) + "\n", encoding="utf-8")


def table(entry: Entry) -> list[str]:
    """What was measured of one Harbor and size, as a table of Markdown, with ratios below."""
    lines = [
        f"### Harbor {entry.harbor}: {entry.projects:,} projects",
        "",
        f"At most {entry.concurrency} requests at once.",
        "",
        "| task | tool | time s | CPU s | MiB | requests | writes | times |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in entry.rows:
        counts = f"{row.requests:,} | {row.writes:,}" if row.requests else "|"
        figures = f"{row.wall:.2f} | {row.cpu:.2f} | {row.memory} | {counts} | {row.times}"
        lines.append(f"| {row.task} | {row.tool} | {figures} |")
    lines += ["", *(f"- {told}" for told in ratios(entry))]
    if entry.opentofu:
        lines.append(f"- {OPENTOFU} is {entry.opentofu}.")
    lines += [
        "",
        "| somebody else's requests beside | half took ms | 99 % took ms | of |",
        "|---|--:|--:|--:|",
        *(f"| {one.beside} | {one.half} | {one.most} | {one.requests:,} |" for one in entry.slowed),
    ]
    return [*lines, ""]


def ratios(entry: Entry) -> Iterator[str]:
    """What is compared, in sentences."""
    for one, other, sentence in (
        ((PLAN, HARBORCONF), (PLAN, BARE), "A plan takes {} times as long as the bare client"),
        ((PLAN, OPENTOFU), (IN_TURN, HARBORCONF), "OpenTofu's plan takes {} times as long"),
        ((APPLY, OPENTOFU), (APPLY, HARBORCONF), "OpenTofu's apply takes {} times as long"),
    ):
        long, short = entry.of(*one), entry.of(*other)
        if long and short:
            longer = f"{long.wall / short.wall:.3g}"
            yield f"{sentence.format(longer)}; {long.memory} MiB against {short.memory}."


def growth(figures: Figures) -> list[str]:
    """How plan's costs grow with the number of projects."""
    lines = [
        "| Harbor | projects | time s | ms a project | MiB | requests a project |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for entry in figures.entries:
        row = entry.of(PLAN, HARBORCONF)
        if row:
            each = row.wall / entry.projects * 1000
            asked = row.requests / entry.projects
            lines.append(
                f"| {entry.harbor} | {entry.projects:,} | {row.wall:.2f} | {each:.1f}"
                f" | {row.memory} | {asked:.2f} |"
            )
    return lines


def page(text: str, figures: Figures) -> str:
    """The page with these figures in the place that is theirs."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    made = [BEGIN, "", *growth(figures), ""]
    for entry in figures.entries:
        made += table(entry)
    return before + "\n".join([*made, END]) + after


# ---- the picture -------------------------------------------------------------------------

COLOURS = {HARBORCONF: "#0b7285", BARE: "#adb5bd", OPENTOFU: "#e8590c"}
LEFT, TOP, WIDE, HIGH, GAP = 210, 46, 520, 16, 14
SHORTEST = 0.1
"""Seconds where the axis begins; it is logarithmic."""


def picture(figures: Figures) -> str:
    """Times of plan and apply as bars, as SVG."""
    groups = [
        (f"{name} of {entry.projects:,}, {entry.harbor}", rows)
        for entry in figures.entries
        for task, name in ((PLAN, "plan"), (APPLY, "apply"))
        if (rows := [row for row in entry.rows if row.task == task])
    ]
    longest = max((row.wall for _, rows in groups for row in rows), default=1.0)
    decades = max(1, ceil(log10(longest / SHORTEST)))
    bars: list[str] = []
    top = TOP
    for title, rows in groups:
        bars.append(_text(LEFT - 8, top + 12, title, "end"))
        for row in rows:
            wide = WIDE * max(log10(max(row.wall, SHORTEST) / SHORTEST), 0.01) / decades
            bars.append(_bar(LEFT, top, wide, COLOURS[row.tool]))
            bars.append(_text(LEFT + wide + 4, top + 12, f"{row.wall:.2f} s"))
            top += HIGH
        top += GAP
    size = f'width="{LEFT + WIDE + 70}" height="{top}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif"',
            ' font-size="11" role="img">',
            "<title>Seconds that plan and apply take; the axis is logarithmic</title>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            *_legend(),
            *_axis(decades, top),
            *bars,
            "</svg>\n",
        ]
    )


def _legend() -> Iterator[str]:
    for number, (tool, colour) in enumerate(COLOURS.items()):
        at = LEFT + 110 * number
        yield _bar(at, 4, 14, colour)
        yield _text(at + 18, 16, tool)


def _axis(decades: int, bottom: int) -> Iterator[str]:
    for decade in range(decades + 1):
        at = LEFT + WIDE * decade / decades
        yield f'<path d="M{at:.1f} 40V{bottom}" stroke="#dee2e6"/>'
        yield _text(at, 34, f"{SHORTEST * 10**decade:g} s", "middle")


def _bar(left: float, top: float, wide: float, colour: str) -> str:
    return f'<rect x="{left}" y="{top}" width="{wide:.1f}" height="{HIGH - 2}" fill="{colour}"/>'


def _text(left: float, base: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{left:.1f}" y="{base}" text-anchor="{anchor}">{escape(text)}</text>'


if __name__ == "__main__":
    source, target, drawn = (Path(name) for name in sys.argv[1:])
    shown = load(source)
    target.write_text(page(target.read_text(encoding="utf-8"), shown), encoding="utf-8")
    drawn.write_text(picture(shown), encoding="utf-8")
