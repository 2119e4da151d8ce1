"""`harborconf export`: files that plan empty at once."""

from __future__ import annotations

import json
import os

import jsonschema
import pytest
import yaml

from cli.shell import Shell
from harborconf.simulator import Simulator

EXAMPLE = """\
users: {alice: {email: alice@example.com, password: {env: PASSWORD}}}
robots:
  fleet: {expires: never, permissions: {projects: {"*": {repository: [pull]}}}}
projects:
  team-a:
    members: {users: {alice: developer}}
    robots: {ci: {expires: 9d, permissions: {repository: [pull]}}}
  team-b: {public: true}
"""


@pytest.fixture
def filled(shell: Shell, harbor: Simulator) -> Simulator:
    shell.write(EXAMPLE)
    assert shell.run("apply", "--yes").code == 0
    return harbor


def exported(shell: Shell) -> set[str]:
    live = shell.folder / "live"
    return {str(path.relative_to(live)) for path in live.rglob("*") if path.is_file()}


def test_what_is_exported_plans_empty(shell: Shell, filled: Simulator) -> None:
    ran = shell.run("export", "live")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "4 files written to live, and harborconf.schema.json for your editor.\n"
        "References to 3 secrets stand as comments: 2 robot#secret, 1 user#password.\n"
        "Uncomment those that harborconf shall manage, and fill their places.\n"
    )
    projects = {f"projects/{name}.yaml" for name in ("library", "team-a", "team-b")}
    assert exported(shell) == {"system.yaml", "harborconf.schema.json", *projects}
    written = len(filled.writes)
    assert shell.run("plan", "live").code == 0
    assert len(filled.writes) == written


def test_files_fit_the_schema_beside_them(shell: Shell, filled: Simulator) -> None:
    del filled
    shell.run("export", "live")
    live = shell.folder / "live"
    schema = json.loads((live / "harborconf.schema.json").read_text("utf-8"))
    for path in live.rglob("*.yaml"):
        text = path.read_text("utf-8")
        modeline = text.splitlines()[0]
        named = path.parent / modeline.removeprefix("# yaml-language-server: $schema=")
        assert named.resolve() == (live / "harborconf.schema.json").resolve()
        jsonschema.validate(yaml.safe_load(text), schema, jsonschema.Draft202012Validator)


def test_references_are_written_for_a_restore(shell: Shell, filled: Simulator) -> None:
    del filled
    ran = shell.run("export", "live", "--references")
    assert "Before apply, fill the places of 3 secrets: 2 robot#secret, 1 user#password." in ran.out
    text = (shell.folder / "live" / "projects" / "team-a.yaml").read_text("utf-8")
    found = yaml.safe_load(text)["projects"]["team-a"]["robots"]["ci"]["secret"]
    assert found == {"file": "secrets/team-a/ci"}


def test_only_some_projects(shell: Shell, filled: Simulator) -> None:
    del filled
    ran = shell.run("export", "live", "--project", "team-*")
    assert ran.code == 0
    assert {name for name in exported(shell) if "/" in name} == {
        "projects/team-a.yaml",
        "projects/team-b.yaml",
    }
    assert shell.run("plan", "live").code == 0
    none = shell.run("export", "other", "--project", "nobody")
    assert (none.code, none.out) == (1, "")
    assert "no live project matches nobody" in none.err
    assert not (shell.folder / "other").exists()


def test_nothing_is_overwritten(shell: Shell, filled: Simulator) -> None:
    asked = len(filled.requests)
    for target in ("desired", "desired/all.yaml"):
        before = (shell.folder / "desired" / "all.yaml").read_text("utf-8")
        ran = shell.run("export", target)
        assert (ran.code, ran.out) == (1, "")
        assert f"{target} is not an empty directory" in ran.err
        assert "name a new one" in ran.err
        assert (shell.folder / "desired" / "all.yaml").read_text("utf-8") == before
    assert len(filled.requests) == asked
    (shell.folder / "empty").mkdir()
    assert shell.run("export", "empty").code == 0


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_the_umask_is_respected(shell: Shell, filled: Simulator, mask: int) -> None:
    del filled
    before = os.umask(mask)
    try:
        assert shell.run("export", "live").code == 0
    finally:
        os.umask(before)
    for path in (shell.folder / "live").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o777 if path.is_dir() else 0o666) & ~mask


def test_what_yaml_cannot_say_stands_as_a_comment(shell: Shell, filled: Simulator) -> None:
    project = filled.state.projects.find("team-b")
    assert project is not None
    project["metadata"]["severity"] = "so 'bad': that\n\"nobody\" knows; " + "really " * 20
    assert shell.run("export", "live").code == 0
    text = (shell.folder / "live" / "projects" / "team-b.yaml").read_text("utf-8")
    assert "# severity: " in text
    assert "cannot write what Harbor has here" in text
    assert shell.run("plan", "live").code == 0


def test_without_secrets_none_are_asked_for(shell: Shell, harbor: Simulator) -> None:
    del harbor
    ran = shell.run("export", "live")
    assert ran.out == "2 files written to live, and harborconf.schema.json for your editor.\n"
