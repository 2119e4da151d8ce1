"""Every field of what belongs to a whole Harbor: drifts and is put back, and changes alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from contract.system import (
    ALLOWLIST,
    DRIFTS,
    FIELDS,
    GC,
    PURGE,
    SCAN_ALL,
    SETTINGS,
    Alone,
    Drift,
    Scene,
    has_scanner,
    listening,
    require_alone,
    restored,
    scanning,
    seen,
)
from contract.system_settings import ENVIRON
from contract.target import Target
from contract.tool import Tool, said
from summary import tell


@dataclass
class Matrix:
    """One Harbor as desired, and how many fields have been put back there."""

    scene: Scene
    tool: Tool
    text: str
    title: str
    done: set[str] = field(default_factory=set)

    def note(self, drift: Drift) -> None:
        self.done.add(drift.id)
        rows = sum(self.scene.has(one) for one in DRIFTS)
        tell(self.title, f"{len(self.done)} of {rows} fields seen, and no other; put back")


@pytest.fixture(scope="module")
def matrix(harbor: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    require_alone(harbor)
    folder: Path = tmp_path_factory.mktemp("system")
    with scanning(harbor), restored(harbor), listening(harbor) as endpoints:
        scene = Scene(harbor, endpoints)
        tool = Tool(harbor, folder, environ=ENVIRON)
        text = scene.desired
        tool.converge(text)
        version = ".".join(map(str, harbor.version))
        title = f"system matrix, {'real' if harbor.is_real else 'simulated'} {version}"
        yield Matrix(scene, tool, text, title)


def test_settings_are_kept_as_written(matrix: Matrix) -> None:
    found = seen(matrix.tool.target.raw, SETTINGS)
    wanted = {row.key: matrix.scene.real(row.kept) for row in matrix.scene.rows}
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize("drift", [pytest.param(drift, id=drift.id) for drift in DRIFTS])
def test_drift_is_seen_and_put_back(matrix: Matrix, drift: Drift) -> None:
    if not matrix.scene.has(drift):
        pytest.skip(f"{drift.api} cannot be tried out here")
    raw = matrix.tool.target.raw
    before = seen(raw, drift.where)
    drift.change(matrix.scene)
    assert seen(raw, drift.where) != before
    outcome = matrix.tool.apply(matrix.text)
    assert said(outcome.plan)[0].startswith(f"update system/{drift.kind} {drift.path}")
    assert len(outcome.plan.changes) == 1
    assert outcome.result.is_complete, outcome.result
    assert said(matrix.tool.plan(matrix.text)) == []
    assert seen(raw, drift.where) == before
    matrix.note(drift)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in FIELDS])
def test_one_field_changes_and_nothing_else(matrix: Matrix, case: Alone) -> None:
    scene, tool = matrix.scene, matrix.tool
    if not scene.has(case):
        pytest.skip(f"{case.id} cannot be tried out here")
    raw = tool.target.raw
    places = [GC, PURGE, ALLOWLIST, SETTINGS, *([SCAN_ALL] if has_scanner(tool.target) else [])]
    before = {place: seen(raw, place) for place in places}
    try:
        field = case.yaml if case.path == "items" else f"{{{case.path}: {case.yaml}}}"
        plan = tool.converge(f"system: {{{case.kind}: {scene.real(field)}}}")
        assert said(plan) == [f"update system/{case.kind} {case.path}"]
        after = {key: scene.real(value) for key, value in case.after.items()}
        expected = {**before, case.where: {**before[case.where], **after}}
        assert {place: seen(raw, place) for place in places} == expected
    finally:
        tool.apply(matrix.text)
