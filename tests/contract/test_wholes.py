"""Whatever a whole Harbor is told, it becomes; its export restores it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from contract.adapter import adapter
from contract.documents import GROUPS, written
from contract.raw import Json
from contract.snapshot import snapshot
from contract.system import listening, require_alone, restored, scanning
from contract.system_settings import ENVIRON
from contract.target import WORD, Target, fresh
from contract.tool import Tool, said, undone
from contract.wholes import ADMIN, OF_WHOLES, PAIR, removal, wholes, writable

GROUP_TYPES = {"http": 2, "oidc": 3}


Draw = Callable[[], dict[str, Json]]
Life = Callable[[Tool, Draw], None]
Search = Callable[[Life], None]


class Environ(Mapping[str, str]):
    """What the configurations name, and whatever an export does."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known

    def __getitem__(self, name: str) -> str:
        if name.startswith("HARBOR_REGISTRY_"):
            return self.known[ADMIN]
        if name.startswith(("HARBOR_SCANNER_", "HARBOR_PREHEAT_INSTANCE_")):
            return self.known[PAIR]
        return self.known.get(name, WORD)

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


@pytest.fixture
def scanner(harbor: Target) -> Iterator[str]:
    """The name of the default scanner."""
    require_alone(harbor)
    with scanning(harbor):
        (found,) = [one["name"] for one in harbor.raw.all("/scanners") if one["is_default"]]
        yield str(found)


@pytest.fixture
def search(harbor: Target, scanner: str) -> Search:
    """Tries a life on as many examples as the Harbor can bear."""
    del scanner

    def run(life: Life) -> None:
        settled = settings(
            max_examples=harbor.examples(real=3, simulated=4),
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a smaller one takes minutes
            suppress_health_check=list(HealthCheck),
        )

        with adapter() as other, listening(harbor) as endpoints:

            @settled
            @given(st.data())
            def lives(data: st.DataObject) -> None:
                with fresh(harbor) as target, tempfile.TemporaryDirectory() as folder:
                    for name, kind in GROUPS.items():
                        body = {"group_name": name.replace("{me}", target.prefix)}
                        target.raw.make("/usergroups", {**body, "group_type": GROUP_TYPES[kind]})
                    environ = Environ({**OF_WHOLES, **ENVIRON, ADMIN: target.password})
                    tool = Tool(target, Path(folder), environ=environ)
                    life(tool, lambda: data.draw(wholes(target, other.url, endpoints)))

            lives()

    return run


def exported(tool: Tool) -> dict[str, str]:
    """What is there, of which a plan is empty, however it is written."""
    for minimal, factored in ((True, False), (False, True), (False, False)):
        files = tool.export(minimal=minimal, factored=factored)
        plan = tool.plan_files(files)
        assert (said(plan), plan.extras, plan.unknown) == ([], (), ())
    return files


def test_an_export_restores_a_whole_harbor(search: Search, scanner: str) -> None:
    """Applied, planned, exported, that planned; taken away; restored from it, exported again."""

    def life(tool: Tool, draw: Draw) -> None:
        found = draw()
        note(written(found))
        gone = written(removal(found, scanner))
        with restored(tool.target):
            tool.converge(written(found))
            files = exported(tool)
            references = tool.export(references=True)
            tool.converge(gone)
            assert snapshot(tool.target) == {}
        with restored(tool.target):
            outcome = tool.apply_files(references)
            assert outcome.result.is_complete, undone(outcome.result)
            assert said(tool.plan_files(references)) == []
            assert tool.export() == files
            tool.converge(gone)

    search(life)


def test_a_whole_harbor_becomes_another(search: Search) -> None:
    """Whatever is there, what is written comes about, is exported, and that planned."""

    def life(tool: Tool, draw: Draw) -> None:
        version = tool.target.version
        first, second = writable(draw(), version), writable(draw(), version)
        with restored(tool.target):
            for found in (first, second, first):
                note(written(found))
                tool.converge(written(found))
                exported(tool)

    search(life)
