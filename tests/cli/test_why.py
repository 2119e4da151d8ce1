"""`harborconf why`: which file and line sets a value."""

from __future__ import annotations

import pytest

from cli.shell import Shell

BASE = """\
defaults:
  project:
    public: false
    quota: 1GiB
    robots: {ci: {expires: 90d, permissions: {repository: [pull]}}}
profiles: {gold: {quota: 1TiB}}
users: {alice: {email: alice@example.com}}
"""
TEAM = """\
projects:
  team-a:
    profile: gold
    quota: 2TiB
    public: null
    robots: {ci: {expires: 9d}}
    members: {users: {alice: developer, mallory: absent}}
  team-b: {}
"""
CASES = {
    "project/team-a/quota": [
        "storage: 1GiB  desired/base.yaml:5:12  defaults  (overridden)",
        "storage: 1TiB  desired/base.yaml:7:26  profile gold  (overridden)",
        "storage: 2TiB  desired/team.yaml:5:12  project",
    ],
    "project/team-b/quota#storage": ["storage: 1GiB  desired/base.yaml:5:12  defaults"],
    "project/team-a/robot/ci#expires": [
        "expires: 90d  desired/base.yaml:6:28  defaults  (overridden)",
        "expires: 9d  desired/team.yaml:7:28  project",
    ],
    "project/team-a/member/user:alice": ["role: developer  desired/team.yaml:8:30  project"],
    "project/team-a/member/user:mallory": [
        "project/team-a/member/user:mallory is `absent`  desired/team.yaml:8:50"
    ],
    "project/team-a/robot/ci#disabled": [
        "no file sets project/team-a/robot/ci#disabled; it is not managed"
    ],
    "user/alice": ["email: alice@example.com  desired/base.yaml:8:24  file"],
}


@pytest.mark.parametrize("address", CASES)
def test_why(shell: Shell, address: str) -> None:
    shell.write(BASE, "desired/base.yaml")
    shell.write(TEAM, "desired/team.yaml")
    ran = shell.run("why", address)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == CASES[address]


def test_other_paths(shell: Shell) -> None:
    shell.write(BASE + "projects: {team-a: {}}\n", "other.yaml")
    ran = shell.run("why", "project/team-a#public", "other.yaml")
    assert ran.out == "public: false  other.yaml:4:13  defaults\n"
