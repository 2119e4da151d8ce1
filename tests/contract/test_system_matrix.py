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
    Alone,
    Drift,
    desired,
    has_scanner,
    require_alone,
    restored,
    seen,
)
from contract.target import Target
from contract.tool import Tool, said
from summary import tell


@dataclass
class Matrix:
    """One Harbor as desired, and how many fields have been put back there."""

    tool: Tool
    text: str
    title: str
    rows: int
    done: set[str] = field(default_factory=set)

    def note(self, drift: Drift) -> None:
        self.done.add(drift.id)
        tell(self.title, f"{len(self.done)} of {self.rows} fields seen, and no other; put back")


@pytest.fixture(scope="module")
def matrix(harbor: Target, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    require_alone(harbor)
    folder: Path = tmp_path_factory.mktemp("system")
    with restored(harbor):
        tool = Tool(harbor, folder)
        text = desired(harbor)
        tool.converge(text)
        rows = sum(drift.is_for(harbor) for drift in DRIFTS)
        version = ".".join(map(str, harbor.version))
        title = f"system matrix, {'real' if harbor.is_real else 'simulated'} {version}"
        yield Matrix(tool, text, title, rows)


@pytest.mark.parametrize("drift", [pytest.param(drift, id=drift.id) for drift in DRIFTS])
def test_drift_is_seen_and_put_back(matrix: Matrix, drift: Drift) -> None:
    target = matrix.tool.target
    if not drift.is_for(target):
        pytest.skip(f"this Harbor has no {drift.api}")
    raw = target.raw
    before = seen(raw, drift.where)
    drift.change(raw)
    assert seen(raw, drift.where) != before
    outcome = matrix.tool.apply(matrix.text)
    assert said(outcome.plan) == [f"update system/{drift.kind} {drift.path}"]
    assert outcome.result.is_complete, outcome.result
    assert said(matrix.tool.plan(matrix.text)) == []
    assert seen(raw, drift.where) == before
    matrix.note(drift)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in FIELDS])
def test_one_field_changes_and_nothing_else(matrix: Matrix, case: Alone) -> None:
    target, tool = matrix.tool.target, matrix.tool
    scans = has_scanner(target)
    if case.since > target.version or (case.where == SCAN_ALL and not scans):
        pytest.skip(f"this Harbor has no {case.id}")
    places = [GC, PURGE, ALLOWLIST, *([SCAN_ALL] if scans else [])]
    before = {place: seen(target.raw, place) for place in places}
    try:
        field = case.yaml if case.path == "items" else f"{{{case.path}: {case.yaml}}}"
        plan = tool.converge(f"system: {{{case.kind}: {field}}}")
        assert said(plan) == [f"update system/{case.kind} {case.path}"]
        expected = {**before, case.where: {**before[case.where], **case.after}}
        assert {place: seen(target.raw, place) for place in places} == expected
    finally:
        tool.apply(matrix.text)
