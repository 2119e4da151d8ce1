"""`harborconf init`: a repository that works at once."""

from __future__ import annotations

import os
import re

import pytest
import yaml

from cli.shell import Shell
from harborconf.simulator import Simulator
from pages import ROOT

EXAMPLE = """\
users: {alice: {email: alice@example.com, password: {env: PASSWORD}}}
projects:
  team-a:
    quota: 1GiB
    members: {users: {alice: developer}}
    robots: {ci: {expires: 9d, permissions: {repository: [pull]}}}
  team-b: {quota: 1GiB}
  team-c: {quota: 1GiB, public: true}
"""


def test_the_repository_it_makes_plans_empty(
    shell: Shell, harbor: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.write(EXAMPLE)
    assert shell.run("apply", "--yes").code == 0
    written = len(harbor.writes)
    ran = shell.run("init", "repository")
    assert (ran.code, ran.err) == (0, "")
    assert "written to repository/desired, and beside them" in ran.out
    assert "References to 2 secrets stand as comments" in ran.out
    monkeypatch.chdir(shell.folder / "repository")
    assert shell.run("validate").code == 0
    assert shell.run("plan").code == 0
    assert len(harbor.writes) == written


def test_what_stands_beside_the_files(shell: Shell, harbor: Simulator) -> None:
    del harbor
    assert shell.run("init", "repository").code == 0
    made = shell.folder / "repository"
    assert {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()} == {
        *(".github/workflows/harbor.yml", ".gitignore", "README.md"),
        *("desired/harborconf.schema.json", "desired/system.yaml", "desired/projects/library.yaml"),
    }
    readme = (made / "README.md").read_text("utf-8")
    assert os.environ["HARBOR_URL"] in readme
    workflow = (made / ".github" / "workflows" / "harbor.yml").read_text("utf-8")
    for text in (readme, workflow):
        assert not re.search(r"(?<!\{)\{(url|host|package|action)\}", text)


def test_its_workflow_uses_the_action_as_it_is(shell: Shell, harbor: Simulator) -> None:
    del harbor
    assert shell.run("init", "repository").code == 0
    path = shell.folder / "repository" / ".github" / "workflows" / "harbor.yml"
    workflow = yaml.safe_load(path.read_text("utf-8"))
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    used = [
        step
        for job in workflow["jobs"].values()
        for step in job["steps"]
        if "harborconf@" in step.get("uses", "")
    ]
    assert [step["with"]["command"] for step in used] == ["plan", "apply"]
    for step in used:
        assert set(step["with"]) <= set(action["inputs"])
    named = set(re.findall(r"steps\.plan\.outputs\.(\w+)", path.read_text("utf-8")))
    assert named <= set(action["outputs"])
    assert "pull_request_target" not in path.read_text("utf-8")


@pytest.mark.usefixtures("nowhere")
def test_nothing_is_overwritten(shell: Shell) -> None:
    (shell.folder / "repository").mkdir()
    (shell.folder / "repository" / "mine").touch()
    ran = shell.run("init", "repository")
    assert ran.code == 1
    assert "is not an empty directory" in ran.err
