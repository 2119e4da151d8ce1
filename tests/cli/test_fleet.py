"""Many Harbors at once: what each is to be, what becomes of each, and how it is told."""

from __future__ import annotations

import pytest

from cli.shell import Shell

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
