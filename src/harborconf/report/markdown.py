"""A plan, and what became of it, as a comment on a pull request.

Names and values stand in code only, where Markdown, mentions, links and HTML mean nothing:
in fences longer than any run of backticks inside, in code spans, and escaped in `<code>`.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harborconf.engine.plan import Action
from harborconf.report.plain import (
    artifacts_named,
    counts,
    cut,
    inline,
    others,
    outcome,
    previewed,
    refused,
    shown,
    values,
)
from harborconf.report.safe import safe
from harborconf.spec.address import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harborconf.engine.apply import Result
    from harborconf.engine.plan import Change, FieldChange, Plan
    from harborconf.engine.preview import Preview

MOST = 65_000
"""Characters of a comment. GitHub takes 65,536; what posts it may add a few."""

_OPEN_LINES = 60
_MOST, _MOST_ITEM, _MOST_TITLE, _MOST_ARTIFACTS = 120, 400, 200, 20
_RESERVE = 600
_BACKTICKS = re.compile(r"`+")
_SHOWN_APART = frozenset({Action.BLOCKED, Action.DELETE})

Lines = list[str]


@dataclass(frozen=True, slots=True)
class _Part:
    """A title and entries of some lines each; `title` is HTML where the part can be folded."""

    title: str
    entries: list[Lines]
    folds: bool = False
    language: str = "diff"

    @property
    def size(self) -> int:
        return sum(len(entry) for entry in self.entries)


def render_plan(plan: Plan, whole: str = "harborconf plan", most: int = MOST) -> str:
    """The plan; `whole` is the command that shows all of it where it had to be cut."""
    return _render(plan, [], [], whole, most)


def render_run(plan: Plan, result: Result, whole: str = "harborconf plan", most: int = MOST) -> str:
    """A plan with what became of it."""
    told = f"**{outcome(result)}**"
    parts = [
        _part("**Failed**", (_failure(one.step, one.message, one.advice) for one in result.failed)),
        _part(
            "**Skipped**", ([f"! {safe(f'{one.step}: {one.reason}')}"] for one in result.skipped)
        ),
    ]
    return _render(plan, [told], parts, whole, most)


def _failure(step: object, message: str, advice: str) -> Lines:
    lines = [f"- {safe(str(step))}", f"-   {_item(message)}"]
    return [*lines, f"    {_item(advice)}"] if advice else lines


# ---- the parts -----------------------------------------------------------------------


def _render(plan: Plan, told: Sequence[str], first: Iterable[_Part], whole: str, most: int) -> str:
    nothing = "nothing that can be done" if plan.changes else "nothing to do"
    title = ", ".join(counts(plan.changes, all_three=False)) or nothing
    where = f"{code(cut(plan.url, _MOST_TITLE))}, Harbor {code(plan.harbor_version)}"
    about = f"{where}: {', '.join(others(plan))}."
    head = [f"### harborconf: {title}", about, *told]
    if not plan.complete:
        head.append("**The plan is incomplete and cannot be applied.**")
    parts = [part for part in (*first, *_parts(plan)) if part.entries]
    return _fitted("\n\n".join(head), parts, whole, most)


def _parts(plan: Plan) -> Iterator[_Part]:
    """What needs eyes first, then project by project, then what is only told."""
    refusals = ([f"! {refused(one)}"] for one in plan.refusals)
    yield _part("**Stopped by guards**", refusals)
    for action, title in ((Action.BLOCKED, "**Blocked**"), (Action.DELETE, "**To delete**")):
        chosen = [change for change in plan.changes if change.action is action]
        yield _part(title, map(_change, chosen))
    for title, changes in _groups(plan).items():
        yield _Part(title, [[*_change(change), ""] for change in changes], folds=True)
    unknown = (
        [f"{safe(one.address.field(one.path))}: {_item(one.reason)}"] for one in plan.unknown
    )
    yield _part("Cannot tell", unknown, folds=True, language="text")
    yield _part("Not in the reviewed plan, left alone", map(_change, plan.elsewhere), folds=True)
    previews = (_preview(preview) for preview in plan.previews)
    yield _part("Retention, if it ran now", previews, folds=True)
    extras = ([safe(str(address))] for address in plan.extras)
    yield _part(
        "Live and not desired, left alone without prune", extras, folds=True, language="text"
    )
    notices = ([_item(notice)] for notice in plan.notices)
    yield _part("Notes", notices, folds=True, language="text")


def _preview(preview: Preview) -> Lines:
    lines = [f"@@ {previewed(preview)} @@"]
    for one in preview.repositories:
        lines.append(f"  {_item(one.name)}: keeps {one.kept}")
        if one.deleted:
            names = _item(artifacts_named(one, _MOST_ARTIFACTS))
            lines[-1] = (
                f"- {_item(one.name)}: keeps {one.kept}, deletes {len(one.deleted)}: {names}"
            )
    return lines


def _part(
    title: str, entries: Iterable[Lines], *, folds: bool = False, language: str = "diff"
) -> _Part:
    found = list(entries)
    return _Part(f"{title}: {len(found)}", found, folds, language)


def _groups(plan: Plan) -> dict[str, list[Change]]:
    """The changes that are not shown apart, by project; each title says what is in it."""
    found: dict[str, list[Change]] = {}
    for change in plan.changes:
        if change.action not in _SHOWN_APART:
            address = change.address
            owner = address if address.kind == PROJECT else address.owner
            name = "system" if owner is None else str(owner)
            found.setdefault(name, []).append(change)
    return {
        f"<code>{html.escape(cut(safe(name), _MOST_TITLE))}</code>: {_counts(changes)}": changes
        for name, changes in found.items()
    }


def _counts(changes: Sequence[Change]) -> str:
    pending = sum(change.action is Action.PENDING for change in changes)
    told = counts(changes, all_three=False)
    return ", ".join([*told, f"{pending} pending"] if pending else told)


# ---- one change ----------------------------------------------------------------------

_LINES = {
    Action.CREATE: "+ {}",
    Action.UPDATE: "@@ {} @@",
    Action.DELETE: "- {}",
    Action.BLOCKED: "! {}",
    Action.PENDING: "? {}",
}


def _change(change: Change) -> Lines:
    line = _LINES[change.action].format(safe(str(change.address)))
    place = f"# {safe(str(change.position))}" if change.position else ""
    told = [line, _item(change.reason), place]
    lines = ["  ".join(part for part in told if part)]
    for field in change.fields:
        lines += _field(change, field)
    return lines


def _field(change: Change, field: FieldChange) -> Lines:
    what = shown(field, change.action)
    name = f"  {safe(what.path)}:"
    reason = f"  ({_item(what.reason)})" if what.reason else ""
    if what.listed:
        return [
            f"{' ' if change.action is Action.UPDATE else '+'} {name}{reason}",
            *(f"-     {_item(inline(item))}" for item in what.removed),
            *(f"+     {_item(inline(item))}" for item in what.added),
        ]
    before, after = values(what, _MOST)
    told = {"-": before, "+": after}
    lines = [f"{sign} {name} {value}" for sign, value in told.items() if value is not None]
    return [*lines[:-1], f"{lines[-1]}{reason}"]


def _item(text: str) -> str:
    return cut(safe(text), _MOST_ITEM)


# ---- Markdown itself -----------------------------------------------------------------


def code(text: str) -> str:
    """Text as a code span, where nothing is markup."""
    text = safe(text)
    ticks = "`" * (_longest(text) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _longest(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)


def _fitted(head: str, parts: Sequence[_Part], whole: str, most: int) -> str:
    """As much of the parts as fits, from the first on; a note says what was cut."""
    is_open = sum(part.size for part in parts) <= _OPEN_LINES
    room = most - len(head) - _RESERVE
    pieces = [head]
    left = sum(len(part.entries) for part in parts)
    for part in parts:
        taken, complete = _taken(part, room - len(_framed(part, [], is_open=is_open)))
        if taken:
            pieces.append(_framed(part, taken, is_open=is_open))
            room -= len(pieces[-1]) + 2
        left -= complete
        if complete < len(part.entries):
            pieces.append(
                f"**Cut here: {left} entries more.** The whole is shown by {code(whole)}."
            )
            break
    return "\n\n".join(pieces) + "\n"


def _taken(part: _Part, room: int) -> tuple[Lines, int]:
    """The lines of a part that fit, and how many entries they hold from end to end."""
    lines: Lines = []
    for complete, entry in enumerate(part.entries):
        for index, line in enumerate(entry):
            room -= len(line) + 1
            if room < 0:
                return ([*lines, "..."] if index else lines), complete
            lines.append(line)
    return lines, len(part.entries)


def _framed(part: _Part, lines: Lines, *, is_open: bool) -> str:
    longest = max((_longest(line) for entry in part.entries for line in entry), default=0)
    fence = "`" * max(3, longest + 1)
    block = "\n".join([f"{fence}{part.language}", *lines]).rstrip("\n") + f"\n{fence}"
    if not part.folds:
        return f"{part.title}\n\n{block}"
    state = " open" if is_open else ""
    return f"<details{state}><summary>{part.title}</summary>\n\n{block}\n\n</details>"
