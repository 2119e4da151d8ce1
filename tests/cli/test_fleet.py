"""Many Harbors at once: what each is to be, what would change, and how it is told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import jsonschema
import pytest

from cli.several import PASSWORDS, Several
from cli.shell import PATIENCE, Shell
from harborconf.report.plans_format import schema as plans_schema
from harborconf.report.run_format import schema as report_schema

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
    fleet = several.shell.folder / "fleet.yaml"
    fleet.write_text(fleet.read_text().replace("time_limit: 2s", f"time_limit: {PATIENCE}s"))
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
