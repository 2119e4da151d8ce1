"""Robots' secrets: whatever ends a run, the next one makes the store's secret work."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.filled import robot
from contract.mortal import Killed, Moments, Turns, ending, mortal
from contract.raw import Json
from contract.snapshot import snapshot
from contract.target import WORD, Target, fresh
from contract.tool import Outcome, Tool, blocked, said
from harborconf.kinds.resource import WriteBench

STORE = "out/ci"
OTHER = "Another1Word"
ACCEPTED, REFUSED = 412, 401
"""What `/users/current` says to a robot that is one, and to nobody."""


@dataclass(frozen=True)
class Scenario:
    """What is there before, and what is desired of a robot."""

    name: str
    robot: str
    live: str = ""
    stored: str = ""
    is_system: bool = False
    has_project: bool = True
    by_variable: bool = False

    @property
    def is_disabled(self) -> bool:
        """Whether the robot is to be disabled."""
        return "disabled: true" in self.robot


NEW = "expires: 90d, permissions: {repository: [pull]}"
SYSTEM = "expires: never, permissions: {projects: {'*': {repository: [pull]}}}"
SCENARIOS = (
    Scenario("new", NEW),
    Scenario("new of the system", SYSTEM, is_system=True),
    Scenario("new and disabled", f"{NEW}, disabled: true"),
    Scenario("new, of a new project", NEW, has_project=False),
    Scenario("new, the secret given in a file", NEW, stored=WORD),
    Scenario("new, the secret given in the environment", NEW, stored=WORD, by_variable=True),
    Scenario("live, another secret in the store", "description: x", live=OTHER, stored=WORD),
    Scenario("live, to be disabled", "disabled: true", live=OTHER, stored=WORD),
    Scenario("live, its secret in the store", "description: x", live=WORD, stored=WORD),
)


class Robot:
    """The robot of one scenario, from outside."""

    def __init__(self, scenario: Scenario, target: Target, folder: Path) -> None:
        self.scenario = scenario
        self.target = target
        self.tool = Tool(target, folder)
        self.file = folder / STORE
        self.name = target.name("ci") if scenario.is_system else "ci"
        folder.mkdir(exist_ok=True)
        if scenario.has_project:
            target.add_project("team")
        if scenario.live:
            body = robot(self.name, target.name("team"))
            live = target.raw.write("POST", "/robots", body).body["id"]
            target.raw.write("PATCH", f"/robots/{live}", {"secret": scenario.live})
        if scenario.by_variable:
            self.tool.environ = {"CI": scenario.stored}
        elif scenario.stored:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(scenario.stored, encoding="utf-8")

    @property
    def document(self) -> str:
        """What is desired."""
        place = "{env: CI}" if self.scenario.by_variable else f"{{file: {STORE}}}"
        text = f"robots: {{{self.name}: {{{self.scenario.robot}, secret: {place}}}}}"
        if self.scenario.is_system:
            return text
        return f"projects: {{{self.target.name('team')}: {{{text}}}}}"

    def live(self) -> list[Json]:
        """Harbor's robots of this name."""
        if self.scenario.is_system:
            return self.target.robots()
        if not self.target.projects():
            return []
        number = self.target.projects()[0]["project_id"]
        return self.target.raw.all("/robots", q=f"Level=project,ProjectID={number}")

    def stored(self) -> str:
        """The secret in the store."""
        if self.scenario.by_variable:
            return self.scenario.stored
        return self.file.read_text(encoding="utf-8").strip() if self.file.exists() else ""

    def opens(self, secret: str) -> bool:
        """Whether the secret is the robot's; one that is disabled is enabled to find out."""
        (live,) = self.live()
        if live["disable"]:
            self.target.raw.write("PUT", f"/robots/{live['id']}", {**live, "disable": False})
        status = self.target.raw.be(live["name"], secret).status("GET", "/users/current")
        if live["disable"]:
            self.target.raw.write("PUT", f"/robots/{live['id']}", live)
        assert status in {ACCEPTED, REFUSED}
        return status == ACCEPTED

    def run(self, moments: Moments) -> Outcome:
        """One run, which may end early."""
        self.tool.around = partial(mortal, moments=moments)
        try:
            return self.tool.apply(self.document)
        finally:
            self.tool.around = lambda bench: bench


