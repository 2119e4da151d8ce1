"""`--report`: however a run ends, a file tells of it."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cli.shell import Shell, terminal
from harborconf.cli.tampering import Hand
from harborconf.report.run_format import schema
from harborconf.simulator import Reply, Request, Simulator
from manifests import arguments, documents
from pages import ROOT

EXAMPLE = "projects: {team-a: {quota: 1GiB}}"


def told(shell: Shell, name: str = "run.json") -> dict[str, Any]:
    report: dict[str, Any] = json.loads((shell.folder / name).read_text("utf-8"))
    jsonschema.validate(report, schema())
    return report


def test_each_run_of_plan_and_apply_is_told(shell: Shell, harbor: Simulator) -> None:
    shell.write(EXAMPLE)
    for words, code in ((["plan"], 2), (["apply", "--yes"], 0), (["plan"], 0)):
        assert shell.run(*words, "--report", "run.json").code == code
        report = told(shell)
        assert (report["command"], report["exit_code"]) == (words[0], code)
        assert report["harbor"] == {
            "url": os.environ["HARBOR_URL"],
            "version": harbor.state.version,
        }
        assert report["seconds"] > 0
        changes = {one["address"]: one["action"] for one in report["plan"]["changes"]}
        if report["command"] == "apply" or code:
            assert changes["project/team-a"] == "create"
        else:
            assert changes == {}
    assert [path.name for path in shell.folder.glob("*run.json*")] == ["run.json"]


def test_what_fails_is_told(shell: Shell, harbor: Simulator) -> None:
    def refuse(request: Request) -> Reply | None:
        return Reply(403, b"{}") if request.method == "POST" and "/pro" in request.path else None

    harbor.state.before = refuse
    shell.write(EXAMPLE)
    assert shell.run("apply", "--yes", "--report", "run.json").code == 1
    report = told(shell)
    assert report["exit_code"] == 1
    assert report["result"]["summary"]["failed"] == 1
    assert report["result"]["failed"][0]["step"] == "create project/team-a"


@pytest.mark.usefixtures("nowhere")
def test_a_run_that_reaches_nothing_is_told_too(shell: Shell) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("plan", "--report", "run.json")
    assert ran.code == 1
    report = told(shell)
    assert (report["exit_code"], report["plan"]) == (1, None)
    assert report["errors"][0] in ran.err


@pytest.mark.usefixtures("nowhere")
def test_files_that_are_wrong_are_told_too(shell: Shell) -> None:
    shell.write("projcts: {}")
    assert shell.run("apply", "--yes", "--report", "run.json").code == 1
    assert "desired/all.yaml:2:1" in told(shell)["errors"][0]


def test_a_place_that_cannot_be_written_is_refused_first(shell: Shell, harbor: Simulator) -> None:
    shell.write(EXAMPLE)
    ran = shell.run("apply", "--yes", "--report", "nowhere/run.json")
    assert (ran.code, harbor.requests) == (1, [])
    assert "nowhere is no directory" in ran.err


def test_a_declined_question_is_told(shell: Shell, harbor: Simulator) -> None:
    shell.write(EXAMPLE)
    with terminal("apply", "--report", "run.json") as screen:
        screen.expect("[y/N]")
        screen.type(b"n\n")
        assert screen.wait() == 1
    assert told(shell)["errors"] == ["declined: nothing was written"]
    assert harbor.writes == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_told(
    shell: Shell, harbor: Simulator, number: signal.Signals, code: int
) -> None:
    del harbor
    shell.write(EXAMPLE)
    with terminal("apply", "--report", "run.json") as screen:
        screen.expect("[y/N]")
        screen.signal(number)
        assert screen.wait() == code
    assert told(shell)["exit_code"] == code


def test_the_cron_jobs_very_command_corrects_drift(shell: Shell, harbor: Simulator) -> None:
    (cron_job,) = documents((ROOT / "deploy" / "kustomize" / "cronjob.yaml").read_text("utf-8"))
    config = shell.folder / "config"
    words = [word.replace("/config", str(config)) for word in arguments(cron_job)]
    # As a ConfigMap is mounted: files are links into a folder whose name begins with a dot.
    version = config / "..2026_11_25"
    version.mkdir(parents=True)
    (config / "..data").symlink_to(version.name)
    (version / "harbor.yaml").write_text("version: 1\nprojects: {team-a: {public: false}}\n")
    (config / "harbor.yaml").symlink_to(Path("..data", "harbor.yaml"))
    assert shell.run(*words).code == 0
    hand = Hand(os.environ["HARBOR_URL"], "admin", os.environ["HARBOR_PASSWORD"])
    hand.ask("PUT", "/projects/team-a", {"metadata": {"public": "true"}})
    for changed in ([{"address": "project/team-a", "fields": ["public"]}], []):
        assert shell.run(*words, "--report", "run.json").code == 0
        found = told(shell)["plan"]["changes"]
        assert [{key: one[key] for key in ("address", "fields")} for one in found] == changed
    project = harbor.state.projects.find("team-a")
    assert project
    assert project["metadata"]["public"] == "false"


def test_half_a_file_writes_nothing(shell: Shell, harbor: Simulator) -> None:
    """As from a ConfigMap that was cut."""
    shell.write("projects: {team-a: {public: false}, team-b: {qu")
    assert shell.run("apply", "--yes", "--report", "run.json").code == 1
    assert told(shell)["errors"][0].startswith("desired/all.yaml:")
    assert harbor.requests == []
