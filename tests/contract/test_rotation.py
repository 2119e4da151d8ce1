"""Rotation: a new robot before the old one is old, both working until the old one has had its time.

Harbor's clock cannot be moved, so harborconf's is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from contract.mortal import Killed, Moments, mortal
from contract.raw import Json
from contract.target import Target, fresh
from contract.tool import Outcome, Tool, said
from harborconf.errors import DocumentError

DAY = 24 * 3600
STORE = "out/ci"
ACCEPTED = 412
"""What `/users/current` says to a robot."""


class Rotation:
    """One robot that rotates, and the days that pass."""

    def __init__(
        self, target: Target, folder: Path, rotate: str = "every: 30d, overlap: 7d"
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.target = target
        self.tool = Tool(target, folder)
        self.rotate = rotate
        self.day = 0.0
        self.tool.now = lambda: time.time() + self.day * DAY

    @property
    def address(self) -> str:
        return f"project/{self.target.name('team')}/robot/ci"

    def text(self, more: str = "") -> str:
        return f"""
            projects:
              {self.target.name("team")}:
                robots:
                  ci:
                    expires: 90d
                    description: builds
                    permissions: {{repository: [pull]}}
                    secret: {{file: {STORE}}}
                    rotate: {{{self.rotate}}}
                    {more}
        """

    def on(self, day: float) -> Outcome:
        """Apply on this day."""
        self.day = day
        outcome = self.tool.apply(self.text())
        assert outcome.result.is_complete, outcome.result
        return outcome

    def run(self, day: float, moments: Moments) -> Outcome:
        """Apply on this day; it may end early."""
        self.day = day
        self.tool.around = partial(mortal, moments=moments)
        try:
            return self.tool.apply(self.text())
        finally:
            self.tool.around = lambda bench: bench

    def robots(self) -> dict[str, Json]:
        """The live robots by their names without prefix and project."""
        number = self.target.projects()[0]["project_id"]
        found = self.target.raw.all("/robots", q=f"Level=project,ProjectID={number}")
        return {one["name"].rpartition("+")[2]: one for one in found}

    def stored(self) -> tuple[str, str]:
        """User name and secret as consumers read them."""
        secret = self.tool.folder / STORE
        name = secret.with_name("ci.username")
        return name.read_text(encoding="utf-8").strip(), secret.read_text(encoding="utf-8").strip()

    def works(self, name: str, secret: str) -> bool:
        return self.target.raw.be(name, secret).status("GET", "/users/current") == ACCEPTED

    def stored_works(self) -> bool:
        return self.works(*self.stored())


@pytest.fixture
def rotation(target: Target, tmp_path: Path) -> Rotation:
    return Rotation(target, tmp_path)


def test_a_robots_whole_life(rotation: Rotation) -> None:
    rotation.on(0)
    first = rotation.stored()
    assert first[0].endswith("+ci")
    assert rotation.stored_works()
    assert rotation.on(29).writes == ()

    outcome = rotation.on(30)
    assert said(outcome.plan) == [f"update {rotation.address} rotate.every"]
    assert outcome.plan.changes[0].fields[0].reason == "30 days old: a new robot takes over"
    assert [step.action for step in outcome.result.done] == ["make successor", "hand over"]
    second = rotation.stored()
    assert second[0].endswith("+ci-2")
    assert second[1] != first[1]
    assert rotation.stored_works()
    assert rotation.works(*first)  # until everybody has read the store

    assert rotation.on(6).writes == ()  # the new one is from today
    outcome = rotation.on(7)
    assert said(outcome.plan) == [f"update {rotation.address} rotate.overlap"]
    assert [step.action for step in outcome.result.done] == ["retire"]
    assert set(rotation.robots()) == {"ci-2"}
    assert rotation.stored() == second
    assert rotation.stored_works()
    assert rotation.on(8).writes == ()

    rotation.on(31)
    assert rotation.stored()[0].endswith("+ci-3")
    assert set(rotation.robots()) == {"ci-2", "ci-3"}


def test_all_that_follow_one_another_are_changed_and_exported_as_one(rotation: Rotation) -> None:
    rotation.on(0)
    rotation.on(30)
    rotation.day = 0
    text = rotation.text().replace("[pull]", "[pull, push]").replace("builds", "builds and pushes")
    outcome = rotation.tool.apply(text)
    assert said(outcome.plan) == [f"update {rotation.address} description permissions"]
    for robot in rotation.robots().values():
        actions = {access["action"] for one in robot["permissions"] for access in one["access"]}
        assert actions == {"pull", "push"}
    assert rotation.robots()["ci-2"]["description"] == (
        "builds and pushes [harborconf: follows ci]"
    )
    files = rotation.tool.export(rotation.target.name("team"))
    assert "ci-2" not in str(files)
    assert "follows" not in str(files)
    assert rotation.tool.plan_files(files).changes == ()


def test_before_expiry(target: Target, tmp_path: Path) -> None:
    rotation = Rotation(target, tmp_path, "before_expiry: 10d, overlap: 7d")
    rotation.on(0)
    assert rotation.on(79).writes == ()
    outcome = rotation.on(81)
    assert said(outcome.plan) == [f"update {rotation.address} rotate.before_expiry"]
    assert outcome.plan.changes[0].fields[0].reason == "expires in 8 days: a new robot takes over"
    assert rotation.stored_works()


def test_an_absent_one_goes_with_those_it_followed(rotation: Rotation) -> None:
    rotation.on(0)
    rotation.on(30)
    team = rotation.target.name("team")
    rotation.tool.converge(f"projects: {{{team}: {{robots: {{ci: absent}}}}}}")
    assert rotation.robots() == {}


def test_a_stranger_of_the_next_name_is_left_alone(rotation: Rotation) -> None:
    rotation.on(0)
    robot = rotation.robots()["ci"]
    body = {key: robot[key] for key in ("level", "duration", "permissions")}
    rotation.target.raw.write("POST", "/robots", {**body, "name": "ci-2", "description": "mine"})
    outcome = rotation.on(30)
    assert [str(one) for one in outcome.plan.extras] == [f"{rotation.address}-2"]
    assert set(rotation.robots()) == {"ci", "ci-2", "ci-3"}
    assert rotation.robots()["ci-2"]["description"] == "mine"
    assert rotation.stored()[0].endswith("+ci-3")


def moments_of(make: Callable[[], Rotation], day: float) -> list[str]:
    """The moments of a run on this day that nothing ends."""
    moments = Moments()
    assert make().run(day, moments).result.is_complete
    return moments.seen


def test_whatever_ends_a_rotation_the_next_run_finishes_it(harbor: Target, tmp_path: Path) -> None:
    def begun(target: Target, name: str) -> Rotation:
        rotation = Rotation(target, tmp_path / name)
        rotation.on(0)
        return rotation

    with fresh(harbor) as target:
        seen = moments_of(lambda: begun(target, "0"), 30)
    assert any(moment.startswith("after POST") for moment in seen)
    assert any(moment.startswith("after PATCH") for moment in seen)
    assert "before the store is replaced" in seen
    for number, moment in enumerate(seen, 1):
        with fresh(harbor) as target:
            rotation = begun(target, str(number))
            first = rotation.stored()
            with pytest.raises(Killed):
                rotation.run(30, Moments(number))
            assert rotation.stored_works(), moment  # what the store tells works at any moment
            is_made = "ci-2" in rotation.robots()
            # Harbor's clock stood still: the new robot is from today, if there is one.
            rotation.on(0 if is_made else 30)
            assert rotation.stored()[0].endswith("+ci-2"), moment
            assert rotation.stored_works(), moment
            assert rotation.works(*first), moment
            assert set(rotation.robots()) == {"ci", "ci-2"}, moment
            rotation.day = 0
            assert rotation.tool.plan(rotation.text()).changes == (), moment


@pytest.mark.parametrize(
    ("rotate", "message"),
    [
        ("every: 30d", "rotation needs `overlap`, how long the old robot stays: like 7d"),
        ("overlap: 7d", "`overlap` alone rotates nothing: write `every` or `before_expiry`"),
        ("every: never, overlap: 7d", "never is said by leaving it out"),
    ],
)
def test_what_rotates_nothing_is_refused(rotation: Rotation, rotate: str, message: str) -> None:
    rotation.rotate = rotate
    with pytest.raises(DocumentError, match=message.replace("`", ".")):
        rotation.on(0)
