"""Layers of files: what stands in a higher one wins, and everything keeps its place."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harborconf.engine.load import load, read
from harborconf.engine.overlays import Overlays
from harborconf.engine.resolve import resolve
from harborconf.engine.why import why
from harborconf.errors import DocumentError, UsageError
from harborconf.spec.address import parse


def layers(folder: Path, *texts: str) -> list[Path]:
    """Folders with one file each."""
    found = [folder / f"{number}" for number in range(len(texts))]
    for path, text in zip(found, texts, strict=True):
        path.mkdir()
        (path / "all.yaml").write_text(f"version: 1\n{dedent(text)}", encoding="utf-8")
    return found


def fields(paths: list[Path]) -> dict[str, object]:
    """Everything desired, by address and field."""
    return {
        one.address.field(path): value
        for one in resolve(Overlays().document(paths)).resources
        for path, value in one.fields.items()
    }


BASE = """\
defaults: {project: {quota: 1GiB, public: false}}
projects:
  a: {members: {users: {alice: developer, bob: guest}}, robots: {ci: {disabled: false}}}
  b: {quota: 2GiB}
"""

CASES: dict[str, tuple[str, dict[str, object]]] = {
    "maps merge by key": ("projects: {a: {public: true}}", {"project/a#public": True}),
    "a higher value wins": ("projects: {b: {quota: 3GiB}}", {"project/b/quota#storage": 3 * 2**30}),
    "defaults merge too": (
        "defaults: {project: {quota: 9GiB}}",
        {"project/a/quota#storage": 9 * 2**30, "project/b/quota#storage": 2 * 2**30},
    ),
    "a new name is added": (
        "projects: {a: {members: {users: {carol: admin}}}}",
        {"project/a/member/user:carol#role": "admin", "project/a/member/user:bob#role": "guest"},
    ),
    "an empty section replaces": (
        "projects: {a: {members: {users: {}}}}",
        {"project/a/member/user:bob#role": None},
    ),
    "null is not managed": ("projects: {b: {quota: null}}", {"project/b/quota#storage": None}),
    "absent discards what is below": (
        "projects: {a: {members: {users: {bob: absent}}}}",
        {"project/a/member/user:bob#role": None},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_overlays_merge_as_the_layers_of_a_project_do(tmp_path: Path, case: str) -> None:
    above, expected = CASES[case]
    found = fields(layers(tmp_path, BASE, above))
    for field, value in expected.items():
        told = found.get(field)
        assert getattr(told, "value", told) == value, field


def test_the_highest_of_three_wins(tmp_path: Path) -> None:
    texts = [f"labels: {{x: {{description: '{word}'}}}}" for word in ("low", "middle", "high")]
    assert fields(layers(tmp_path, *texts))["label/x#description"] == "high"


def test_every_value_keeps_its_place(tmp_path: Path) -> None:
    paths = layers(tmp_path, BASE, "projects: {b: {quota: 3GiB}}")
    state = resolve(Overlays().document(paths))
    quota = state.by_address[parse("project/b/quota")[0]]
    assert str(quota.origins["storage"]) == f"{paths[1]}/all.yaml:2:23"
    member = state.by_address[parse("project/a/member/user:bob")[0]]
    assert str(member.origins["role"]).startswith(f"{paths[0]}/all.yaml:4:")


LAYERED = [
    """\
    defaults: {project: {members: {groups: {"{project}-devs": guest}}, quota: 1GiB}}
    profiles: {gold: {public: true}}
    policies: [{match: {name: a}, project: {labels: {x: {color: "#000000"}}}}]
    labels: {y: {description: low}}
    projects: {a: {profile: gold, quota: null}}
    """,
    """\
    defaults: {project: {members: {groups: {"{project}-devs": developer}}, quota: 2GiB}}
    profiles: {gold: {public: false}}
    policies: [{match: {name: a}, project: {labels: {x: {color: "#111111"}}}}]
    labels: {y: {description: null}}
    """,
    """\
    labels: {y: {description: high}}
    projects: {a: {quota: 3GiB, public: true}}
    """,
]
WHY = {
    "project/a/quota#storage": [
        "=None project 0 lost",
        "storage=1GiB defaults 0 lost",
        "storage=2GiB defaults 1 lost",
        "storage=3GiB project 2",
    ],
    "project/a#public": [
        "public=True profile gold 0 lost",
        "public=False profile gold 1 lost",
        "public=True project 2",
    ],
    "project/a/member/group:a-devs": [
        "role=guest defaults 0 lost",
        "role=developer defaults 1",
    ],
    "project/a/label/x": ["color=#111111 policy 1 (a) 1"],
    "label/y": [
        "description=low file 0 lost",
        "description=None file 1 lost",
        "description=high file 2",
    ],
}


@pytest.mark.parametrize("address", WHY)
def test_each_overlay_that_says_something_is_told(tmp_path: Path, address: str) -> None:
    state = resolve(Overlays().document(layers(tmp_path, *LAYERED)))
    assert [
        f"{one.path}={one.value} {one.layer} {Path(one.position.file).parent.name}"
        f"{'' if one.wins else ' lost'}"
        for one in why(state, *parse(address))
    ] == WHY[address]


def test_within_one_overlay_nothing_may_stand_twice(tmp_path: Path) -> None:
    paths = layers(tmp_path, BASE, "labels: {x: {}}")
    (paths[1] / "more.yaml").write_text("version: 1\nlabels: {x: {color: '#000000'}}\n")
    (paths[1] / "most.yaml").write_text("version: 1\nlabels: {x: {color: '#FFFFFF'}}\n")
    with pytest.raises(DocumentError, match=r"labels.x.color` is written in two files"):
        Overlays().document(paths)


TYPES = {
    "a map and a list": ("robots: {ci: {}}", "robots: [ci]", "another overlay has a map"),
    "a value and a list": ("quota: 1GiB", "quota: [1GiB]", "another overlay has `1GiB`"),
    "a list and a value": ("prune: [robot]", "prune: robot", "another overlay has a list"),
}


@pytest.mark.parametrize("case", TYPES)
def test_overlays_that_disagree_on_a_type_are_both_named(tmp_path: Path, case: str) -> None:
    below, above, told = TYPES[case]
    texts = [f"projects:\n  a: {{{text}}}\n" for text in (below, above)]
    paths = layers(tmp_path, *texts)
    with pytest.raises(DocumentError) as caught:
        Overlays().document(paths)
    (line,) = caught.value.lines()
    key = below.partition(":")[0]
    assert line.startswith(f"{paths[1]}/all.yaml:3:{8 + len(key) + 1}: expected ")
    assert f"{told}: {paths[0]}/all.yaml:3:{8 + len(key) + 1}" in line


def test_a_value_that_is_merely_wrong_blames_nobody_else(tmp_path: Path) -> None:
    paths = layers(tmp_path, "projects: {a: {quota: 1GiB}}", "projects: {a: {quota: much}}")
    with pytest.raises(DocumentError) as caught:
        Overlays().document(paths)
    assert "another overlay" not in str(caught.value)


def test_a_problem_is_told_whatever_else_is_no_yaml(tmp_path: Path) -> None:
    paths = layers(tmp_path, "a: [", "projects: [a]")
    with pytest.raises(DocumentError) as caught:
        Overlays().document(paths)
    assert len(caught.value.problems) == 2


def test_owners_of_a_lower_overlay_bind_the_files_of_a_higher_one(tmp_path: Path) -> None:
    """Though lists replace, no overlay takes away what another lets files do."""
    owners = "owners: {'1/*': [project/mine]}"
    paths = layers(tmp_path, owners, "projects: {mine: {}, other: {}}", "owners: {}")
    with pytest.raises(DocumentError, match="may not define project/other"):
        Overlays().document(paths)


def test_an_overlay_of_comments_adds_nothing(tmp_path: Path) -> None:
    paths = layers(tmp_path, BASE)
    empty = tmp_path / "empty.yaml"
    empty.write_text("# later\n")
    assert fields([*paths, empty]) == fields(paths)
    with pytest.raises(DocumentError, match="nothing but comments"):
        Overlays().document([empty])


def test_an_overlay_without_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(UsageError, match="no YAML file"):
        Overlays().document([tmp_path / "none"])


def test_an_overlay_is_read_once(tmp_path: Path) -> None:
    paths = layers(tmp_path, BASE, "labels: {x: {}}", "labels: {y: {}}")
    overlays = Overlays()
    first = overlays.document(paths[:2])
    (paths[0] / "all.yaml").unlink()
    assert overlays.document(paths[:2]) == first
    assert overlays.document([paths[0], paths[2]]).digest != first.digest


SIZES = st.integers(1, 9).map("{}GiB".format)
PROJECT = st.fixed_dictionaries(
    {},
    optional={
        "quota": st.one_of(SIZES, st.just("null")),
        "public": st.sampled_from(["true", "false"]),
        "members": st.sampled_from(
            ["{users: {}}", "{users: {a: guest}}", "{users: {b: admin}, groups: {g: guest}}"]
        ),
    },
).map(lambda body: "{" + ", ".join(f"{key}: {value}" for key, value in body.items()) + "}")
FILE = st.dictionaries(st.sampled_from("abc"), PROJECT, min_size=1).map(
    lambda found: "version: 1\nprojects:\n" + "".join(f"  {n}: {b}\n" for n, b in found.items())
)


@given(text=FILE)
def test_one_overlay_is_what_its_files_are(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = tmp_path_factory.mktemp("one") / "all.yaml"
    file.write_text(text)
    assert Overlays().document([file]) == load([file])


@given(low=FILE, high=FILE)
def test_what_a_layer_says_holds_and_what_it_does_not_say_is_as_below(
    tmp_path_factory: pytest.TempPathFactory, low: str, high: str
) -> None:
    folder = tmp_path_factory.mktemp("two")
    files = [folder / "low.yaml", folder / "high.yaml"]
    for file, text in zip(files, (low, high), strict=True):
        file.write_text(text)
    merged = resolve(Overlays().document(files))
    below = resolve(read({"low.yaml": low.encode()})).by_address
    above = resolve(read({"high.yaml": high.encode()})).by_address
    for address, desired in above.items():
        assert desired.fields.items() <= merged.by_address[address].fields.items()
    for address in merged.by_address.keys() - above.keys():
        assert merged.by_address[address].fields == below[address].fields


@given(low=FILE, high=FILE)
def test_why_says_of_one_place_that_it_counts(
    tmp_path_factory: pytest.TempPathFactory, low: str, high: str
) -> None:
    paths = [tmp_path_factory.mktemp("two") / name for name in ("low.yaml", "high.yaml")]
    for file, text in zip(paths, (low, high), strict=True):
        file.write_text(text)
    state = resolve(Overlays().document(paths))
    for desired in state.resources:
        for path, at in desired.origins.items():
            found = why(state, desired.address, path)
            assert [one.position for one in found if one.wins] == [at]
