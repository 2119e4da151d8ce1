"""Values as text, and what of a field's change is worth showing."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harborconf.engine.plan import Action
from harborconf.report.safe import safe
from harborconf.spec.value import write_size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harborconf.engine.apply import Result
    from harborconf.engine.plan import Change, FieldChange, Plan, Refusal
    from harborconf.engine.preview import Preview, RepositoryPreview

_PLAIN = re.compile(r"(?!.*: )[\w./*@+:$-][\w ./*@+:$%~()-]*")
_LISTED = 72
_BEFORE_DIFFERENCE = 24


def inline(value: Any) -> str:
    """A value as YAML would write it in one line."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{inline(key)}: {inline(item)}" for key, item in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    text = str(value)
    if isinstance(value, str) and not _PLAIN.fullmatch(text):
        return _quoted(text)
    return safe(text)


def _quoted(text: str) -> str:
    return safe(json.dumps(text, ensure_ascii=False))


def as_json(values: Mapping[str, Any]) -> str:
    """One JSON document, in plain ASCII: whatever a name holds, a terminal gets none of it."""
    return json.dumps(values, indent=2, ensure_ascii=True)


def inlines(one: Any, other: Any) -> tuple[str, str]:
    """Two values, each as YAML would write it; of two texts both or none in quotes."""
    told = (inline(one), inline(other))
    if isinstance(one, str) and isinstance(other, str) and told != (one, other):
        return _quoted(one), _quoted(other)
    return told


def cut(text: str, most: int, start: int = 0) -> str:
    """At most so many characters of a text from a place on, and how long it is if that is not all.

    `most` is more than a dozen.
    """
    if len(text) <= most:
        return text
    head = "... " if start else ""
    tail = " ..." if start + most < len(text) else ""
    return f"{head}{text[start : start + most]}{tail} ({len(text):,} characters)"


def pair(before: str, after: str, most: int) -> tuple[str, str]:
    """Two texts, each cut to at most so many characters around the place where they differ."""
    same = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        same += 1
    start = max(0, same - _BEFORE_DIFFERENCE) if same > most // 2 else 0
    return cut(before, most, start), cut(after, most, start)


@dataclass(frozen=True, slots=True)
class Shown:
    """A field's change as every format shows it: what goes, what comes.

    `listed` is for items that deserve a line each; else there is one value at most on either
    side, and none where there is nothing or nothing that can be told.
    """

    path: str
    removed: tuple[Any, ...]
    added: tuple[Any, ...]
    listed: bool
    reason: str = ""


def shown(field: FieldChange, action: Action) -> Shown:
    """What of a field's change is worth showing; of long lists what was added and removed."""
    before, after = field.before, field.after
    if after is None and action in (Action.DELETE, Action.BLOCKED):
        return Shown(field.path, (before,), (), listed=False, reason=field.reason)
    if before is None and (action is not Action.UPDATE or field.reason):
        listed = is_long(after)
        items = _items(after) if listed else (after,)
        return Shown(field.path, (), items, listed, field.reason)
    if field.added is not None or field.removed is not None:
        removed, added = _items(field.removed), _items(field.added)
    elif (is_long(before) or is_long(after)) and _is_many(before) and _is_many(after):
        removed, added = difference(before, after), difference(after, before)
    else:
        removed = added = ()
    if removed or added:
        return Shown(field.path, removed, added, listed=True, reason=field.reason)
    return Shown(field.path, (before,), (after,), listed=False, reason=field.reason)


def values(what: Shown, most: int) -> tuple[str | None, str | None]:
    """The value before and the one after of what is not listed, each cut to so many characters."""
    if what.removed and what.added:
        return pair(*inlines(what.removed[0], what.added[0]), most)
    before = cut(inline(what.removed[0]), most) if what.removed else None
    return before, cut(inline(what.added[0]), most) if what.added else None


def _is_many(value: Any) -> bool:
    return value is None or isinstance(value, list | dict)


def is_long(value: Any) -> bool:
    """Whether a list or map is too long for one line."""
    return isinstance(value, list | dict) and len(value) > 1 and len(inline(value)) > _LISTED


def _items(value: Any) -> tuple[Any, ...]:
    if value is None:
        return ()
    if isinstance(value, dict):
        return tuple({key: item} for key, item in value.items())
    return tuple(value) if isinstance(value, list) else (value,)


def difference(one: Any, other: Any) -> tuple[Any, ...]:
    """What the first list or map holds more often than the second, in its order."""
    left = Counter(map(inline, _items(other)))
    found = []
    for item in _items(one):
        if left[inline(item)]:
            left[inline(item)] -= 1
        else:
            found.append(item)
    return tuple(found)


def counts(changes: Sequence[Change], *, all_three: bool = True) -> list[str]:
    """How many to create, update and delete; only those there are, unless `all_three`."""
    found = Counter(change.action for change in changes)
    actions = (Action.CREATE, Action.UPDATE, Action.DELETE)
    return [
        f"{found[action]} to {action.value}" for action in actions if all_three or found[action]
    ]


def others(plan: Plan) -> list[str]:
    """How many changes cannot be made, and how much nobody can tell or nobody desires."""
    found = {
        "blocked": plan.count(Action.BLOCKED),
        "pending": plan.count(Action.PENDING),
        "cannot tell": len(plan.unknown),
    }
    told = [f"{count} {word}" for word, count in found.items() if count]
    return [*told, f"{len(plan.extras)} extra"]


def counted(number: int, thing: str) -> str:
    """So many of a thing, in words."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def outcome(result: Result) -> str:
    """How many steps were done, failed and were skipped."""
    told = (
        f"Done: {len(result.done)}, failed: {len(result.failed)}, skipped: {len(result.skipped)}."
    )
    return told if result.is_complete else f"{told} Run again to finish the rest."


def refused(refusal: Refusal) -> str:
    """What a guard stops, its figure and its limit, and how it is lifted."""
    told = f"{refusal.guard}: {refusal.message}"
    limit = f"{refusal.figure}, the limit is {refusal.limit}; --allow {refusal.guard} lifts it"
    return safe(f"{told} ({limit})")


def previewed(preview: Preview) -> str:
    """What a project's retention would delete if it ran now."""
    gone = sum(len(one.deleted) for one in preview.repositories)
    total = gone + sum(one.kept for one in preview.repositories)
    freed = sum(one.freed for one in preview.repositories)
    size = f" (up to {write_size(freed)})" if gone else ""
    return safe(f"{preview.address} would delete {gone} of {total} artifacts now{size}")


def artifacts_named(repository: RepositoryPreview, most: int) -> str:
    """The artifacts of a repository that go: at most so many by name, and how many more."""
    names = [safe(str(artifact)) for artifact in repository.deleted[:most]]
    more = len(repository.deleted) - len(names)
    return "; ".join([*names, f"{more} more"] if more else names)
