"""What the desired retention rules would delete if they ran now. Reads; starts nothing."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harborconf.kinds.immutable import immutable_rules, written_rules
from harborconf.kinds.retained import artifacts_of, deleted
from harborconf.kinds.retention import Retention

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.engine.read import LiveState
    from harborconf.engine.resolve import DesiredState
    from harborconf.kinds.resource import Desired, Workbench
    from harborconf.kinds.retained import Artifact
    from harborconf.spec.address import Address


@dataclass(frozen=True, slots=True)
class RepositoryPreview:
    """One repository: how many artifacts stay, and which go, the newest first."""

    name: str
    kept: int
    deleted: tuple[Artifact, ...]

    @property
    def freed(self) -> int:
        """Bytes of what goes; layers that others share stay, so it may be less."""
        return sum(artifact.size for artifact in self.deleted)


@dataclass(frozen=True, slots=True)
class Preview:
    """One project's retention. Immutable tags are taken as written, else as they are live."""

    address: Address
    repositories: tuple[RepositoryPreview, ...]


async def preview(desired: DesiredState, live: LiveState, bench: Workbench) -> tuple[Preview, ...]:
    """A preview of every written retention of a project that is live and could be read.

    Raises:
        HarborError: artifacts could not be read: half a preview would mislead.
    """
    chosen = [
        one
        for one in desired.resources
        if one.address.kind == Retention.name
        and one.fields.get("rules")
        and one.address.project in live.places
        and one.address.project not in live.failed
    ]
    known = desired.by_address
    return tuple(await asyncio.gather(*(_preview(one, bench, known) for one in chosen)))


async def _preview(desired: Desired, bench: Workbench, known: Mapping[Address, Desired]) -> Preview:
    project = str(desired.address.project)
    artifacts = await artifacts_of(bench.api, project)
    immutable = written_rules(known, project)
    if immutable is None:
        immutable = await immutable_rules(bench.api, project)
    gone = deleted(desired.fields["rules"], artifacts, immutable, bench.now)
    by_repository: defaultdict[str, list[Artifact]] = defaultdict(list)
    for artifact in artifacts:
        by_repository[artifact.repository].append(artifact)
    return Preview(
        desired.address,
        tuple(
            RepositoryPreview(
                name,
                sum(artifact not in gone for artifact in content),
                tuple(
                    sorted(
                        (artifact for artifact in content if artifact in gone),
                        key=lambda artifact: (-artifact.pushed, artifact.digest),
                    )
                ),
            )
            for name, content in sorted(by_repository.items())
        ),
    )
