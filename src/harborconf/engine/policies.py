"""Policies: what live projects must have, whether a file names them or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harborconf.engine.tree import Fields, Gone, Items, Leaf, Named, Unmanaged, at_path
from harborconf.errors import Problem
from harborconf.spec.globs import matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harborconf.engine.tree import Tree
    from harborconf.position import Position

Path = tuple[str, ...]
_SELECTORS = ("name", "public", "proxy")


@dataclass(frozen=True, slots=True)
class Facts:
    """What selectors see of a project; None where nobody knows yet."""

    name: str
    public: bool | None = None
    proxy: bool | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy: which projects, and what they must have."""

    name: str
    glob: str | None
    exceptions: tuple[str, ...]
    public: bool | None
    proxy: bool | None
    enforced: bool
    project: Fields
    position: Position

    def selects(self, facts: Facts) -> bool:
        """Whether it is for this project. What is not known of a project is no."""
        return (
            (self.glob is None or matches(self.glob, facts.name))
            and not any(matches(glob, facts.name) for glob in self.exceptions)
            and self.public in (None, bool(facts.public))
            and self.proxy in (None, bool(facts.proxy))
        )


def read_policies(tree: Tree | None, problems: list[Problem]) -> tuple[Policy, ...]:
    """The policies of a document, from top to bottom; what is wrong with them is noted."""
    if not isinstance(tree, Items):
        return ()
    return tuple(
        policy
        for number, item in enumerate(tree.items, 1)
        if (policy := _policy(number, item, problems)) is not None
    )


def _policy(number: int, item: Fields, problems: list[Problem]) -> Policy | None:
    match, project = item.entries.get("match"), item.entries.get("project")
    if not isinstance(match, Fields) or not isinstance(project, Fields):
        advice = 'like {match: {name: "team-*"}, project: {public: false}}'
        problems.append(Problem("a policy needs `match` and `project`", item.position, advice))
        return None
    if not any(name in match.entries for name in _SELECTORS):
        message = f"`match` needs one of {', '.join(_SELECTORS)}"
        problems.append(Problem(message, match.position, 'name: "*" is every project'))
        return None
    public = _value(match, "public")
    if public is not None and "public" in project.entries:
        at = project.entries["public"].position
        message = "a policy cannot set `public`, which it selects on"
        problems.append(Problem(message, at, "two runs would disagree: select by name"))
    glob = _value(match, "name")
    label = glob or f"{'' if public is None or public else 'not '}public"
    return Policy(
        f"policy {number} ({label})",
        glob,
        _value(match, "except") or (),
        public,
        _value(match, "proxy"),
        bool(_value(item, "enforced")),
        project,
        item.position,
    )


def _value(tree: Tree, key: str) -> Any:
    leaf = at_path(tree, (key,))
    return leaf.value if isinstance(leaf, Leaf) else None


def disagreement(enforced: Sequence[tuple[Policy, Tree]]) -> str:
    """Why a project cannot have all of these policies, or nothing. Names both places."""
    seen: dict[Path, tuple[object, Position]] = {}
    for policy, tree in enforced:
        for path, value, position in _settings(tree):
            for length in range(1, len(path) + 1):
                before = seen.get(path[:length])
                if before is None or before[0] == (value if length == len(path) else _PARTS):
                    continue
                return (
                    f"enforced policies disagree on {'.'.join(path[:length])}:"
                    f" {before[1]} and {position} ({policy.name})"
                )
        for path, value, position in _settings(tree):
            for length in range(1, len(path)):
                seen.setdefault(path[:length], (_PARTS, position))
            seen.setdefault(path, (value, position))
    return ""


_PARTS = "some of its parts"


def _settings(tree: Tree, path: Path = ()) -> Iterator[tuple[Path, object, Position]]:
    match tree:
        case Leaf(value=value, position=position):
            yield path, value, position
        case Gone(absent=absent, position=position):
            yield path, absent, position
        case Unmanaged(position=position):
            yield path, None, position
        case Fields(entries=entries) | Named(entries=entries):
            for key, child in entries.items():
                yield from _settings(child, (*path, key))


def places(tree: Tree) -> Iterator[Position]:
    """Where a policy's values stand."""
    for _, _, position in _settings(tree):
        yield position
