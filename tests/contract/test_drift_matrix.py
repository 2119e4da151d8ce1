"""Every covered field, changed behind harborconf's back: seen, named alone, and put back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from contract import elsewhere, services
from contract.adapter import adapter
from contract.drift import DRIFTS as FIRST
from contract.drift import HTTP_GROUP, Drift, Scene, desired, seen, settled
from contract.system import DRIFTS as SYSTEM_DRIFTS
from contract.system import UNSEEN as SYSTEM_UNSEEN
from contract.system import Drift as SystemDrift
from contract.target import WORD, Target, fresh
from contract.tool import Outcome, Tool, planned, said
from harborconf.engine.plan import Plan
from inventory import inventory
from summary import tell

ELSEWHERE, SERVICES = tuple(elsewhere.drifts()), tuple(services.drifts())
DRIFTS = (*FIRST, *ELSEWHERE, *SERVICES)


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
    with fresh(harbor) as target, adapter() as scanners:
        group = {"group_name": target.name("devs"), "group_type": HTTP_GROUP}
        target.raw.write("POST", "/usergroups", group)
        tool = Tool(target, folder, environ=_environ(target))
        text = desired(
            target,
            elsewhere.system(target) + services.system(target, scanners.url),
            elsewhere.projects(target),
            services.own(target),
            services.scanning(target),
        )
        tool.converge(text)
        version = ".".join(map(str, target.version))
        title = f"drift matrix, {'real' if target.is_real else 'simulated'} {version}"
        rows = sum(can_drift(target, drift) for drift in DRIFTS)
        yield Matrix(Scene(target, folder, scanners.url), tool, text, title, rows)


def _environ(target: Target) -> dict[str, str]:
    return {"ALICE": WORD, "ADMIN": target.password, **services.ENVIRON}


def can_drift(target: Target, drift: Drift) -> bool:
    """Whether this Harbor has the field, tells it, and has something else to be there."""
    return elsewhere.can_drift(target, drift) and services.can_drift(target, drift)


@pytest.mark.parametrize("drift", [pytest.param(drift, id=drift.id) for drift in DRIFTS])
def test_drift_is_seen_and_put_back(matrix: Matrix, drift: Drift) -> None:
    scene = matrix.scene
    if not can_drift(scene.target, drift):
        pytest.skip("this Harbor does not have or tell the field, or nothing to change it to")
    before = look(scene, drift)
    try:
        drift.change(scene, drift.where)
        assert look(scene, drift) != before
        outcome, after = matrix.round()
        found = outcome.plan
        action = "blocked" if drift.blocked else "update"
        words = {action, drift.address(scene.target), drift.path, drift.along} - {""}
        assert [set(line.split()) for line in said(found)] == [words]
        hidden = write_only(scene.target)
        disabled = {("robot", "secret")} if drift.disables else set()  # that cannot be tried
        assert untold(found) == hidden - {(drift.kind, drift.along)} | disabled
        if drift.blocked:
            assert outcome.writes == ()
            assert said(after) == said(found)
            matrix.note(drift, "blocked")
            return
        assert outcome.result.is_complete, outcome.result
        assert said(after) == []
        assert untold(after) == hidden
        assert look(scene, drift) == before
        matrix.note(drift, "put back")
    finally:
        if drift.blocked:
            drift.blocked(scene)
            matrix.tool.converge(matrix.text)


def write_only(target: Target) -> set[tuple[str, str]]:
    """What no plan can tell of this configuration: a registry's password, other credentials."""
    return {("registry", "credential.password"), *services.untold(target)}


def untold(plan: Plan) -> set[tuple[str, str]]:
    return {(unknown.address.kind, unknown.path) for unknown in plan.unknown}


def look(scene: Scene, drift: Drift) -> object:
    """What Harbor tells; the proxy cache and what it stands before are elsewhere's."""
    if drift in FIRST:
        return seen(scene, drift)
    place = elsewhere if drift in ELSEWHERE else services
    return settled(place.look(scene, drift))


def test_every_covered_field_drifts() -> None:
    listed = {(entry.kind, entry.api, entry.path) for entry in inventory().covered}
    rows: list[Drift | SystemDrift] = [*DRIFTS, *SYSTEM_DRIFTS]
    drifting = {(drift.kind, drift.api, drift.path) for drift in rows}
    assert drifting | elsewhere.UNSEEN.keys() | SYSTEM_UNSEEN == listed
    assert drifting.isdisjoint(elsewhere.UNSEEN)
    assert len({drift.id for drift in DRIFTS}) == len(DRIFTS)
