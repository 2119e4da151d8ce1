"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import tokenize
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

import harborconf

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "harborconf"
CLASS_LINES = 300
# Each overrules a tool. Lower a figure when one goes; a commit that raises one says why.
OVERRULED = {
    "src": {"type: ignore": 9, "noqa": 30, "pragma: no cover": 3},
    "tests": {"type: ignore": 0, "noqa": 0, "pragma: no cover": 0},
}
# A path of somebody's machine, which is nobody else's; not the path of a URL.
MACHINE_PATH = re.compile(r"(?<![\w.})\]-])/(?:home|root|work|Users)(?![\w-])")


@cache
def files() -> tuple[Path, ...]:
    """What git has, or would have after `git add`."""
    if not (ROOT / ".git").exists():
        pytest.skip("no git repository")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def modules(folder: Path) -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_bytes()) for path in sorted(folder.rglob("*.py"))}


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def comments(folder: Path) -> list[str]:
    found = []
    for path in folder.rglob("*.py"):
        with path.open("rb") as file:
            tokens = tokenize.tokenize(file.readline)
            found += [token.string for token in tokens if token.type == tokenize.COMMENT]
    return found


def prints(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="print")):
            return True
        case ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr"):
            return True
        case ast.ImportFrom(module="sys", names=names):
            return any(name.name in {"stdout", "stderr"} for name in names)
    return False


def make_targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):.* ## ", text, re.MULTILINE))


def targets_named(page: str) -> set[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))


def test_the_wheel_is_tested_and_not_the_tree() -> None:
    assert not Path(harborconf.__file__).is_relative_to(SOURCE.parent)


def test_only_the_command_line_prints() -> None:
    outside = {
        path: tree
        for path, tree in modules(SOURCE).items()
        if not path.is_relative_to(SOURCE / "cli")
    }
    assert outside
    found = [
        place(path, getattr(node, "lineno", 0))
        for path, tree in outside.items()
        for node in ast.walk(tree)
        if prints(node)
    ]
    assert found == []


def test_no_class_is_too_long() -> None:
    found = [
        f"{place(path, node.lineno)} {node.name}"
        for path, tree in modules(SOURCE).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and (node.end_lineno or 0) - node.lineno >= CLASS_LINES
    ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    trees = {
        path: tree
        for name in ("src", "tests", "benchmarks")
        for path, tree in modules(ROOT / name).items()
    }
    found = [
        str(path.relative_to(ROOT)) for path, tree in trees.items() if not ast.get_docstring(tree)
    ]
    assert found == []


@pytest.mark.parametrize("folder", OVERRULED)
def test_tools_are_overruled_no_more_than_agreed(folder: str) -> None:
    counts = Counter(
        mark
        for comment in comments(ROOT / folder)
        for mark in OVERRULED[folder]
        if re.search(rf"#\s*{mark}\b", comment)
    )
    more = {mark: n for mark, n in counts.items() if n > OVERRULED[folder][mark]}
    assert more == {}


def test_no_file_names_a_path_of_this_machine() -> None:
    found = [
        place(path, number)
        for path in files()
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_workflows_run_actions_of_known_content() -> None:
    used = [
        found
        for path in (ROOT / ".github" / "workflows").glob("*.yml")
        for found in re.findall(r"uses: (\S+.*)", path.read_text(encoding="utf-8"))
    ]
    assert used
    assert [one for one in used if not re.search(r"@[0-9a-f]{40} # v\d", one)] == []


def test_contributing_names_exactly_the_targets_of_make() -> None:
    assert targets_named("CONTRIBUTING.md") == make_targets()


def test_readme_names_targets_of_make() -> None:
    assert targets_named("README.md") <= make_targets()
