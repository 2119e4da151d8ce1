"""Whatever is written: applied once, nothing is left to do; exported, nothing differs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import Phase, given, note, settings

from contract.documents import ELSEWHERE, FIELDS, GROUPS, KINDS, documents
from contract.target import WORD, Target, fresh
from contract.tool import Tool, said
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import BY_NAME

GROUP_TYPES = {"ldap": 1, "http": 2, "oidc": 3}
ENVIRONMENT = {"PASSWORD": WORD}


def test_every_declared_field_is_generated() -> None:
    for kind in KINDS:
        every = {item.path for item in declared(BY_NAME[kind].model) if not item.local}
        wanted = {path for path in every if path.split(".")[0] not in ELSEWHERE}
        found = set(FIELDS[kind])
        found |= {path for path in wanted if path.rpartition(".")[0] in found}
        assert found >= wanted, kind


def searched(
    harbor: Target, test: Callable[[str, str], None], *, real: int, simulated: int
) -> None:
    """Run a test of two documents on as many examples as the Harbor can bear."""
    number = harbor.examples(real=real, simulated=simulated)
    # No shrinking: it takes minutes, and what failed is named by its address.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    search = settings(max_examples=number, phases=phases)(
        given(first=documents(), second=documents())(test)
    )
    search()


@pytest.fixture
def folders(tmp_path: Path) -> Callable[[], Path]:
    """A new folder each time."""
    made: list[Path] = []

    def make() -> Path:
        made.append(tmp_path / str(len(made)))
        made[-1].mkdir()
        return made[-1]

    return make


def prepared(target: Target, folder: Path) -> Tool:
    """harborconf on a Harbor with the groups that documents name."""
    for name, kind in GROUPS.items():
        body = {"group_name": _own(name, target), "group_type": GROUP_TYPES[kind]}
        target.raw.make("/usergroups", body)
    return Tool(target, folder, environ=ENVIRONMENT)


def _own(text: str, target: Target) -> str:
    return text.replace("{me}", target.prefix)


def test_once_applied_nothing_is_left_to_do(harbor: Target, folders: Callable[[], Path]) -> None:
    """Applied to an empty Harbor, and then another document to what the first one left."""

    def test(first: str, second: str) -> None:
        with fresh(harbor) as target:
            tool = prepared(target, folders())
            for text in (first, second):
                note(_own(text, target))
                tool.converge(_own(text, target))

    searched(harbor, test, real=6, simulated=20)


def test_what_is_exported_is_what_is_there(harbor: Target, folders: Callable[[], Path]) -> None:
    """On a Harbor that others use, only this test's projects are exported."""

    def test(first: str, second: str) -> None:
        with fresh(harbor) as target:
            tool = prepared(target, folders())
            for text in (first, second):
                tool.converge(_own(text, target))
                projects = [str(one["name"]) for one in target.projects()]
                files = tool.export(*(projects if target.is_real else ()))
                note("\n".join(files.values()))
                plan = tool.plan_files(files)
                assert (said(plan), plan.extras, plan.unknown) == ([], (), ())

    searched(harbor, test, real=6, simulated=10)
