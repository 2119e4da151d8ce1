"""A write that fails, or whose reply is lost, fails alone; the next run finishes the rest."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from contract.case import VERSION, Case, case
from contract.snapshot import snapshot
from contract.target import WORD, Target, simulated
from contract.tool import blocked
from harborconf.engine.plan import Plan
from harborconf.simulator import Reply, Request, drop
from harborconf.simulator.http import SAFE_METHODS

DOCUMENT = """
    labels: {{{me}-label: {{description: other}}, {me}-more: {{}}}}
    robots:
      {me}-bot: {{disabled: true}}
      {me}-new: {{expires: 9d, disabled: true, permissions: {{projects: {{"*": {pull}}}}}}}
    users:
      {me}-ann: {{comment: other, admin: true}}
      {me}-bob: {{email: {me}@example.org, admin: true, password: {{env: WORD}}}}
    projects:
      {me}-team:
        public: true
        cve_allowlist: []
        quota: 2GiB
        members: {{users: {{{me}-bob: guest}}, groups: {{{me}-devs: guest}}}}
        labels: {{mine: {{description: other}}}}
        robots: {{ci: absent}}
        retention: {{schedule: weekly}}
        immutable_tags:
          - {{tags: [release-*], disabled: true}}
          - {{tags: [new], disabled: true}}
      {me}-new:
        cve_allowlist: [CVE-2024-1]
        quota: 1GiB
        members: {{users: {{{me}-ann: admin}}}}
        robots: {{ci: {{expires: 9d, permissions: {pull}, secret: {{file: out/ci}}}}}}
        retention: {{rules: [{{keep: always}}]}}
        immutable_tags: [{{disabled: true}}]
"""


@dataclass
class Writes:
    """Faults of the n-th write to the API; notes all of them."""

    number: int = 0
    before: Callable[[], Reply | None] | None = None
    after: Callable[[], Reply | None] | None = None
    seen: list[str] = field(default_factory=list)

    def begin(self, request: Request) -> Reply | None:
        if request.method in SAFE_METHODS or not request.path.startswith("/api/"):
            return None
        self.seen.append(f"{request.method} {request.path}")
        return self.before() if self.before and len(self.seen) == self.number else None

    def end(self, request: Request, _: Reply) -> Reply | None:
        is_it = self.seen and self.seen[-1] == f"{request.method} {request.path}"
        return self.after() if self.after and is_it and len(self.seen) == self.number else None


def refuse() -> Reply:
    body = {"errors": [{"code": "UNKNOWN", "message": "internal server error"}]}
    return Reply(500, json.dumps(body).encode(), {"content-type": "application/json"})


WRITES = 29
CREATOR = "project/me-new/member/user:admin"
# With how many writes between one that is tried and the next, as time is short.
FAULTS = {
    "refused": (Writes(before=refuse), 1),
    "cut": (Writes(before=drop), 3),
    "done and cut": (Writes(after=drop), 1),
    "done and refused": (Writes(after=refuse), 3),
}


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harborconf.harbor.retry.wait_before", lambda *_: 0.0)


@pytest.fixture(scope="module")
def alone() -> Iterator[Target]:
    """A Harbor of this module's own."""
    with simulated(VERSION) as target:
        yield target


def text_of(one: Case) -> str:
    return DOCUMENT.format(me=one.target.prefix, pull="{repository: [pull]}")


def names(one: Case) -> set[str]:
    """What there is, without the prefix."""
    return {address.replace(one.target.prefix, "me") for address in snapshot(one.target)}


def run(one: Case, writes: Writes) -> list[str]:
    """One apply with faults: the addresses that failed."""
    one.tool.environ = {"WORD": WORD}
    one.state.after = writes.end
    try:
        with one.with_fault(writes.begin):
            outcome = one.tool.apply(text_of(one))
    finally:
        one.state.after = None
    assert blocked(outcome.plan) == {}
    skipped = {str(step) for gone in outcome.result.skipped for step in [gone.step.address]}
    failed = [str(one.step.address) for one in outcome.result.failed]
    assert all(one.message for one in outcome.result.failed)
    assert bool(skipped) <= bool(failed)
    return failed


@pytest.mark.parametrize("fault", FAULTS)
def test_one_write_that_fails_stops_what_needs_it_and_the_next_run_finishes(
    fault: str, alone: Target, tmp_path: Path
) -> None:
    with case(alone, tmp_path / "0") as one:
        writes = Writes()
        assert run(one, writes) == []
        expected = names(one)
    assert len(writes.seen) == WRITES
    silent = 0
    kind, stride = FAULTS[fault]
    for number in range(1, len(writes.seen) + 1, stride):
        with case(alone, tmp_path / str(number)) as one:
            failed = run(one, Writes(number, kind.before, kind.after))
            silent += not failed
            assert len(failed) <= 1, (number, failed)
            plan = one.tool.converge(text_of(one))
            left = names(one) - expected
            # Without a state nobody knows any more that Harbor made this one by itself.
            assert left <= {CREATOR}, number
            assert len(left) == len(_extras(plan, one)), number
            assert names(one) >= expected, number
            (robot,) = [one for one in alone.raw.all("/robots", q=_of(one)) if "+ci" in one["name"]]
            secret = (tmp_path / str(number) / "out/ci").read_text(encoding="utf-8").strip()
            assert alone.raw.be(robot["name"], secret).status("GET", "/users/current") == 412
    # What may be repeated is, where nothing was answered.
    assert bool(silent) is ("cut" in fault)


def _extras(plan: Plan, one: Case) -> set[str]:
    """Whether the creator's membership is shown as an extra."""
    found = {str(address).replace(one.target.prefix, "me") for address in plan.extras}
    return found & {CREATOR}


def _of(one: Case) -> str:
    number = one.target.raw.project(one.target.name("new"))["project_id"]
    return f"Level=project,ProjectID={number}"
