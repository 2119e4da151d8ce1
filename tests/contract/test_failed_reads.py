"""A read that fails never looks like absence, whichever it is and however it fails."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from contract.case import VERSION, Case, case
from contract.snapshot import snapshot
from contract.target import Target, simulated
from contract.tool import blocked, said
from harborconf.errors import HarborconfError
from harborconf.simulator import Reply, Request, drop

JSON = {"content-type": "application/json"}


def reply(status: int, body: object) -> Callable[[], Reply]:
    """A fault that answers so."""
    return lambda: Reply(status, json.dumps(body).encode(), dict(JSON))


def refusal(status: int) -> Callable[[], Reply]:
    """A fault that answers as Harbor's refusals do."""
    return reply(status, {"errors": [{"code": "CODE", "message": "Harbor's own words"}]})


FAULTS: dict[str, Callable[[], Reply | None]] = {
    "404": refusal(404),
    "403": refusal(403),
    "429": refusal(429),
    "500": refusal(500),
    "503": refusal(503),
    "cut": drop,
    "html": lambda: Reply(200, b"<html>Sorry</html>", {"content-type": "text/html"}),
    "a redirect": lambda: Reply(302, b"", {"location": "https://sso.example.com/"}),
    "a map": reply(200, {}),
    "a word": reply(200, "maintenance"),
    "nothing": lambda: Reply(200),
    "null": reply(200, None),
    "a list of nulls": reply(200, [None]),
    "half": lambda: Reply(200, b'[{"id": 1', dict(JSON)),
}


@dataclass
class On:
    """A fault of every request of one path; notes all paths."""

    path: str = ""
    query: str = ""
    fault: Callable[[], Reply | None] = drop
    seen: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply | None:
        query = request.query_string
        if (request.path, query) not in self.seen:
            self.seen.append((request.path, query))
        return self.fault() if (request.path, query) == (self.path, self.query) else None


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    """One of everything; a plan changes none of it."""
    with simulated(VERSION) as alone, case(alone, tmp_path_factory.mktemp("case")) as one:
        yield one


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harborconf.harbor.retry.wait_before", lambda *_: 0.0)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_failed_read_makes_a_change_that_is_not_due(
    fault: str, filled: Case, caplog: pytest.LogCaptureFixture
) -> None:
    target: Target = filled.target
    before = snapshot(target)
    due = set(said(filled.tool.plan(filled.text)))
    watch = On()
    with filled.with_fault(watch):
        filled.tool.plan(filled.text)
    found = [place for place in watch.seen if place[0] not in {"/c/login", "/c/log_out"}]
    assert len(found) > 10
    for path, query in found:
        hook = On(path, query, FAULTS[fault])
        with filled.with_fault(hook):
            try:
                plan = filled.tool.plan(filled.text)
            except HarborconfError:
                continue
        changes = {one for one in said(plan) if not one.startswith("blocked")}
        assert changes <= due, (path, query)
        assert changes == due or blocked(plan), (path, query)
        assert all(blocked(plan).values()), (path, query)
    assert snapshot(target) == before
    gc.collect()
    assert [record.getMessage() for record in caplog.records] == []


def test_a_project_that_cannot_be_read_is_left_alone_and_the_rest_is_done(
    filled: Case, tmp_path: Path
) -> None:
    target = filled.target
    del tmp_path
    before = snapshot(target)
    team, new = target.name("team"), target.name("other")
    (project,) = (one for one in target.projects() if one["name"] == team)
    path = f"/api/v2.0/projects/{project['project_id']}/immutabletagrules"

    def fail(request: Request) -> Reply | None:
        return refusal(500)() if request.path == path and request.method == "GET" else None

    with filled.with_fault(fail):
        outcome = filled.tool.apply(f"""
            projects:
              {team}: {{public: true, labels: {{mine: {{description: x}}}}, immutable_tags: []}}
              {new}: {{public: true}}
        """)
    reasons = blocked(outcome.plan)
    assert set(reasons) == {f"project/{team}"}
    assert reasons[f"project/{team}"] == (
        "immutable_tags could not be read:"
        f" GET {path.removeprefix('/api/v2.0')}: 500 Harbor's own words"
    )
    assert outcome.result.is_complete
    after = snapshot(target)
    assert {key: one for key, one in after.items() if new not in key} == before
    assert f"project/{new}" in after
