"""Every covered field, changed behind harborconf's back: seen, named alone, and put back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from contract import elsewhere
from contract.drift import DRIFTS as FIRST
from contract.drift import HTTP_GROUP, Drift, Scene, desired, seen, settled
from contract.drift_services import ENVIRON
from contract.system import DRIFTS as SYSTEM_DRIFTS
from contract.system import UNSEEN as SYSTEM_UNSEEN
from contract.system import Drift as SystemDrift
from contract.target import WORD, Target, fresh
from contract.tool import Outcome, Tool, planned, said
from harborconf.engine.plan import Plan
from inventory import inventory
from summary import tell

DRIFTS = (*FIRST, *elsewhere.drifts())


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
        tool = Tool(target, folder, environ={"ALICE": WORD, "ADMIN": target.password, **ENVIRON})
        text = desired(target, elsewhere.system(target), elsewhere.projects(target))
        tool.converge(text)
        version = ".".join(map(str, target.version))
        title = f"drift matrix, {'real' if target.is_real else 'simulated'} {version}"
        rows = sum(elsewhere.can_drift(target, drift) for drift in DRIFTS)
        yield Matrix(Scene(target, folder), tool, text, title, rows)


@pytest.mark.parametrize("drift", [pytest.param(drift, id=drift.id) for drift in DRIFTS])
def test_drift_is_seen_and_put_back(matrix: Matrix, drift: Drift) -> None:
    scene = matrix.scene
    if not elsewhere.can_drift(scene.target, drift):
        pytest.skip("this Harbor does not have the field, or nothing to change it to")
    before = look(scene, drift)
    try:
        drift.change(scene, drift.where)
        assert look(scene, drift) != before
        outcome, after = matrix.round()
        found = outcome.plan
        action = "blocked" if drift.blocked else "update"
        words = {action, drift.address(scene.target), drift.path, drift.along} - {""}
        assert [set(line.split()) for line in said(found)] == [words]
        disabled = {"secret"} if drift.disables else set()  # that cannot be tried
        assert untold(found) == WRITE_ONLY - {drift.along} | disabled
        if drift.blocked:
            assert outcome.writes == ()
            assert said(after) == said(found)
            matrix.note(drift, "blocked")
            return
        assert outcome.result.is_complete, outcome.result
        assert said(after) == []
        assert untold(after) == WRITE_ONLY
        assert look(scene, drift) == before
        matrix.note(drift, "put back")
    finally:
        if drift.blocked:
            drift.blocked(scene)
            matrix.tool.converge(matrix.text)


# What no plan can tell of this configuration: a registry's password.
WRITE_ONLY = frozenset({"credential.password"})


def untold(plan: Plan) -> set[str]:
    return {unknown.path for unknown in plan.unknown}


def look(scene: Scene, drift: Drift) -> object:
    """What Harbor tells; the proxy cache and what it stands before are elsewhere's."""
    if drift in FIRST:
        return seen(scene, drift)
    return settled(elsewhere.look(scene, drift))


def test_every_covered_field_drifts() -> None:
    listed = {(entry.kind, entry.api, entry.path) for entry in inventory().covered}
    rows: list[Drift | SystemDrift] = [*DRIFTS, *SYSTEM_DRIFTS]
    drifting = {(drift.kind, drift.api, drift.path) for drift in rows}
    assert drifting | elsewhere.UNSEEN.keys() | SYSTEM_UNSEEN == listed
    assert drifting.isdisjoint(elsewhere.UNSEEN)
    assert len({drift.id for drift in DRIFTS}) == len(DRIFTS)
