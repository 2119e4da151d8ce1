"""The version that is built is that of the tag, or says how far from it."""

from __future__ import annotations

import re
import runpy
import subprocess
from pathlib import Path

import pytest

import harborconf
from pages import ROOT, text

BUILD = runpy.run_path(str(ROOT / "version.py"))
VERSION, UNKNOWN = BUILD["version"], BUILD["UNKNOWN"]
ARCHIVED = {
    "v1.2.3": "1.2.3",
    "v1.2.3-4-gabc1234": "1.2.3.post0.dev4+gabc1234",
    "$Format:%(describe:tags=true,match=v[0-9]*)$": UNKNOWN,
    "": UNKNOWN,
}


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.com"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize(("content", "version"), ARCHIVED.items())
def test_an_archive_of_github_knows_its_version(tmp_path: Path, content: str, version: str) -> None:
    (tmp_path / ".git_archival.txt").write_text(f"{content}\n", encoding="ascii")
    assert VERSION(tmp_path) == version


def test_what_the_archive_tells_is_asked_of_git() -> None:
    assert text(".git_archival.txt").strip() in ARCHIVED
    assert ".git_archival.txt export-subst" in text(".gitattributes")


def test_a_checkout_is_of_its_tag_or_comes_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert VERSION(tmp_path) == UNKNOWN
    git(tmp_path, "init", "--quiet")
    assert VERSION(tmp_path) == UNKNOWN
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "one")
    assert re.fullmatch(r"0\.dev1\+g[0-9a-f]+", VERSION(tmp_path))
    git(tmp_path, "tag", "v0.2.0")
    git(tmp_path, "tag", "other")
    assert VERSION(tmp_path) == "0.2.0"
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message", "two")
    assert re.fullmatch(r"0\.2\.0\.post0\.dev1\+g[0-9a-f]+", VERSION(tmp_path))
    monkeypatch.setenv("PATH", "")
    assert VERSION(tmp_path) == UNKNOWN


def test_harborconf_knows_what_was_built() -> None:
    assert re.fullmatch(
        r"\d+(\.\d+)*(\.post\d+)?(\.dev\d+)?(\+g[0-9a-f]+)?", harborconf.__version__
    )
