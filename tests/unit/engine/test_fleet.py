"""A fleet's file: targets, what they share, and all that can be wrong in it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import jsonschema
import pytest
import yaml

from harborconf.engine.fleet import TIME_LIMIT, Fleet, load_fleet
from harborconf.engine.schema import fleet_schema
from harborconf.errors import DocumentError, UsageError
from harborconf.spec.reference import Env, File

GOOD = """\
version: 1
defaults:
  username: robot$fleet
  password: {env: FLEET_PASSWORD}
  overlays: [base]
  time_limit: 5m
targets:
  eu-1:
    url: https://harbor.eu.example.com/
    overlays: [base, regions/eu.yaml]
  us-1:
    url: https://harbor.us.example.com
    username: null
    password: null
    token: {file: us.token}
    ca_file: us.pem
    time_limit: 2h
  lab: {url: "http://localhost:8080/harbor", username: null, password: null}
"""


def fleet(folder: Path, text: str) -> Fleet:
    for name in ("base/all.yaml", "regions/eu.yaml", "us.pem"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("version: 1\nlabels: {x: {}}\n")
    file = folder / "fleet.yaml"
    file.write_text(dedent(text).lstrip())
    return load_fleet(file)


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong, without the folder."""
    with pytest.raises(DocumentError) as caught:
        fleet(folder, text)
    return [line.replace(f"{folder}/", "") for line in caught.value.lines()]


def test_targets_and_what_they_share(tmp_path: Path) -> None:
    eu, us, lab = fleet(tmp_path, GOOD).targets
    assert (eu.name, eu.url) == ("eu-1", "https://harbor.eu.example.com")
    assert eu.paths == (tmp_path / "base", tmp_path / "regions/eu.yaml")
    assert (eu.username, eu.secret, eu.seconds) == ("robot$fleet", Env("FLEET_PASSWORD"), 300)
    assert us.paths == (tmp_path / "base",)
    assert (us.username, us.secret, us.seconds) == ("", File("us.token"), 7200)
    assert us.ca_file == tmp_path / "us.pem"
    assert (lab.username, lab.secret) == ("", None)


def test_a_time_limit_need_not_be_written(tmp_path: Path) -> None:
    text = "version: 1\ntargets: {a: {url: https://a.example.com, overlays: [base]}}\n"
    (target,) = fleet(tmp_path, text).targets
    assert target.seconds == TIME_LIMIT


