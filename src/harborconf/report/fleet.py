"""What became of a fleet: the plans of its targets, and target by kind what there is to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text

from harborconf.engine.plan import Action
from harborconf.kinds.catalog import KINDS
from harborconf.report import text
from harborconf.report.json import plan_values
from harborconf.report.markdown import MOST, code, render_plan, render_run
from harborconf.report.plain import as_json, counted, counts, cut, others
from harborconf.report.safe import safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harborconf.engine.plan import Plan
    from harborconf.report.run import Run

FORMAT = 1
"""Counts incompatible changes."""

BY_PLACE = tuple(kind.name for kind in KINDS)
_MOST_QUIET = 20
"""Targets with nothing to tell that have a line each."""
_MOST_NAMES = 8
_LEAST = 4_000
"""Characters that a plan in Markdown needs to tell something."""
_LEGEND = "Changes by kind, of which those after a ! are blocked; extras in ()."


@dataclass(frozen=True, slots=True)
class Cell:
    """What there is of one kind on one target."""

    changes: int = 0
    blocked: int = 0
    extras: int = 0

    def __str__(self) -> str:
        told = [
            str(self.changes) if self.changes else "",
            f"!{self.blocked}" if self.blocked else "",
            f"({self.extras})" if self.extras else "",
        ]
        return " ".join(filter(None, told)) or "."


@dataclass(frozen=True, slots=True)
class Row:
    """One target of the matrix: by kind what there is, and what went wrong."""

    name: str
    kinds: Mapping[str, Cell] = field(default_factory=dict)
    error: str = ""

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.kinds and not self.error

    @property
    def whole(self) -> Cell:
        """All kinds together."""
        every = self.kinds.values()
        return Cell(
            sum(one.changes for one in every),
            sum(one.blocked for one in every),
            sum(one.extras for one in every),
        )


def matrix(runs: Mapping[str, Run]) -> tuple[Row, ...]:
    """Target by kind. Changes are those that write something; what is pending is none."""
    return tuple(Row(name, _cells(run.plan), _error(run)) for name, run in runs.items())


def _cells(plan: Plan | None) -> dict[str, Cell]:
    if plan is None:
        return {}
    changes = Counter(change.address.kind for change in plan.writes)
    blocked = Counter(
        change.address.kind for change in plan.changes if change.action is Action.BLOCKED
    )
    extras = Counter(address.kind for address in plan.extras)
    return {
        kind: Cell(changes[kind], blocked[kind], extras[kind])
        for kind in BY_PLACE
        if changes[kind] or blocked[kind] or extras[kind]
    }


def _error(run: Run) -> str:
    if run.errors:
        return run.errors[0]
    if run.result is not None and not run.result.is_complete:
        return f"{len(run.result.failed)} steps failed, {len(run.result.skipped)} skipped"
    if run.plan is not None and run.plan.refusals:
        return f"stopped by {', '.join(one.guard for one in run.plan.refusals)}"
    return ""


# ---- text ----------------------------------------------------------------------------


def render_plans(runs: Mapping[str, Run]) -> Iterator[Text]:
    """The plans in which there is something to do or to mind; those alike once, for all of them."""
    for names, plan in _alike(runs):
        yield Text(f"== {_named(names)}", "bold")
        yield from text.render_body(plan)
        if len(names) > 1:
            told = ", ".join([*counts(plan.changes), *others(plan)])
            yield Text(f"Plan for each of {len(names)}: {told}.", "bold")
        else:
            yield text.render_summary(plan)
        yield Text()


def _alike(runs: Mapping[str, Run]) -> list[tuple[list[str], Plan]]:
    """Plans with the names of all that have the same, in the order of the first."""
    found: dict[tuple[str, ...], tuple[list[str], Plan]] = {}
    for name, run in runs.items():
        plan = run.plan
        if plan is None or not (plan.changes or plan.refusals or not plan.complete):
            continue
        told = [line.plain for line in text.render_body(plan)]
        told += [line.plain for line in text.render_result(run.result)] if run.result else []
        found.setdefault(tuple(told), ([], plan))[0].append(name)
    return list(found.values())


def _named(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def render_results(runs: Mapping[str, Run]) -> Iterator[Text]:
    """What was done on each target that was written to."""
    for name, run in runs.items():
        if run.result is not None and run.plan is not None and run.plan.is_applicable:
            for line in text.render_result(run.result):
                yield Text(f"{name}: ", "bold").append_text(line)


def render_matrix(runs: Mapping[str, Run], width: int) -> Iterator[Text]:
    """What there is to do by target and kind, what went wrong, and all of it in one line.

    A table where that is not wider than so many characters, else a line a target.
    """
    rows = matrix(runs)
    quiet = [row.name for row in rows if row.is_quiet]
    loud = [row for row in rows if not row.is_quiet or len(quiet) <= _MOST_QUIET]
    table = _table(loud)
    if max((len(line) for line in table), default=0) > width:
        table = [_line(row, width) for row in loud]
    if loud:
        yield from (Text(line, "red" if row.error else "") for line, row in _paired(table, loud))
    if len(quiet) > _MOST_QUIET:
        yield Text(f"{_named(quiet)}: nothing to do", "dim")
    if any(row.whole.blocked or row.whole.extras for row in rows):
        yield Text(_LEGEND, "dim")
    for names, lines, advice in _failures(runs):
        for line in lines:
            yield Text(f"! {_named(names)}: {safe(line)}", "bold red")
        if advice:
            yield Text(f"  {safe(advice)}", "dim")
    yield Text(_summary(runs, rows), "bold")


def _paired(table: list[str], rows: Sequence[Row]) -> Iterator[tuple[str, Row]]:
    heads = len(table) - len(rows)
    yield from zip(table, [Row("")] * heads + [*rows], strict=True)


def _failures(runs: Mapping[str, Run]) -> list[tuple[list[str], tuple[str, ...], str]]:
    found: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for name, run in runs.items():
        if run.errors:
            found.setdefault((run.errors, run.advice), []).append(name)
    return [(names, lines, advice) for (lines, advice), names in found.items()]


def _table(rows: Sequence[Row]) -> list[str]:
    kinds = [kind for kind in BY_PLACE if any(kind in row.kinds for row in rows)]
    heads = ["target", *kinds, "all"]
    cells = [
        [row.name, *(str(row.kinds.get(kind, Cell())) for kind in kinds), str(row.whole)]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = ["  ".join(map(str.ljust, line, widths)).rstrip() for line in [heads, *cells]]
    for index, row in enumerate(rows, 1):
        if row.error and not row.kinds:
            lines[index] = f"{row.name:<{widths[0]}}  error"
        elif row.error:
            lines[index] = f"{lines[index]}  error"
    return lines


def _line(row: Row, width: int) -> str:
    told = [f"{kind} {cell}" for kind, cell in row.kinds.items()]
    if row.error:
        told.insert(0, "error")
    return cut(f"{row.name}: {', '.join(told) or 'nothing to do'}", max(width, 40))


def _summary(runs: Mapping[str, Run], rows: Sequence[Row]) -> str:
    changed = [row for row in rows if row.whole.changes]
    bad = sum(run.exit_code == 1 for run in runs.values())
    extras = sum(row.whole.extras for row in rows)
    changes = sum(row.whole.changes for row in changed)
    told = f"{counted(changes, 'change')} on {len(changed)}, {bad} not well, {extras} extra"
    return f"{counted(len(runs), 'target')}: {told}."


# ---- JSON and Markdown ---------------------------------------------------------------


def render_json(run: Run) -> str:
    """All of it as one document; each plan is what `plan --format json` prints of it."""
    rows = {row.name: row for row in matrix(run.targets)}
    values = {
        "format": FORMAT,
        "command": run.command,
        "exit_code": run.exit_code,
        "targets": {
            name: {
                "exit_code": one.exit_code,
                "seconds": round(one.seconds, 3),
                "errors": list(one.errors),
                "advice": one.advice,
                "kinds": {
                    kind: {"changes": cell.changes, "blocked": cell.blocked, "extra": cell.extras}
                    for kind, cell in rows[name].kinds.items()
                },
                "plan": one.plan and plan_values(one.plan, one.result),
            }
            for name, one in run.targets.items()
        },
    }
    return as_json(values)


def render_markdown(run: Run, whole: str) -> str:
    """The matrix, then target by target as much as fits; `whole` is the command that shows all."""
    runs = run.targets
    rows = matrix(runs)
    parts = [f"### harborconf: {_summary(runs, rows)}", _markdown_table(rows)]
    for names, lines, advice in _failures(runs):
        told = " ".join(filter(None, (*map(code, lines), code(advice) if advice else "")))
        parts.append(f"**{_named(names)}**: {told}")
    note = "**Cut here: {} targets more.** The whole is shown by {}."
    room = MOST - sum(len(part) + 2 for part in parts) - len(note) - len(whole) - 20
    found = _alike(runs)
    for index, (names, plan) in enumerate(found):
        frame = f"<details><summary>{_named(names)}</summary>\n\n{{}}\n</details>"
        room -= len(frame) + 2
        if room < _LEAST:
            left = sum(len(one) for one, _ in found[index:])
            parts.append(note.format(left, code(whole)))
            break
        result = runs[names[0]].result
        told = render_run(plan, result, whole, room) if result else render_plan(plan, whole, room)
        room -= len(told)
        parts.append(frame.format(told))
    return "\n\n".join(parts) + "\n"


def _markdown_table(rows: Sequence[Row]) -> str:
    loud = [row for row in rows if not row.is_quiet]
    kinds = [kind for kind in BY_PLACE if any(kind in row.kinds for row in loud)]
    lines = [["target", *kinds, "all"], ["---"] * (len(kinds) + 2)]
    for row in loud:
        cells = [str(row.kinds.get(kind, Cell())) for kind in kinds]
        lines.append([row.name, *cells, "error" if row.error else str(row.whole)])
    quiet = len(rows) - len(loud)
    told = "\n".join(f"| {' | '.join(line)} |" for line in lines) if loud else ""
    return "\n\n".join(filter(None, (told, f"{quiet} with nothing to do." if quiet else "")))
