"""What retention rules keep of a project's artifacts, as Harbor 2.13 to 2.15 decide it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from harborconf.kinds.api import NAMED
from harborconf.kinds.repositories import repositories_of
from harborconf.kinds.resource import Comparison, Risk, Verdict
from harborconf.spec.doublestar import matches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from harborconf.kinds.api import Reads
    from harborconf.kinds.immutable import ImmutableRule
    from harborconf.kinds.retention_rules import Rule
    from harborconf.spec.patterns import Patterns

_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class Artifact:
    """One artifact; `repository` is without the project, times are Unix seconds, size bytes."""

    repository: str
    digest: str
    tags: tuple[str, ...]
    pushed: float
    pulled: float
    size: int

    def __str__(self) -> str:
        return ", ".join(self.tags) or self.digest[:19]


async def artifacts_of(api: Reads, project: str) -> tuple[Artifact, ...]:
    """Every artifact of a project: a page of 100 a request."""
    repositories = await repositories_of(api, project)
    contents = await asyncio.gather(
        *(api.get(f"{one.path}/artifacts", {"page_size": 100}, NAMED) for one in repositories)
    )
    return tuple(
        _artifact(repository.name, reply)
        for repository, replies in zip(repositories, contents, strict=True)
        for reply in replies
    )


def _artifact(repository: str, reply: Mapping[str, Any]) -> Artifact:
    """An artifact is as young as the youngest of its tags."""
    tags = reply.get("tags") or []
    return Artifact(
        repository,
        str(reply["digest"]),
        tuple(str(tag["name"]) for tag in tags),
        max(_seconds(one.get("push_time")) for one in (reply, *tags)),
        max(_seconds(one.get("pull_time")) for one in (reply, *tags)),
        int(reply.get("size") or 0),
    )


def _seconds(text: str | None) -> float:
    """Whole seconds, as Harbor compares them; never pulled is before everything."""
    if not text:
        return float("-inf")
    return float(datetime.fromisoformat(text).timestamp() // 1)


def deleted(
    rules: Collection[Rule],
    artifacts: Iterable[Artifact],
    immutable: Collection[ImmutableRule],
    now: float,
) -> frozenset[Artifact]:
    """What a run of these rules at this time would delete.

    A repository that no enabled rule names is not touched. Within one that is named,
    everything goes that no rule keeps and that is not immutable.
    """
    enabled = [rule for rule in rules if not rule.disabled]
    repositories: defaultdict[str, list[Artifact]] = defaultdict(list)
    for artifact in artifacts:
        repositories[artifact.repository].append(artifact)
    found: set[Artifact] = set()
    for repository, content in repositories.items():
        here = [rule for rule in enabled if _fits(rule.repositories, repository)]
        if here:
            kept = {artifact for rule in here for artifact in _kept(rule, content, now)}
            found.update(
                artifact
                for artifact in content
                if artifact not in kept and not _is_immutable(artifact, immutable)
            )
    return frozenset(found)


def more_deleted(
    artifacts: Sequence[Artifact],
    now: float,
    before: tuple[Collection[Rule], Collection[ImmutableRule]],
    after: tuple[Collection[Rule], Collection[ImmutableRule]],
) -> Mapping[str, Comparison]:
    """What is said of a change of retention, or of what is immutable, that has more deleted."""
    gone = deleted(after[0], artifacts, after[1], now)
    if gone <= deleted(before[0], artifacts, before[1], now):
        return {}
    what = f"{len(gone)} of {len(artifacts)} artifacts would be deleted"
    risk = Risk("retention_share", what, 100 * len(gone) / len(artifacts))
    return {"rules": Comparison(Verdict.DIFFERENT, what, risk)}


def _fits(patterns: Patterns, name: str) -> bool:
    return matches(patterns.pattern, name) != patterns.excluding


def _has_tag(patterns: Patterns, tags: Sequence[str]) -> bool:
    """One tag is enough, also one that is not excluded."""
    return any(_fits(patterns, tag) for tag in tags)


def _kept(rule: Rule, content: Sequence[Artifact], now: float) -> Iterable[Artifact]:
    chosen = [
        artifact
        for artifact in content
        if (_has_tag(rule.tags, artifact.tags) if artifact.tags else rule.untagged)
    ]
    amount = rule.keep.amount
    match rule.keep.word:
        case "most_recently_pushed":
            return sorted(chosen, key=lambda artifact: -artifact.pushed)[:amount]
        case "most_recently_pulled":
            return sorted(chosen, key=lambda artifact: -artifact.pulled)[:amount]
        case "pushed_within":
            return [one for one in chosen if one.pushed >= now // 1 - amount * _DAY]
        case "pulled_within":
            return [one for one in chosen if one.pulled >= now // 1 - amount * _DAY]
        case _:
            return chosen


def _is_immutable(artifact: Artifact, rules: Collection[ImmutableRule]) -> bool:
    """Retention looks at a nested repository's name without its first part (2.13 to 2.15).

    Without tags an artifact is immutable only where rules exclude tags.
    """
    repository = artifact.repository.partition("/")[2] or artifact.repository
    return any(
        not rule.disabled
        and _fits(rule.repositories, repository)
        and (_has_tag(rule.tags, artifact.tags) if artifact.tags else rule.tags.excluding)
        for rule in rules
    )