A = "url: https://a.example.com"
WRONG = {
    "no targets": ("version: 1\n", ["fleet.yaml:1:1: a fleet has targets, and there is none"]),
    "empty targets": ("version: 1\ntargets: {}\n", ["fleet.yaml:2:10: a fleet has targets"]),
    "nothing": ("", ["fleet.yaml:1:1: a fleet has targets, and there is none"]),
    "no version": ("targets: {a: {}}\n", ["`version: 1` is missing"]),
    "a list": ("version: 1\ntargets: [a]\n", ["fleet.yaml:2:10: expected a map with a key"]),
    "a target without anything": (
        "version: 1\ntargets:\n  a:\n",
        ["fleet.yaml:3:3: `url` of a is missing", "fleet.yaml:3:3: `overlays` of a is missing"],
    ),
    "a target of null": (
        "version: 1\ntargets: {a: null}\n",
        ["fleet.yaml:2:11: a says nothing (remove it, or write its `url`)"],
    ),
    "a misspelled key": (
        f"version: 1\ntargets: {{a: {{{A}, overlay: [base], overlays: [base]}}}}\n",
        ["fleet.yaml:2:43: unknown key `overlay` (did you mean `overlays`?)"],
    ),
    "a url in the defaults": (
        f"version: 1\ndefaults: {{{A}}}\ntargets: {{a: {{{A}, overlays: [base]}}}}\n",
        ["fleet.yaml:2:12: unknown key `url`"],
    ),
    "no URL": (
        "version: 1\ntargets: {a: {url: a.example.com, overlays: [base]}}\n",
        ["fleet.yaml:2:20: expected a URL that begins with http:// or https://"],
    ),
    "a password in the URL": (
        "version: 1\ntargets: {a: {url: https://u:hunter2@a.example.com, overlays: [base]}}\n",
        ["fleet.yaml:2:20: a URL holds no user and no password here"],
    ),
    "a password in the file": (
        f"version: 1\ntargets: {{a: {{{A}, overlays: [base], username: u, password: hunter2}}}}\n",
        ["a secret never stands in the YAML itself"],
    ),
    "a user alone": (
        f"version: 1\ntargets: {{a: {{{A}, overlays: [base], username: u}}}}\n",
        ["fleet.yaml:2:11: `password` of a is missing beside `username`"],
    ),
    "a password alone": (
        f"version: 1\ntargets: {{a: {{{A}, overlays: [base], password: {{env: P}}}}}}\n",
        ["fleet.yaml:2:11: `username` of a is missing beside `password`"],
    ),
    "a token beside a shared password": (
        """\
        version: 1
        defaults: {username: u, password: {env: P}, overlays: [base]}
        targets: {a: {url: https://a.example.com, token: {env: T}}}
        """,
        ["fleet.yaml:3:50: a has a token, and a user or password at fleet.yaml:2:22 (keep one"],
    ),
    "an overlay that is not there": (
        f"version: 1\ntargets: {{a: {{{A}, overlays: [base, bas]}}}}\n",
        ["fleet.yaml:2:60: bas does not exist (paths are relative to this file)"],
    ),
    "an overlay twice": (
        f"version: 1\ntargets: {{a: {{{A}, overlays: [base, ./base]}}}}\n",
        ["fleet.yaml:2:60: base stands in this list twice (keep one of them)"],
    ),
    "no overlays": (
        f"version: 1\ntargets: {{a: {{{A}, overlays: []}}}}\n",
        ["fleet.yaml:2:53: there is no overlay (name a file or a directory)"],
    ),
    "wrong defaults of many, told once": (
        f"version: 1\ndefaults: {{overlays: [nope]}}\ntargets: {{a: {{{A}}}, b: {{{A}}}}}\n",
        ["fleet.yaml:2:23: nope does not exist"],
    ),
    "a CA file that is not there": (
        f"version: 1\ntargets: {{a: {{{A}, overlays: [base], ca_file: x.pem}}}}\n",
        ["fleet.yaml:2:70: there is no file x.pem (it is relative to this file)"],
    ),
    "no time": (
        f"version: 1\ntargets: {{a: {{{A}, overlays: [base], time_limit: 10}}}}\n",
        ["fleet.yaml:2:73: expected a time like 90s, 10m or 2h, got `10`"],
    ),
    "a name that is a path": (
        f"version: 1\ntargets: {{../a: {{{A}, overlays: [base]}}}}\n",
        ["fleet.yaml:2:11: `../a` cannot be a target's name"],
    ),
    "two of one name": (
        f"version: 1\ntargets:\n  a: {{{A}, overlays: [base]}}\n  a: {{}}\n",
        ["`a` is written twice, first at fleet.yaml:3:3"],
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, case: str) -> None:
    text, expected = WRONG[case]
    found = problems(tmp_path, text)
    assert len(found) == len(expected), found
    for line, part in zip(found, expected, strict=True):
        assert part in line
    assert "hunter2" not in "".join(found)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_fleet(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "url", ["https://a.example.com/", "HTTPS://A.example.com", "https://a.example.com/api/v2.0"]
)
def test_two_targets_with_one_url_are_warned_about(tmp_path: Path, url: str) -> None:
    text = (
        f"version: 1\ndefaults: {{overlays: [base]}}\ntargets:\n  a: {{{A}}}\n  b: {{url: {url}}}\n"
    )
    (warning,) = fleet(tmp_path, text).warnings
    assert (
        str(warning)
        .replace(f"{tmp_path}/", "")
        .startswith("fleet.yaml:5:3: b and a (fleet.yaml:4:3) are one Harbor (")
    )


CHOSEN = {
    "all": ((), ["eu-1", "us-1", "lab"]),
    "a name": (("us-1",), ["us-1"]),
    "a glob": (("?s-*",), ["us-1"]),
    "two, in the file's order": (("lab", "*-1"), ["eu-1", "us-1", "lab"]),
}


@pytest.mark.parametrize("case", CHOSEN)
def test_targets_are_chosen_by_globs(tmp_path: Path, case: str) -> None:
    globs, names = CHOSEN[case]
    assert [target.name for target in fleet(tmp_path, GOOD).chosen(globs)] == names


@pytest.mark.parametrize(
    ("globs", "advice"),
    [(("eu-2",), "did you mean `eu-1`?"), (("eu-*", "asia-*"), "known are eu-1, us-1, lab")],
)
def test_a_glob_that_matches_none_is_refused(
    tmp_path: Path, globs: tuple[str, ...], advice: str
) -> None:
    with pytest.raises(
        UsageError, match=f"no target of .*fleet.yaml matches `{globs[-1][:4]}"
    ) as e:
        fleet(tmp_path, GOOD).chosen(globs)
    assert e.value.advice == advice


@pytest.mark.parametrize("url", ["https://a.example.com/api/v2.0", "https://A.example.com"])
def test_the_url_in_an_overlay_may_be_the_targets(tmp_path: Path, url: str) -> None:
    text = f"version: 1\ntargets: {{a: {{{A}, overlays: [base, own.yaml]}}}}\n"
    (tmp_path / "own.yaml").write_text(f"version: 1\nharbor: {{url: {url}}}\n")
    (target,) = fleet(tmp_path, text).targets
    assert len(target.document().files) == 2


def test_the_url_in_an_overlay_cannot_be_anothers(tmp_path: Path) -> None:
    text = f"version: 1\ntargets: {{a: {{{A}, overlays: [base, own.yaml]}}}}\n"
    (tmp_path / "own.yaml").write_text("version: 1\nharbor: {url: https://b.example.com}\n")
    (target,) = fleet(tmp_path, text).targets
    with pytest.raises(DocumentError) as caught:
        target.document()
    (line,) = caught.value.lines()
    assert "own.yaml:2:15: this is not the URL of a, which is https://a.example.com" in line
    assert "fleet.yaml:2:11 says where a is" in line


def test_the_schema_accepts_what_loads(tmp_path: Path) -> None:
    fleet(tmp_path, GOOD)
    validator = jsonschema.Draft202012Validator(fleet_schema())
    validator.validate(yaml.safe_load(GOOD))
    assert not validator.is_valid({"version": 1, "targets": {"a": {"ulr": "https://a"}}})
    assert not validator.is_valid({"version": 1})
