"""The GitHub Action: one comment, a summary, annotations, outputs, nothing for forks."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.shell import Shell
from harborconf.cli import github
from harborconf.simulator import Simulator
from pages import ROOT

EXAMPLE = "projects: {team-a: {quota: 1GiB}}"
REPOSITORY = "platform/harbor"
SECRET = "hunter2-canary"


@dataclass
class GitHub:
    """The few requests about comments that GitHub answers."""

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    forbidden: bool = False


@pytest.fixture
def api() -> Iterator[GitHub]:
    state = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def reply(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            status, answer = self.answer(body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def answer(self, body: Any) -> tuple[int, Any]:
            path, _, query = self.path.partition("?")
            if state.forbidden and self.command != "GET":
                return 403, {"message": "Resource not accessible by integration"}
            if self.command == "GET":
                page = int(query.rpartition("=")[2]) - 1
                return 200, state.comments[page * 100 : page * 100 + 100]
            if self.command == "POST" and path == f"/repos/{REPOSITORY}/issues/7/comments":
                state.comments.append({"id": len(state.comments), **body})
                return 201, {}
            number = int(path.removeprefix(f"/repos/{REPOSITORY}/issues/comments/"))
            assert self.command == "PATCH"
            state.comments[number].update(body)
            return 200, {}

        def __getattr__(self, name: str) -> Any:
            if name in {"do_GET", "do_POST", "do_PATCH"}:
                return self.reply
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Runner:
    folder: Path
    environ: dict[str, str]
    capture: pytest.CaptureFixture[str]

    def run(self, command: str, **inputs: str) -> tuple[int, str]:
        """The step's exit code and its log."""
        self.capture.readouterr()
        given = {f"ACTION_{name}": value for name, value in inputs.items()}
        code = github.main({**self.environ, "ACTION_COMMAND": command, **given})
        told = self.capture.readouterr()
        return code, told.out + told.err

    def event(self, fork: str = REPOSITORY) -> None:
        event = {"pull_request": {"number": 7, "head": {"repo": {"full_name": fork}}}}
        (self.folder / "event.json").write_text(json.dumps(event))

    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def summary(self) -> str:
        return (self.folder / "summary").read_text("utf-8")


@pytest.fixture
def runner(
    shell: Shell,
    harbor: Simulator,
    api: GitHub,
) -> Runner:
    shell.write(EXAMPLE)
    environ = {
        **os.environ,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_API_URL": api.url,
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(shell.folder / "event.json"),
        "GITHUB_OUTPUT": str(shell.folder / "output"),
        "GITHUB_STEP_SUMMARY": str(shell.folder / "summary"),
        "RUNNER_TEMP": str(shell.folder),
        "ACTION_PATHS": "desired",
        "ACTION_LABEL": "harbor",
        "ACTION_COMMENT": "true",
        "ACTION_TOKEN": "token",
        "ACTION_URL": os.environ["HARBOR_URL"],
        "ACTION_USERNAME": "admin",
        "ACTION_PASSWORD": os.environ["HARBOR_PASSWORD"],
    }
    for name in ("HARBOR_URL", "HARBOR_USERNAME", "HARBOR_PASSWORD"):
        environ.pop(name)
    del harbor
    made = Runner(shell.folder, environ, shell.capture)
    made.event()
    return made


def test_a_plan_is_one_comment_kept_up_to_date(runner: Runner, shell: Shell, api: GitHub) -> None:
    api.comments += [{"id": n, "body": f"about <!-- harborconf:harbor --> {n}"} for n in range(150)]
    assert runner.run("plan")[0] == 0
    assert len(api.comments) == 151
    first = api.comments[-1]["body"]
    assert first.startswith("<!-- harborconf:harbor -->\n")
    assert "project/team-a" in first
    assert "project/team-a" in runner.summary()
    plan = str(shell.folder / "plan.json")
    assert runner.outputs() == {"changes": "true", "plan": plan, "exit-code": "2"}
    shell.write("projects: {team-b: {quota: 1GiB}}")
    assert runner.run("plan")[0] == 0
    assert len(api.comments) == 151
    assert "project/team-b" in api.comments[-1]["body"]
    assert runner.run("plan", LABEL="other --> site")[0] == 0
    assert len(api.comments) == 152
    assert api.comments[-1]["body"].startswith("<!-- harborconf:other--site -->\n")


def test_what_was_reviewed_is_applied(runner: Runner, shell: Shell, harbor: Simulator) -> None:
    assert runner.run("plan")[0] == 0
    shell.write("projects: {team-a: {quota: 1GiB}, team-b: {}}")
    plan = runner.outputs()["plan"]
    assert runner.run("apply", PLAN=plan)[0] == 0
    assert harbor.state.projects.find("team-a")
    assert not harbor.state.projects.find("team-b")
    assert runner.run("apply", PLAN=plan)[0] == 1
    assert runner.run("apply")[0] == 0
    assert harbor.state.projects.find("team-b")
    assert runner.run("plan")[0] == 0
    assert runner.outputs()["changes"] == "false"