def moments_of(make: Callable[[], Robot]) -> list[str]:
    """The moments of a run that nothing ends."""
    moments = Moments()
    assert make().run(moments).result.is_complete
    return moments.seen


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
def test_whatever_ends_a_run_the_next_makes_the_stores_secret_work(
    scenario: Scenario, harbor: Target, tmp_path: Path
) -> None:
    with fresh(harbor) as target:
        seen = moments_of(lambda: Robot(scenario, target, tmp_path / "0"))
    assert len(seen) >= 2
    for number, moment in enumerate(seen, 1):
        with fresh(harbor) as target:
            one = Robot(scenario, target, tmp_path / str(number))
            with pytest.raises(Killed, match=moment.partition("/")[0]):
                one.run(Moments(number))
            _no_secret_is_lost(one)
            one.tool.converge(one.document)
            (live,) = one.live()
            assert live["disable"] is scenario.is_disabled
            assert one.opens(one.stored()), moment
            if one.file.exists() and not scenario.stored:
                assert stat.S_IMODE(one.file.stat().st_mode) == 0o600


def _no_secret_is_lost(one: Robot) -> None:
    """A robot that is there has its secret in the store, and a secret in use stays in use."""
    if not one.live():
        return
    assert one.stored()
    if one.scenario.live == one.scenario.stored != "":
        assert one.opens(one.stored())


def test_a_secret_in_use_is_never_replaced(target: Target, tmp_path: Path) -> None:
    scenario = Scenario("live, the store empty", f"{NEW}, description: x", live=OTHER)
    one = Robot(scenario, target, tmp_path)
    outcome = one.tool.apply(one.document)
    address = f"project/{target.name('team')}/robot/ci"
    assert "would replace a secret in use" in blocked(outcome.plan)[address]
    assert not one.file.exists()
    assert one.opens(OTHER)
    assert "PATCH" not in str(outcome.writes)


def test_a_secret_that_works_is_not_sent_again(target: Target, tmp_path: Path) -> None:
    scenario = Scenario("live, its secret in the store", "expires: 30d", live=WORD, stored=WORD)
    one = Robot(scenario, target, tmp_path)
    before = snapshot(target)
    assert one.tool.apply(one.document).writes == ()
    assert snapshot(target) == before


@pytest.mark.parametrize("state", ["disable", "expire"])
def test_nobody_can_tell_the_secret_of_a_robot_that_may_not_log_in(
    state: str, target: Target, tmp_path: Path
) -> None:
    scenario = Scenario("live", "permissions: {repository: [pull, push]}", WORD, WORD)
    one = Robot(scenario, target, tmp_path)
    (live,) = one.live()
    if state == "disable":
        target.raw.write("PUT", f"/robots/{live['id']}", {**live, "disable": True})
    elif target.simulator is None:
        pytest.skip("no robot of a real Harbor expires within a day")
    else:
        target.simulator.state.expire_robot(live["id"])
    plan = one.tool.plan(one.document)
    assert said(plan) == []
    assert [unknown.path for unknown in plan.unknown] == ["secret"]


TURNS = st.lists(st.sampled_from("ab"), max_size=16)
LAST = st.integers(0, 8)


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(turns=TURNS, last=LAST)
def test_two_runs_at_once_end_with_one_robot_whose_secret_works(
    harbor: Target, tmp_path_factory: pytest.TempPathFactory, turns: list[str], last: int
) -> None:
    """Both plan before either writes; then they take turns, and one of them may be killed."""
    folder = tmp_path_factory.mktemp("both")
    with fresh(harbor) as target:
        one = Robot(SCENARIOS[0], target, folder)
        order = Turns(list(turns), {"a", "b"})
        planned = Barrier(2)

        def run(name: str) -> Outcome | None:
            tool = Tool(target, folder / name, secrets=folder)
            tool.folder.mkdir()
            moments = Moments(last if name == "a" else 0)

            def around(bench: WriteBench) -> WriteBench:
                planned.wait()
                return mortal(bench, moments, partial(order.wait, name))

            tool.around = around
            with ending(order, name):
                try:
                    return tool.apply(one.document)
                except Killed:
                    return None

        with ThreadPoolExecutor(2) as pool:
            outcomes = list(pool.map(run, "ab"))
        for outcome in outcomes:
            assert outcome is None or len(outcome.result.failed) <= 1
        _no_secret_is_lost(one)
        one.tool.converge(one.document)
        assert len(one.live()) == 1
        assert one.opens(one.stored())
