"""Owners: a team's file defines what is the team's, and nothing else."""

from __future__ import annotations

import pytest

from harborconf.engine.load import read
from harborconf.errors import DocumentError

PLATFORM = b"""version: 1
owners: {"teams/a/*": ["project/a-*", "robot/a-*"]}
defaults: {project: {public: false}}
"""


def load(team: str, name: str = "desired/teams/a/x.yaml") -> None:
    read({"desired/platform.yaml": PLATFORM, name: f"version: 1\n{team}".encode()})


def test_what_is_its_own_passes() -> None:
    load("projects: {a-one: {quota: 1GiB, robots: {ci: {expires: never}}}}\nrobots: {a-ci: {}}")


def test_other_files_are_free() -> None:
    load("projects: {b: {}}", "desired/teams/b/x.yaml")


@pytest.mark.parametrize(
    ("team", "what"),
    [
        ("projects: {b-one: {}}", "2:12: this file may not define project/b-one"),
        ("projects: {b-one: absent}", "2:12: this file may not define project/b-one"),
        ("robots: {ci: {}}", "2:10: this file may not define robot/ci"),
        ("profiles: {x: {}}", "2:11: this file may not define `profiles`"),
        ("policies: []", "2:11: this file may not define `policies`"),
        ("protect: []", "2:10: this file may not define `protect`"),
        ("prune: [label]", "2:8: this file may not define `prune`"),
        ("harbor: {url: http://x}", "2:9: this file may not define `harbor`"),
        ("users: {eve: {admin: true}}", "2:9: this file may not define user/eve"),
        ("users: null", "2:8: this file may not define `users`"),
    ],
)
def test_what_is_not_its_own_is_refused(team: str, what: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load(team)
    assert caught.value.lines()[0].startswith(f"desired/teams/a/x.yaml:{what}")
    assert "project/a-*, robot/a-*" in caught.value.lines()[0]
    assert "desired/platform.yaml:2:9" in caught.value.lines()[0]


def test_it_cannot_give_itself_more() -> None:
    files = {
        "a.yaml": b"version: 1\nowners: {a.yaml: [project/x]}\nprojects: {x: {}}",
    }
    with pytest.raises(DocumentError, match="may not define `owners`"):
        read(files)
