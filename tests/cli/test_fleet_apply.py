"""Many Harbors at once are made as desired: who is asked, what becomes of each, what stops it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time

import pytest

from cli.several import Several
from cli.shell import PATIENCE, terminal
from harborconf.simulator import Reply, Request, nth


def public(several: Several, name: str) -> str:
    """What Harbor has, which should become false."""
    library = several.harbors[name].state.projects.find("library")
    assert library
    return str(library["metadata"]["public"])


def test_each_is_made_as_desired_whatever_becomes_of_the_others(several: Several) -> None:
    ran = several.run("apply", "--yes")
    assert ran.code == 1
    assert ran.err == ""
    assert public(several, "other") == "false"
    assert "other: Done: 1, failed: 0, skipped: 0.\n" in ran.out
    assert "! refusing: " in ran.out
    assert ran.out.endswith("5 targets: 1 change on 1, 3 not well, 0 extra.\n")
    assert several.harbors["fine"].writes == []
    again = several.run("apply", "--yes", "--target", "fine", "--target", "other")
    assert (again.code, again.err) == (0, "")
    assert len(several.harbors["other"].writes) == 1


def test_a_step_that_fails_is_told_at_once_and_is_its_targets(several: Several) -> None:
    several.shell.write("labels: {x: {description: new}}", "base/label.yaml")
    several.harbors["other"].state.before = nth(
        1, lambda: Reply(500, b"{}"), method="POST", path="/labels"
    )
    ran = several.run("apply", "--yes", "--target", "fine", "--target", "other")
    assert ran.code == 1
    assert "other: failed   create label/x: POST /labels: 500" in ran.err
    assert "other: Done: 1, failed: 1, skipped: 0. Run again to finish the rest." in ran.out
    assert "fine: Done: 1, failed: 0, skipped: 0." in ran.out
    assert re.search(r"^other +1 +1 +2 +error$", ran.out, re.MULTILINE)
    assert several.run("apply", "--yes", "--target", "fine", "--target", "other").code == 0


def test_without_a_terminal_it_needs_yes(several: Several) -> None:
    ran = several.run("apply")
    assert (ran.code, several.harbors["other"].requests) == (1, [])
    assert "there is no terminal to ask on" in ran.err


def test_one_question_is_asked_for_all(several: Several) -> None:
    chosen = [word for name in ("fine", "other", "refusing") for word in ("--target", name)]
    for keys, code, became in ((b"n\n", 1, "true"), (b"y\n", 1, "false")):
        with terminal("apply", "--fleet", "fleet.yaml", *chosen) as screen:
            screen.expect("~ project/library")
            screen.expect("refusing  error")
            screen.expect("Make these changes to 1 Harbor? [y/N] ")
            screen.rest()
            screen.type(keys)
            assert screen.wait() == code
        assert public(several, "other") == became
        assert screen.seen.count("~ project/library") == 1
        assert screen.seen.count("[y/N]") == 1
    assert "Done: 1, failed: 0" in screen.seen


@pytest.mark.usefixtures("several")
def test_nothing_to_do_is_not_asked_about() -> None:
    with terminal("apply", "--fleet", "fleet.yaml", "--target", "fine") as screen:
        assert screen.wait() == 0
    assert "[y/N]" not in screen.seen


def test_what_is_not_as_it_was_shown_is_not_written(several: Several) -> None:
    """Between question and answer somebody else changes the same."""
    several.shell.write("labels: {x: {description: new}}", "base/label.yaml")
    with terminal("apply", "--fleet", "fleet.yaml", "--target", "fine", "--target", "other") as it:
        it.expect("Make these changes to 2 Harbors? [y/N] ")
        library = several.harbors["other"].state.projects.find("library")
        assert library
        library["metadata"]["public"] = "false"
        it.rest()
        it.type(b"y\n")
        assert it.wait() == 1
    assert "! other: the plan that was shown is stale, nothing was written" in it.seen
    assert several.harbors["other"].writes == []
    assert len(several.harbors["fine"].writes) == 1


def test_saved_plans_are_applied_and_a_stale_one_refuses_its_target_only(several: Several) -> None:
    several.shell.write("labels: {x: {description: new}}", "base/label.yaml")
    chosen = ("--target", "fine", "--target", "other")
    assert several.run("plan", "--out", "plans", *chosen).code == 2
    library = several.harbors["other"].state.projects.find("library")
    assert library
    library["metadata"]["public"] = "false"
    several.shell.write("labels: {y: {}}", "base/later.yaml")
    ran = several.run("apply", "--plan", "plans", "--yes")
    assert ran.code == 1
    assert "without a plan in plans, left alone: hanging, refusing, lying" in ran.err
    assert "! other: the plan in plans/other.plan.json is stale, nothing was written" in ran.out
    assert several.harbors["other"].writes == []
    assert [path for _, path, _ in several.harbors["fine"].writes] == ["/api/v2.0/labels"]
    assert "fine: Done: 1" in ran.out
    assert "Not in the reviewed plan" in ran.out or "label/y" not in ran.out


def test_a_saved_plan_is_for_its_own_harbor(several: Several) -> None:
    several.run("plan", "--out", "plans", "--target", "fine", "--target", "other")
    plans = several.shell.folder / "plans"
    (plans / "other.plan.json").replace(plans / "fine.plan.json")
    ran = several.run("apply", "--plan", "plans", "--yes", "--target", "fine")
    assert ran.code == 1
    assert f"it is of {several.urls['other']}, and this is {several.urls['fine']}" in ran.out
    assert several.harbors["fine"].writes == []


PLANS = {
    "no directory": ("none", "none is no directory", "--out DIRECTORY"),
    "no plans": ("base", "base holds no plan of these targets", "--out DIRECTORY"),
}


@pytest.mark.parametrize("case", PLANS)
def test_where_no_plans_are_nothing_is_done(several: Several, case: str) -> None:
    folder, message, advice = PLANS[case]
    ran = several.run("apply", "--plan", folder, "--yes")
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
    assert advice in ran.err


def test_plans_of_others_are_told_of(several: Several) -> None:
    several.run("plan", "--out", "plans", "--target", "fine", "--target", "other")
    ran = several.run("apply", "--plan", "plans", "--yes", "--target", "fine")
    assert "plans has plans of others too, left alone: other" in ran.err
    assert several.harbors["other"].writes == []


def test_what_refuses_to_be_written_is_its_targets_error(several: Several) -> None:
    several.harbors["other"].state.settings["read_only"] = True
    several.shell.write("labels: {x: {description: new}}", "base/label.yaml")
    ran = several.run("apply", "--yes", "--target", "fine", "--target", "other")
    assert ran.code == 1
    assert "! other: Harbor is in read-only mode: nothing can be written" in ran.out
    assert len(several.harbors["fine"].writes) == 1


def slow_writes(several: Several, name: str) -> None:
    def wait(request: Request, reply: Reply) -> None:
        del reply
        if request.writes and request.path.startswith("/api"):
            time.sleep(0.1)

    several.harbors[name].state.after = wait


MANY = [f"p{number}" for number in range(60)]


def many_projects(several: Several) -> None:
    several.shell.write(
        "projects:\n" + "".join(f"  {name}: {{}}\n" for name in MANY), "base/p.yaml"
    )


def made(several: Several, name: str) -> int:
    return sum(several.harbors[name].state.projects.find(one) is not None for one in MANY)


def test_time_that_is_up_while_writing_finishes_what_is_in_flight(several: Several) -> None:
    many_projects(several)
    slow_writes(several, "other")
    file = several.shell.folder / "fleet.yaml"
    file.write_text(file.read_text().replace("time_limit: 20s", "time_limit: 3s"))
    chosen = ("--target", "fine", "--target", "other")
    ran = several.run("apply", "--yes", "--concurrency", "1", *chosen, "--report", "report.json")
    assert ran.code == 1
    assert "! other: time is up: it took more than 3s" in ran.out
    done = made(several, "other")
    assert 0 < done < len(MANY)
    assert (made(several, "fine"), several.logged_out("other")) == (len(MANY), True)
    told = json.loads((several.shell.folder / "report.json").read_text())["targets"]
    assert told["other"]["result"]["summary"]["skipped"] >= len(MANY) - done
    assert told["fine"]["exit_code"] == 0
    several.harbors["other"].state.after = None
    assert several.run("apply", "--yes", *chosen).code == 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_a_signal_ends_all_of_them_and_tells_what_is_done(
    several: Several, number: signal.Signals, code: int
) -> None:
    many_projects(several)
    slow_writes(several, "other")
    command = [sys.executable, "-m", "harborconf", "apply", "--fleet", "fleet.yaml", "--yes"]
    limits = [*command, "--concurrency", "1", "--report", "report.json"]
    file = several.shell.folder / "fleet.yaml"
    file.write_text(file.read_text().replace("time_limit: 2s", "time_limit: 20s"))
    with subprocess.Popen(
        limits, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        begun = time.monotonic()
        while len(several.harbors["other"].writes) < 3:
            assert time.monotonic() - begun < PATIENCE
            time.sleep(0.01)
        program.send_signal(number)
        out, err = program.communicate(timeout=PATIENCE)
    assert program.returncode == code
    assert "Traceback" not in err
    assert "stopping: what is in flight is finished first" in err
    assert 2 <= made(several, "other") < len(MANY)
    assert re.search("^! hanging.*: stopped: it was not done with$", out, re.MULTILINE)
    assert f"other: Done: {made(several, 'other') + 1}" in out
    assert several.logged_out("other")
    told = json.loads((several.shell.folder / "report.json").read_text())
    assert told["exit_code"] == code
