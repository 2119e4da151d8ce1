"""Whatever a whole Harbor is told, it becomes; its export restores it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from contract.adapter import adapter
from contract.documents import GROUPS, written
from contract.snapshot import snapshot
from contract.system import listening, require_alone, restored, scanning
from contract.system_settings import ENVIRON
from contract.target import WORD, Target, fresh
from contract.tool import Tool, said, undone
from contract.wholes import ADMIN, OF_WHOLES, PAIR, removal, wholes

GROUP_TYPES = {"http": 2, "oidc": 3}


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


def test_a_whole_harbor_becomes_so_and_is_restored(harbor: Target, scanner: str) -> None:
    """Applied, planned, exported, that planned; taken away; restored from it, exported again."""
    settled = settings(
        max_examples=harbor.examples(real=3, simulated=5),
        phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a smaller one would take minutes
        suppress_health_check=list(HealthCheck),
    )

    with adapter() as other, listening(harbor) as endpoints:

        @settled
        @given(st.data())
        def search(data: st.DataObject) -> None:
            with fresh(harbor) as target, tempfile.TemporaryDirectory() as folder:
                for name, kind in GROUPS.items():
                    body = {"group_name": name.replace("{me}", target.prefix)}
                    target.raw.make("/usergroups", {**body, "group_type": GROUP_TYPES[kind]})
                found = data.draw(wholes(target, other.url, endpoints))
                note(written(found))
                environ = Environ({**OF_WHOLES, **ENVIRON, ADMIN: target.password})
                live_through(Tool(target, Path(folder), environ=environ), found, scanner)

        search()


def live_through(tool: Tool, found: dict[str, object], scanner: str) -> None:
    """The whole life of one configuration."""
    gone = written(removal(found, scanner))
    with restored(tool.target):
        tool.converge(written(found))
        files = tool.export()
        plan = tool.plan_files(files)
        assert (said(plan), plan.extras, plan.unknown) == ([], (), ())
        references = tool.export(references=True)
        tool.converge(gone)
        assert snapshot(tool.target) == {}
    with restored(tool.target):
        outcome = tool.apply_files(references)
        assert outcome.result.is_complete, undone(outcome.result)
        assert said(tool.plan_files(references)) == []
        assert tool.export() == files
        tool.converge(gone)
