"""Every covered field, changed behind harborconf's back: seen, named alone, and put back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from contract.drift import DRIFTS, HTTP_GROUP, Drift, Scene, desired, seen
from contract.drift_services import ENVIRON
from contract.system import DRIFTS as SYSTEM_DRIFTS
from contract.system import Drift as SystemDrift
from contract.target import WORD, Target, fresh
from contract.tool import Outcome, Tool, planned, said
from harborconf.engine.plan import Plan
from inventory import inventory
from summary import tell


@dataclass
class Matrix:
    """One Harbor as desired, and how many fields have been put back there."""

    scene: Scene
    tool: Tool
    text: str
    title: str
    rows: int
    done: dict[str, str] = field(default_factory=dict)

    def note(self, drift: Drift, what: str) -> None:
        self.done[drift.id] = what
        counts = {word: list(self.done.values()).count(word) for word in ("put back", "blocked")}
        tell(
            self.title,
            f"{sum(counts.values())} of {self.rows} fields seen, and no other:"
            f" {counts['put back']} put back, {counts['blocked']} blocked",
        )

    def round(self) -> tuple[Outcome, Plan]:
        """Plan, apply, plan again."""

        async def run() -> tuple[Outcome, Plan]:
            file = self.tool.write(self.text)
            async with self.tool.session() as (session, bench):
                outcome = await self.tool.applied(file, session, bench)
                again, _ = await planned(file, session, bench, self.tool.allowed)
                return outcome, again

        return asyncio.run(run())


@pytest.fixture(scope="module")
def matrix(harbor: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    folder = tmp_path_factory.mktemp("matrix")
    with fresh(harbor) as target:
        group = {"group_name": target.name("devs"), "group_type": HTTP_GROUP}
        target.raw.write("POST", "/usergroups", group)
        tool = Tool(target, folder, environ={"ALICE": WORD, **ENVIRON})
        text = desired(target)
        tool.converge(text)
        version = ".".join(map(str, target.version))
        title = f"drift matrix, {'real' if target.is_real else 'simulated'} {version}"
        yield Matrix(Scene(target, folder), tool, text, title, len(DRIFTS))


@pytest.mark.parametrize("drift", [pytest.param(drift, id=drift.id) for drift in DRIFTS])
def test_drift_is_seen_and_put_back(matrix: Matrix, drift: Drift) -> None:
    scene = matrix.scene
    before = seen(scene, drift)
    try:
        drift.change(scene, drift.where)
        assert seen(scene, drift) != before
        outcome, after = matrix.round()
        found = outcome.plan
        action = "blocked" if drift.blocked else "update"
        assert said(found) == [f"{action} {drift.address(scene.target)} {drift.path}"]
        assert bool(found.unknown) == drift.disables  # a disabled robot's secret cannot be tried
        if drift.blocked:
            assert outcome.writes == ()
            assert said(after) == said(found)
            matrix.note(drift, "blocked")
            return
        assert outcome.result.is_complete, outcome.result
        assert said(after) == []
        assert after.unknown == ()
        assert seen(scene, drift) == before
        matrix.note(drift, "put back")
    finally:
        if drift.blocked:
            _start_again(matrix)


def _start_again(matrix: Matrix) -> None:
    """The group with its own type, which only somebody else can give it back."""
    target = matrix.scene.target
    found = matrix.scene.find("/usergroups", target.name("devs"), "group_name")
    target.raw.write("DELETE", matrix.scene.member("devs"))
    target.raw.write("DELETE", f"/usergroups/{found['id']}")
    group = {"group_name": target.name("devs"), "group_type": HTTP_GROUP}
    target.raw.write("POST", "/usergroups", group)
    matrix.tool.converge(matrix.text)


def test_every_covered_field_drifts() -> None:
    listed = {(entry.kind, entry.api, entry.path) for entry in inventory().covered}
    rows: list[Drift | SystemDrift] = [*DRIFTS, *SYSTEM_DRIFTS]
    assert {(drift.kind, drift.api, drift.path) for drift in rows} == listed
    assert len({drift.id for drift in DRIFTS}) == len(DRIFTS)
