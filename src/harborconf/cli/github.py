"""What the GitHub Action does (`action.yml`): `python -m harborconf.cli.github`.

It takes its inputs from ACTION_* and GitHub's own variables, runs harborconf, and tells of it in
the job's summary, its outputs, annotations, and one comment that is kept up to date.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harborconf.cli.console import write
from harborconf.report.problems import annotation

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS = ("validate", "plan", "apply")
CHANGES = 2
MOST = 65_000
"""Characters of a comment; GitHub takes 65,536."""
_PAGE = 100
_TIMEOUT = 30


@dataclass(frozen=True, slots=True)
class Job:
    """One use of the action."""

    environ: Mapping[str, str]

    def input(self, name: str) -> str:
        """An input, or nothing."""
        return self.environ.get(f"ACTION_{name}", "").strip()

    def words(self, name: str) -> list[str]:
        """The words of an input."""
        return shlex.split(self.input(name))

    @property
    def files(self) -> list[str]:
        """Which files it is about: those of a fleet, or the paths."""
        fleet = self.input("FLEET")
        return ["--fleet", fleet] if fleet else self.words("PATHS")

    @property
    def targets(self) -> list[str]:
        """Which Harbors of the fleet it is about."""
        return [word for glob in self.words("TARGET") for word in ("--target", glob)]

    @property
    def event(self) -> dict[str, Any]:
        """What GitHub says has happened."""
        path = self.environ.get("GITHUB_EVENT_PATH")
        event: dict[str, Any] = json.loads(Path(path).read_text("utf-8")) if path else {}
        return event

    @property
    def is_from_fork(self) -> bool:
        """Whether a pull request's code is of somebody who may not see secrets."""
        head = self.event.get("pull_request", {}).get("head")
        if head is None:
            return False
        repository = head.get("repo") or {}
        return repository.get("full_name") != self.environ["GITHUB_REPOSITORY"]

    @property
    def marker(self) -> str:
        """The first line of the comment, which nobody sees."""
        label = "".join(char for char in self.input("LABEL") if char.isalnum() or char in "._-")
        return f"<!-- harborconf:{label} -->"

    def tell(self, variable: str, text: str) -> None:
        """Add to one of the files that GitHub reads."""
        if path := self.environ.get(variable):
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(f"{text}\n")

    def harborconf(self, *arguments: str) -> tuple[int, str]:
        """Run it; what it says on standard error goes to the log."""
        environ = dict(self.environ)
        for name in ("URL", "USERNAME", "PASSWORD"):
            if value := self.input(name):
                environ[f"HARBOR_{name}"] = value
        for name in list(environ):
            if name.startswith("ACTION_"):
                del environ[name]
        ran = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-m", "harborconf", *arguments],
            env=environ,
            stdout=subprocess.PIPE,
            check=False,
        )
        return ran.returncode, ran.stdout.decode("utf-8", "replace")


def main(environ: Mapping[str, str] | None = None) -> int:
    """Do what the inputs say, and return the step's exit code: changes are no failure."""
    job = Job(os.environ if environ is None else environ)
    command = job.input("COMMAND")
    if command not in COMMANDS:
        return _refuse(f"there is no command `{command}`: it is one of {', '.join(COMMANDS)}")
    if job.environ.get("GITHUB_EVENT_NAME") == "pull_request_target":
        return _refuse("on pull_request_target anybody's code would see secrets: use pull_request")
    code, said = job.harborconf("validate", "--format", "github", *job.files)
    write(said)
    if code:
        job.tell("GITHUB_OUTPUT", f"exit-code={code}")
        return code
    if command == "plan" and job.is_from_fork:
        write("::notice::a pull request from a fork sees no secrets: the files are valid, no plan")
        command = "validate"
    match command:
        case "plan":
            code = _plan(job)
        case "apply":
            code = _apply(job)
    job.tell("GITHUB_OUTPUT", f"exit-code={code}")
    return 0 if code == CHANGES else code


def _plan(job: Job) -> int:
    folder = Path(job.environ.get("RUNNER_TEMP", "."))
    (folder / "plan.json").unlink(missing_ok=True)
    shutil.rmtree(folder / "plans", ignore_errors=True)
    plan = folder / ("plans" if job.input("FLEET") else "plan.json")
    options = ["--format", "markdown", "--out", str(plan), *job.words("ARGS")]
    code, text = job.harborconf("plan", *options, *job.targets, *job.files)
    text = text or "There is no plan: the log of the job says why.\n"
    job.tell("GITHUB_STEP_SUMMARY", text)
    job.tell("GITHUB_OUTPUT", f"changes={'true' if code == CHANGES else 'false'}")
    if plan.is_file() or any(plan.glob("*")):
        job.tell("GITHUB_OUTPUT", f"plan={plan}")
    number = job.event.get("pull_request", {}).get("number")
    if number and job.input("TOKEN") and job.input("COMMENT") == "true":
        try:
            _comment(job, int(number), text)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            hint = "the summary has the plan; the job needs `pull-requests: write` to comment"
            write(f"::warning::no comment was written ({reason}): {hint}")
    return code


def _apply(job: Job) -> int:
    reviewed = ["--plan", job.input("PLAN")] if job.input("PLAN") else []
    options = ["--yes", "--format", "markdown", *reviewed, *job.words("ARGS")]
    code, text = job.harborconf("apply", *options, *job.targets, *job.files)
    job.tell("GITHUB_STEP_SUMMARY", text or "Nothing was applied: the log of the job says why.\n")
    return code


def _comment(job: Job, number: int, text: str) -> None:
    """Write the comment, or write it anew where it is already."""
    repository = job.environ["GITHUB_REPOSITORY"]
    body = f"{job.marker}\n{text}"
    if len(body) > MOST:
        body = f"{body[:MOST]}\n\nCut here: the summary of the job has all of it.\n"
    page = 1
    while found := _ask(job, "GET", f"/repos/{repository}/issues/{number}/comments?{_query(page)}"):
        for one in found:
            if str(one.get("body", "")).startswith(job.marker):
                path = f"/repos/{repository}/issues/comments/{int(one['id'])}"
                _ask(job, "PATCH", path, {"body": body})
                return
        if len(found) < _PAGE:
            break
        page += 1
    _ask(job, "POST", f"/repos/{repository}/issues/{number}/comments", {"body": body})


def _query(page: int) -> str:
    return f"per_page={_PAGE}&page={page}"


def _ask(job: Job, method: str, path: str, body: Any = None) -> Any:
    request = urllib.request.Request(  # noqa: S310 - GitHub says where its API is
        job.environ.get("GITHUB_API_URL", "https://api.github.com") + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {job.input('TOKEN')}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as reply:  # noqa: S310
        return json.loads(reply.read() or b"null")


def _refuse(message: str) -> int:
    write(annotation("error", message))
    return 1


if __name__ == "__main__":
    sys.exit(main())
