"""Files to one document."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harborconf.engine.load import load, read
from harborconf.engine.tree import Leaf, at_path
from harborconf.errors import DocumentError, HarborconfError, UsageError
from unit.engine.documents import document, problems

ONE = "version: 1\n"


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(*paths: Path, under: Path) -> list[str]:
    return [os.path.relpath(name, under) for name in load(paths).files]


# ---- which files ---------------------------------------------------------------------


def test_a_directory_is_read_whole_and_in_order(tmp_path: Path) -> None:
    files = {
        "b.yaml": ONE,
        "a.yml": ONE,
        "teams/z.yaml": ONE,
        "teams/deep/y.yaml": ONE,
        "kustomization.yaml": "kind: Kustomization",
        "teams/kustomization.yml": "kind: Kustomization",
        ".hidden.yaml": "nonsense: [",
        ".git/config.yaml": "nonsense: [",
        "notes.txt": "nonsense: [",
        "x.json": "nonsense: [",
    }
    write(tmp_path, **files)
    assert names(tmp_path, under=tmp_path) == [
        "a.yml",
        "b.yaml",
        "teams/z.yaml",
        "teams/deep/y.yaml",
    ]


def test_a_mounted_config_map_is_read_once(tmp_path: Path) -> None:
    """Kubernetes mounts files as links through `..data`, a link to a folder with the time."""
    folder = tmp_path / "..2026_11_24_23_00_00.123"
    write(folder, **{"a.yaml": ONE, "b.yaml": ONE})
    (tmp_path / "..data").symlink_to(folder.name)
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    assert names(tmp_path, under=tmp_path) == ["a.yaml", "b.yaml"]


def test_a_file_that_is_named_is_read_whatever_its_name(tmp_path: Path) -> None:
    write(tmp_path, **{"kustomization.yaml": ONE, ".x": ONE})
    paths = (tmp_path / ".x", tmp_path / "kustomization.yaml", tmp_path / ".x")
    assert names(*paths, under=tmp_path) == [".x", "kustomization.yaml"]


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.yaml"
    Path(os.fsdecode(path)).write_text(ONE)
    assert len(load([tmp_path]).files) == 1


@pytest.mark.parametrize(
    ("path", "expected", "advice"),
    [
        ("nowhere", "nowhere does not exist", "name files or directories; the default is desired/"),
        ("empty", "no YAML file in empty", "harborconf reads *.yaml and *.yml, in subfolders too"),
        ("link.yaml", "link.yaml does not exist", "name files or directories"),
        ("links", "links/dead.yaml cannot be read: No such file or directory", ""),
    ],
)
def test_nothing_to_read(
    path: str, expected: str, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "dead.yaml").symlink_to("gone")
    (tmp_path / "link.yaml").symlink_to("gone")
    with pytest.raises(UsageError) as caught:
        load([Path(path)])
    assert caught.value.message == expected
    assert caught.value.advice.startswith(advice)


def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions do not stop root, who may run the tests: so the system is made to refuse."""
    write(tmp_path, **{"a.yaml": ONE, "teams/b.yaml": ONE})
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("teams"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UsageError, match="teams cannot be read: Permission denied"):
        load([tmp_path])


def test_no_more_of_a_file_is_read_than_shows_that_it_is_too_large() -> None:
    with pytest.raises(DocumentError, match="/dev/zero:1:1: the file is larger than 10 MiB"):
        load([Path("/dev/zero")])


# ---- what stands in them -------------------------------------------------------------


def test_the_digest_is_of_every_name_and_content() -> None:
    digests = [
        read(files).digest
        for files in (
            {"a": b"version: 1", "b": b"version: 1"},
            {"b": b"version: 1", "a": b"version: 1"},
            {"a": b"version: 1", "b": b"version: 1\n"},
            {"a": b"version: 1", "c": b"version: 1"},
            {"a": b"version: 1"},
        )
    ]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4


def test_files_merge_by_key_and_every_value_knows_its_file() -> None:
    found = document(
        "projects: {a: {public: true}, b: }",
        b="projects: {a: {scanning: {sbom: true}, members: {users: {x: guest}}}}",
        c="projects: {a: {members: {users: {y: guest}}}}\nharbor: {url: https://h}",
    )
    places = {
        path: str(leaf.position)
        for path in ("harbor.url",)
        if isinstance(leaf := at_path(found.tree, tuple(path.split("."))), Leaf)
    }
    assert places == {"harbor.url": "c.yaml:3:15"}
    assert found.files == ("a.yaml", "b.yaml", "c.yaml")


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (
            "projects: {x: {public: true}}",
            "projects: {x: {public: true}}",
            "b.yaml:2:24: `projects.x.public` is written in two files, first at a.yaml:2:24",
        ),
        (
            "projects: {x: {quota: 1GiB}}",
            "projects:\n  x: {quota: {storage: 2GiB}}",
            "b.yaml:3:24: `projects.x.quota.storage` is written in two files, first at a.yaml:2:23",
        ),
        (
            "protect: [project/a]",
            "protect: [project/b]",
            "b.yaml:2:10: `protect` is written in two files, first at a.yaml:2:10",
        ),
        (
            "projects: {x: absent}",
            "projects: {x: {}}",
            "b.yaml:2:15: `projects.x` is written in two files, first at a.yaml:2:15",
        ),
        (
            "projects: {x: {members: null}}",
            "projects: {x: {members: {users: {a: guest}}}}",
            "b.yaml:2:25: `projects.x.members` is written in two files, first at a.yaml:2:25",
        ),
        (
            "policies: []",
            "policies: []",
            "b.yaml:2:11: `policies` is written in two files, first at a.yaml:2:11",
        ),
    ],
)
def test_the_same_value_in_two_files_names_both_places(one: str, two: str, expected: str) -> None:
    assert problems(one, b=two) == [f"{expected} (keep one of them)"]


def test_of_one_value_in_many_files_the_first_is_named_each_time() -> None:
    written = "projects: {x: {members: {users: {a: guest}}}}"
    null = "projects: {x: {members: null}}"
    found = problems(written, b=null, c=written, d=null)
    section, role = ":2:25: `projects.x.members`", ":2:37: `projects.x.members.users.a.role`"
    assert found == [
        f"{file}.yaml{what} is written in two files, first at a.yaml{what[:5]} (keep one of them)"
        for file, what in (("b", section), ("c", role), ("d", section))
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# nothing\n", "a:1:1: the files hold nothing but comments (begin with `version: 1`)"),
        ("", "a:1:1: the files hold nothing but comments (begin with `version: 1`)"),
        ("---\n", "a:2:1: a file is a map that begins with `version: 1`"),
        ("- version: 1", "a:1:1: a file is a map that begins with `version: 1`"),
        ("projects: {}", "a:1:1: `version: 1` is missing (every file states it)"),
        ("version: 2", "a:1:10: this harborconf reads version 1, got `2`"),
        ("version: '1'", "a:1:10: this harborconf reads version 1, got `1`"),
        ("version: [1]", "a:1:10: this harborconf reads version 1, got a list"),
    ],
)
def test_what_is_no_document(text: str, expected: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read({"a": text.encode()})
    assert caught.value.lines() == (expected,)


def test_every_problem_of_every_file_is_told() -> None:
    files = {"a": b"version: 1\nx: 1\ny: 2", "b": b"version: [", "c": b"version: 1\nz: 3"}
    with pytest.raises(DocumentError) as caught:
        read(files)
    assert [line[:6] for line in caught.value.lines()] == ["a:2:1:", "a:3:1:", "b:2:1:", "c:2:1:"]
    assert isinstance(caught.value, HarborconfError)
