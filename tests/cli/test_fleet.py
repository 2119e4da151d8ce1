"""Many Harbors at once: what each is to be, what becomes of each, and how it is told."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import jsonschema
import pytest

from cli.shell import PATIENCE, Ran, Shell, terminal
from harborconf.report.plans_format import schema as plans_schema
from harborconf.report.run_format import schema as report_schema
from harborconf.simulator import Reply, Request, Simulator, nth

FLEET = """\
defaults: {overlays: [base]}
targets:
  eu-1: {url: "https://eu.example.com", overlays: [base, eu]}
  us-1: {url: "https://us.example.com"}
"""


@pytest.fixture
def files(shell: Shell) -> Shell:
    """A fleet's file beside its overlays."""
    shell.write(FLEET, "fleet.yaml")
    shell.write("projects: {team-a: {quota: 1GiB}}", "base/all.yaml")
    shell.write("projects: {team-a: {quota: 2GiB}}", "eu/all.yaml")
    return shell


# ---- validate, why and schema --------------------------------------------------------


def test_a_fleet_is_checked_offline(files: Shell) -> None:
    ran = files.run("validate", "--fleet", "fleet.yaml")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "2 targets, 2 files: all is well.\n"


def test_what_is_wrong_in_a_shared_file_is_told_once(files: Shell) -> None:
    files.write("projects: {team-a: {quota: much}, a b: {}}", "base/all.yaml")
    ran = files.run("validate", "--fleet", "fleet.yaml")
    assert (ran.code, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 2
    assert "error: base/all.yaml:2:28: expected a size" in ran.err


def test_a_warning_of_a_shared_file_is_told_once(files: Shell) -> None:
    files.write("replications: {in: {pull_from: hub}}", "base/all.yaml")
    ran = files.run("validate", "--fleet", "fleet.yaml")
    assert ran.code == 0
    assert ran.err.count("names registry/hub, which stands in no file") == 1


def test_two_targets_with_one_url_are_warned_about(files: Shell) -> None:
    files.write(f"{FLEET}  us-2: {{url: 'https://us.example.com/'}}\n", "fleet.yaml")
    ran = files.run("validate", "--fleet", "fleet.yaml")
    assert ran.code == 0
    assert "warning: fleet.yaml:6:3: us-2 and us-1 (fleet.yaml:5:3) are one Harbor" in ran.err


def test_problems_of_a_fleet_are_annotations_too(files: Shell) -> None:
    files.write(FLEET.replace("overlays: [base]}", "overlays: [bass]}"), "fleet.yaml")
    ran = files.run("validate", "--fleet", "fleet.yaml", "--format", "github")
    assert "::error file=fleet.yaml,line=2,col=23::bass does not exist" in ran.out


def test_why_tells_the_overlay_that_sets_a_value(files: Shell) -> None:
    for target, place in (("eu-1", "2GiB  eu/all.yaml:2:28"), ("us-1", "1GiB  base/all.yaml:2:28")):
        ran = files.run("why", "project/team-a/quota", "--fleet", "fleet.yaml", "--target", target)
        assert (ran.code, ran.err) == (0, "")
        assert place in ran.out


def test_why_tells_each_overlay_of_a_target(files: Shell) -> None:
    files.write(FLEET.replace("[base, eu]", "[base, eu, eu-1.yaml]"), "fleet.yaml")
    files.write("projects: {team-a: {quota: 3GiB}}\nlabels: {x: {color: '#000000'}}", "eu-1.yaml")
    files.write(
        "defaults: {project: {quota: 9GiB}}\nlabels: {x: {color: '#FFFFFF'}}", "base/x.yaml"
    )
    chosen = ("--fleet", "fleet.yaml", "--target", "eu-1")
    assert files.run("why", "project/team-a/quota", *chosen).out.splitlines() == [
        "storage: 9GiB  base/x.yaml:2:29  defaults  (overridden)",
        "storage: 1GiB  base/all.yaml:2:28  project  (overridden)",
        "storage: 2GiB  eu/all.yaml:2:28  project  (overridden)",
        "storage: 3GiB  eu-1.yaml:2:28  project",
    ]
    assert files.run("why", "label/x", *chosen).out.splitlines() == [
        'color: "#FFFFFF"  base/x.yaml:3:21  file  (overridden)',
        'color: "#000000"  eu-1.yaml:3:21  file',
    ]


WRONG = {
    "files beside a fleet": (
        ["validate", "base", "--fleet", "fleet.yaml"],
        "base does not go with --fleet",
        "stand in fleet.yaml",
    ),
    "a target without a fleet": (["why", "label/x", "--target", "a"], "--target", "with --fleet"),
    "an unknown target": (
        ["why", "label/x", "--fleet", "fleet.yaml", "--target", "us-9"],
        "no target of fleet.yaml matches `us-9`",
        "did you mean `us-1`?",
    ),
    "a selector that matches none": (
        ["why", "label/x", "--fleet", "fleet.yaml", "--target", "asia-*"],
        "no target of fleet.yaml matches `asia-*`",
        "known are eu-1, us-1",
    ),
    "why of many": (
        ["why", "label/x", "--fleet", "fleet.yaml"],
        "2 targets are chosen",
        "--target",
    ),
    "no such file": (["validate", "--fleet", "flet.yaml"], "flet.yaml cannot be read", ""),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage(files: Shell, case: str) -> None:
    arguments, message, advice = WRONG[case]
    ran = files.run(*arguments)
    assert (ran.code, ran.out) == (1, "")
    first, *rest = ran.err.splitlines()
    assert message in first
    assert advice in "\n".join(rest)


# ---- side by side --------------------------------------------------------------------

PASSWORDS = {"fine": "Fine1Password", "other": "Other2Password", "lying": "Lying3Password"}
ORDER = ["hanging", "fine", "refusing", "lying", "other"]


@dataclass
class Several:
    """Harbors of a fleet by name, and a place to run commands in."""

    shell: Shell
    harbors: dict[str, Simulator]
    urls: dict[str, str]

    def run(self, command: str, *more: str) -> Ran:
        return self.shell.run(command, "--fleet", "fleet.yaml", *more)

    def logged_in(self, name: str) -> bool:
        """Whether there is or was a session that has been used."""
        asked = [path for method, path, _ in self.harbors[name].requests if method == "POST"]
        return "/c/login" in asked and self.harbors[name].requests[-1][0] == "GET"

    def logged_out(self, name: str) -> bool:
        """Whether no session is left open there."""
        paths = [path for _, path, _ in self.harbors[name].requests]
        return paths.count("/c/log_out") == 1


@pytest.fixture
def several(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Several]:
    """One is as desired, one is not, one hangs, one refuses connections, and one lies."""
    harbors = {
        name: Simulator("2.15.2", admin_password=password) for name, password in PASSWORDS.items()
    }
    with ExitStack() as stack:
        urls = {name: stack.enter_context(one.serve()) for name, one in harbors.items()}
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        urls["hanging"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        urls["refusing"] = "http://127.0.0.1:1"
        text = "defaults: {overlays: [base], username: admin}\ntargets:\n"
        for name in ORDER:
            monkeypatch.setenv(f"PASSWORD_{name}", PASSWORDS.get(name, "None4Password"))
            limit = "2s" if name == "hanging" else "20s"
            text += f"  {name}: {{url: '{urls[name]}', time_limit: {limit}, "
            text += f"password: {{env: PASSWORD_{name}}}}}\n"
        shell.write(text, "fleet.yaml")
        shell.write("projects: {library: {public: false}}", "base/all.yaml")
        library = harbors["fine"].state.projects.find("library")
        assert library
        library["metadata"]["public"] = "false"
        harbors["lying"].state.before = nonsense
        yield Several(shell, harbors, urls)


def nonsense(request: Request) -> Reply | None:
    """Something that no Harbor answers."""
    if request.path.startswith("/api/v2.0/projects"):
        return Reply(200, b'[{"nonsense": true}]')
    return None


def test_one_that_hangs_refuses_or_lies_does_not_stop_the_others(several: Several) -> None:
    begun = time.monotonic()
    ran = several.run("plan")
    assert time.monotonic() - begun < 7
    assert ran.code == 1
    assert ran.err == ""
    assert "== other\n~ project/library  base/all.yaml:2:12\n    public  true -> false\n" in ran.out
    assert "== fine" not in ran.out
    assert "! hanging: time is up: it took more than 2s\n  find out why" in ran.out
    assert (
        f"! refusing: {several.urls['refusing']} cannot be reached: Connection refused" in ran.out
    )
    assert "! lying: Harbor's reply was not understood: KeyError" in ran.out
    table = (
        "target    project  all\n"
        "hanging   error\n"
        "fine      .        .\n"
        "refusing  error\n"
        "lying     error\n"
        "other     1        1\n"
        "! hanging"
    )
    assert table in ran.out
    assert ran.out.endswith("\n5 targets: 1 change on 1, 3 not well, 0 extra.\n")
    assert all(several.logged_out(name) for name in several.harbors)
    assert not any(harbor.writes for harbor in several.harbors.values())


def test_targets_are_chosen(several: Several) -> None:
    ran = several.run("plan", "--target", "fin*")
    assert (ran.code, several.harbors["other"].requests) == (0, [])
    ran = several.run("plan", "--target", "fine", "--target", "other")
    assert ran.code == 2
    ran = several.run("plan", "--target", "nobody-*")
    assert (ran.code, ran.out) == (1, "")
    assert "no target of fleet.yaml matches `nobody-*`" in ran.err


def test_a_plan_of_a_fleet_is_that_of_each_harbor(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = several.run("plan", "--format", "json", "--target", "other", "--target", "fine")
    told = json.loads(ran.out)
    jsonschema.validate(told, plans_schema())
    assert (ran.code, told["exit_code"], list(told["targets"])) == (2, 2, ["fine", "other"])
    monkeypatch.setenv("HARBOR_USERNAME", "admin")
    for name, one in told["targets"].items():
        monkeypatch.setenv("HARBOR_URL", several.urls[name])
        monkeypatch.setenv("HARBOR_PASSWORD", PASSWORDS[name])
        alone = several.shell.run("plan", "base", "--format", "json")
        assert (one["plan"], one["exit_code"]) == (json.loads(alone.out), alone.code)
    assert told["targets"]["other"]["kinds"] == {
        "project": {"changes": 1, "blocked": 0, "extra": 0}
    }


def test_the_json_tells_errors_too(several: Several) -> None:
    told = json.loads(several.run("plan", "--format", "json", "--target", "*ing").out)
    jsonschema.validate(told, plans_schema())
    assert {name: bool(one["errors"]) for name, one in told["targets"].items()} == {
        "hanging": True,
        "refusing": True,
        "lying": True,
    }
    assert all(one["plan"] is None for one in told["targets"].values())


def test_markdown_has_the_matrix_and_a_part_for_each(several: Several) -> None:
    ran = several.run("plan", "--format", "markdown")
    assert "| other | 1 | 1 |" in ran.out
    assert "| lying | . | error |" in ran.out
    assert "<details><summary>other</summary>" in ran.out
    assert "+   public: false" in ran.out


def test_html_is_refused(several: Several) -> None:
    ran = several.run("plan", "--format", "html")
    assert (ran.code, ran.out) == (1, "")
    assert "--format html shows one plan" in ran.err


def test_one_report_tells_of_all(several: Several) -> None:
    ran = several.run("plan", "--report", "report.json")
    told = json.loads((several.shell.folder / "report.json").read_text())
    assert (ran.code, told["exit_code"], told["command"]) == (1, 1, "plan")
    jsonschema.validate(told, report_schema())
    codes = {name: one["exit_code"] for name, one in told["targets"].items()}
    assert codes == {"hanging": 1, "fine": 0, "refusing": 1, "lying": 1, "other": 2}
    assert told["targets"]["hanging"]["errors"] == ["time is up: it took more than 2s"]
    assert told["targets"]["other"]["plan"]["changes"][0]["address"] == "project/library"


def test_steps_are_explained_target_by_target(several: Several) -> None:
    ran = several.run("plan", "--explain", "--target", "other")
    assert "other:\nSteps (1):" in ran.out


def test_a_narrow_terminal_has_a_line_for_each(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "15")
    ran = several.run("plan", "--target", "other", "--target", "fine")
    assert "fine: nothing to do\nother: project 1\n" in ran.out


def test_what_is_told_of_a_target_names_it(several: Several) -> None:
    ran = several.run("plan", "--target", "fine", "-v")
    lines = ran.err.splitlines()
    assert lines
    assert all(line.startswith("fine: ") for line in lines)


def test_what_everybody_uses_is_the_credential_of_who_has_none(
    several: Several, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"targets: {{fine: {{url: '{several.urls['fine']}', overlays: [base]}}}}"
    several.shell.write(text, "one.yaml")
    ran = several.shell.run("plan", "--fleet", "one.yaml")
    assert (ran.code, several.harbors["fine"].requests) == (1, [])
    assert "fine: who is asking? HARBOR_USERNAME is not set" in ran.out
    monkeypatch.setenv("HARBOR_USERNAME", "admin")
    monkeypatch.setenv("HARBOR_PASSWORD", PASSWORDS["fine"])
    assert several.shell.run("plan", "--fleet", "one.yaml").code == 0


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("{env: NOWHERE}", "the environment variable NOWHERE is not set"),
        ("{file: nowhere}", "file nowhere is empty"),
    ],
)
def test_a_credential_that_is_not_there_is_its_targets_error(
    several: Several, reference: str, told: str
) -> None:
    file = several.shell.folder / "fleet.yaml"
    file.write_text(file.read_text().replace("{env: PASSWORD_fine}", reference))
    ran = several.run("plan", "--target", "fine", "--target", "other")
    assert ran.code == 1
    assert f"! fine: {told}" in ran.out
    assert "other   1        1" in ran.out


def test_an_overlay_that_is_wrong_is_an_error_of_those_that_have_it(several: Several) -> None:
    several.shell.write("projects: {library: {public: perhaps}}", "more/all.yaml")
    file = several.shell.folder / "fleet.yaml"
    text = file.read_text()
    for name in ("fine", "lying"):
        text = text.replace(f"PASSWORD_{name}}}", f"PASSWORD_{name}}}, overlays: [base, more]")
    file.write_text(text)
    ran = several.run("plan", "--target", "fine", "--target", "lying", "--target", "other")
    assert ran.code == 1
    assert "! fine, lying: more/all.yaml:2:30: expected true or false" in ran.out
    assert "other   1        1" in ran.out


def test_ctrl_c_ends_all_of_them_with_a_logout(several: Several) -> None:
    for name in ("fine", "other"):
        several.harbors[name].state.latency = 0.2
    command = [sys.executable, "-m", "harborconf", "plan", "--fleet", "fleet.yaml"]
    with subprocess.Popen(
        [*command, "--report", "report.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    ) as program:
        begun = time.monotonic()
        while not all(several.logged_in(name) for name in ("fine", "other")):
            assert time.monotonic() - begun < PATIENCE
            time.sleep(0.01)
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=PATIENCE)
    assert (program.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert several.logged_out("fine")
    assert several.logged_out("other")
    told = json.loads((several.shell.folder / "report.json").read_text())
    assert told["exit_code"] == 130
    assert told["targets"]["hanging"]["errors"] == ["stopped: it was not done with"]


# ---- saved plans ---------------------------------------------------------------------


def test_a_plan_of_each_is_saved(several: Several) -> None:
    ran = several.run("plan", "--out", "plans")
    assert ran.code == 1
    folder = several.shell.folder / "plans"
    assert sorted(path.name for path in folder.iterdir()) == [
        "fine.plan.json",
        "other.plan.json",
    ]
    assert (folder / "other.plan.json").stat().st_mode & 0o777 == 0o600
    assert "2 plans saved in plans" in ran.err
    shown = several.shell.run("show", "plans/other.plan.json")
    assert "~ project/library" in shown.out


def test_where_no_plan_was_made_none_is_offered(several: Several) -> None:
    ran = several.run("plan", "--out", "plans", "--target", "refusing")
    assert (ran.code, ran.err) == (1, "")


def test_plans_are_not_saved_where_something_is(several: Several) -> None:
    several.shell.write("", "plans/old.plan.json")
    ran = several.run("plan", "--out", "plans")
    assert (ran.code, several.harbors["fine"].requests) == (1, [])
    assert "plans is not an empty directory" in ran.err


# ---- apply ---------------------------------------------------------------------------


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