def test_errors_are_annotations_at_their_lines(runner: Runner, shell: Shell) -> None:
    shell.write("projects: {team-a: {qota: 1GiB}}", "desired/100%,x.yaml")
    code, log = runner.run("plan")
    assert code == 1
    assert "::error file=desired/100%25%2Cx.yaml,line=2,col=21::" in log
    assert "::error file=desired/all.yaml" not in log
    assert runner.outputs() == {"exit-code": "1"}


def test_a_fork_gets_no_plan_and_its_files_are_checked(
    runner: Runner, harbor: Simulator, api: GitHub, shell: Shell
) -> None:
    runner.event("stranger/harbor")
    code, log = runner.run("plan")
    assert code == 0
    assert "::notice::" in log
    assert (harbor.requests, api.comments) == ([], [])
    shell.write("projcts: {}")
    assert runner.run("plan")[0] == 1


def test_pull_request_target_is_refused(runner: Runner, harbor: Simulator) -> None:
    runner.environ["GITHUB_EVENT_NAME"] = "pull_request_target"
    code, log = runner.run("plan")
    assert (code, harbor.requests) == (1, [])
    assert "::error::on pull_request_target" in log


def test_without_the_right_to_comment_the_summary_has_the_plan(runner: Runner, api: GitHub) -> None:
    api.forbidden = True
    code, log = runner.run("plan")
    assert code == 0
    assert "::warning::no comment was written (Forbidden)" in log
    assert "project/team-a" in runner.summary()


def test_a_long_plan_fits_into_the_comment(runner: Runner, shell: Shell, api: GitHub) -> None:
    projects = ", ".join(f"project-with-a-long-name-{n}: {{quota: {n}GiB}}" for n in range(1, 900))
    shell.write(f"projects: {{{projects}}}")
    assert runner.run("plan")[0] == 0
    assert len(api.comments[-1]["body"]) < 65_536


def test_a_harbor_that_does_not_answer_fails_the_step(runner: Runner, api: GitHub) -> None:
    code, log = runner.run("plan", URL="http://127.0.0.1:1")
    assert code == 1
    assert "error: " in log
    assert "There is no plan" in api.comments[-1]["body"]
    assert runner.outputs()["changes"] == "false"


def test_no_secret_is_in_the_log_or_the_comment(runner: Runner, api: GitHub) -> None:
    _, log = runner.run("plan", PASSWORD=SECRET, TOKEN=f"{SECRET}-token")
    assert SECRET not in log + runner.summary() + str(api.comments)


FLEET = """\
defaults: {{overlays: [desired]}}
targets:
  eu-1: {{url: "{here}"}}
  eu-2: {{url: "{here}/"}}
  us-1: {{url: "http://127.0.0.1:1"}}
"""


def test_a_fleet_is_planned_as_one_table_and_what_was_reviewed_is_applied(
    runner: Runner, shell: Shell, harbor: Simulator, api: GitHub
) -> None:
    shell.write(FLEET.format(here=runner.environ["ACTION_URL"]), "fleet.yaml")
    fleet = {"FLEET": "fleet.yaml", "TARGET": "eu-1 'us-*'", "URL": ""}
    assert runner.run("plan", **fleet)[0] == 1
    assert "| us-1 |" in runner.summary()
    assert "| eu-2 |" not in runner.summary()
    eu = {**fleet, "TARGET": "eu-1"}
    assert runner.run("plan", **eu)[0] == 0
    (comment,) = api.comments
    assert "| eu-1 | 1 | 1 | 2 |" in comment["body"]
    plans = shell.folder / "plans"
    assert runner.outputs() == {"changes": "true", "plan": str(plans), "exit-code": "2"}
    assert [path.name for path in plans.iterdir()] == ["eu-1.plan.json"]
    shell.write("projects: {team-a: {quota: 1GiB}, team-b: {}}")
    assert runner.run("apply", PLAN=str(plans), **eu)[0] == 0
    assert harbor.state.projects.find("team-a")
    assert not harbor.state.projects.find("team-b")
    assert "| eu-1 | " in runner.summary()


def test_of_a_fleet_that_nobody_reaches_no_plan_is_handed_on(runner: Runner, shell: Shell) -> None:
    shell.write(FLEET.format(here="http://127.0.0.1:2"), "fleet.yaml")
    assert runner.run("plan", FLEET="fleet.yaml", URL="")[0] == 1
    assert runner.outputs() == {"changes": "false", "exit-code": "1"}
    code, log = runner.run("plan", TARGET="eu-1")
    assert code == 1
    assert "--target chooses from a fleet" in log


def test_the_action_hands_over_every_input() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    (step,) = (one for one in action["runs"]["steps"] if one.get("id") == "run")
    names = {name.removeprefix("ACTION_").lower() for name in step["env"]}
    assert names == set(action["inputs"])
    source = Path(github.__file__).read_text("utf-8")
    for name in step["env"]:
        assert f'"{name.removeprefix("ACTION_")}"' in source
    assert step["run"].endswith("-m harborconf.cli.github")
    for one in action["runs"]["steps"]:
        assert "${{" not in one.get("run", "")
