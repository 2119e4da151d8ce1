"""The pages say what is so: commands, kinds, exit codes, packages, code, links."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from textwrap import indent

import pytest

from generator import PAGES as MADE
from generator.environment import FOREIGN, VARIABLES
from generator.errors import raised
from harborconf.kinds.catalog import KINDS
from pages import BLOCK, COMMANDS, PAGES, ROOT, commands, rows, text


@pytest.mark.parametrize("page", MADE)
def test_a_page_that_is_made_from_the_code_is_up_to_date(page: str) -> None:
    assert text(f"docs/{page}") == MADE[page](), "run `make docs`"


def test_every_environment_variable_that_is_read_is_told() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / "src").rglob("*.py")
        if "simulator" not in path.parts
    ]
    read = set(
        re.findall(r'"((?:HARBOR|HARBORCONF|KUBE|NO|SSL)[A-Z]*_?[A-Z_]+)"', "".join(sources))
    )
    assert read <= set(VARIABLES) | FOREIGN
    assert {name for name in VARIABLES if name.startswith("HARBOR")} <= read


def test_errors_are_read_from_the_code_with_their_advice() -> None:
    code = """
def refuse(message, advice=""):
    raise UsageError(message, advice=advice)

def one(name):
    refuse(f"there is no {name}", "make it")
    if name:
        message = "the first"
    else:
        message = f"the {name.second}"
    raise StaleError(message, advice="again")
    message = "another"
    raise RefusedError(message, advice=f"do {name()}")
    raise ServerError(name, advice="unknown before it runs")
    raise StoreError("without advice")
"""
    assert list(raised(ast.parse(code))) == [
        ("UsageError", ("there is no NAME", "make it")),
        ("StaleError", ("the first", "again")),
        ("StaleError", ("the SECOND", "again")),
        ("RefusedError", ("another", "do ...")),
    ]


def test_every_page_of_the_reference_is_made_from_the_code() -> None:
    written = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs/reference").iterdir()}
    assert written == set(MADE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    named = set(re.findall(r"`harborconf ([a-z]+(?:-[a-z]+)*)", text(str(page.relative_to(ROOT)))))
    named |= {words[1] for words in commands(str(page)) if words[0] == "harborconf"}
    assert {name for name in named if not name.startswith("-")} <= COMMANDS


def test_every_option_that_the_pages_name_exists() -> None:
    prose = "".join(BLOCK.sub("", page.read_text(encoding="utf-8")) for page in PAGES)
    named = {
        option
        for code in re.findall(r"`([^`]+)`", prose)
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", code)
    }
    listed = text("docs/reference/commands.md")
    assert named - {"--check"} <= set(re.findall(r"`[^`]*?(--[a-z-]+)", listed))  # Ansible's


def test_every_command_that_a_message_names_exists() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py")]
    named = set(re.findall(r"(?:`|, or |see )harborconf ([a-z]+(?:-[a-z]+)*)", "".join(sources)))
    assert named
    assert named <= COMMANDS


def test_architecture_names_the_packages_in_the_order_of_imports() -> None:
    table = [row[0].strip("`") for row in rows("docs/architecture.md", "package")]
    settings = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]
    (layers,) = (one["layers"] for one in settings["contracts"] if one["type"] == "layers")
    assert table == [name for layer in layers for name in layer.split(" | ")] + ["simulator"]
    source = ROOT / "src" / "harborconf"
    present = {path.name for path in source.iterdir() if (path / "__init__.py").exists()}
    assert present <= set(table)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_code_in_a_page_stands_in_the_code(page: Path) -> None:
    for path, kind, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        if path:
            code = (ROOT / path).read_text(encoding="utf-8")
            assert body in code or indent(body, "    ") in code, f"{path}:\n{body}"
        else:
            assert kind != "python"


def _anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_paths_lead_somewhere(page: Path) -> None:
    content = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", content):
        if link.startswith("https://"):
            continue
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}
    for path in re.findall(r"`((?:src|tests|docs|desired|\.ci|\.github)/[\w./-]+)`", content):
        assert (ROOT / path).exists(), path
    for path in re.findall(
        r"`((?:cli|engine|harbor|kinds|report|spec|simulator)/[\w./]*)`", content
    ):
        assert (ROOT / "src" / "harborconf" / path).exists(), path


def test_the_example_shows_what_there_is() -> None:
    """Every feature of files, and every kind of a project."""
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "desired").rglob("*.yaml"))
    for word in (
        *(at.path[0] for kind in KINDS for at in kind.in_project),
        *("defaults", "profiles", "policies", "owners", "guards", "protect", "prune"),
        *("most_recently_pushed", "most_recently_pulled", "pushed_within", "pulled_within"),
        *("keep: always", "{project}", "except:", "absent", "env:", "file:", "inherit"),
    ):
        assert word in written, word
