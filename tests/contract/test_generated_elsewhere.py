"""Whatever can be written of registries, replications and proxy caches ends as it is written."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contract.documents_elsewhere import NAME, caches, registries, replications
from contract.target import Target, fresh
from contract.tool import Tool, said


def test_whatever_is_written_is_so_afterwards(harbor: Target) -> None:
    settled = settings(
        max_examples=harbor.examples(real=5, simulated=15),
        phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a smaller one would take minutes
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )

    @settled
    @given(st.data())
    def search(data: st.DataObject) -> None:
        with fresh(harbor) as target, tempfile.TemporaryDirectory() as folder:
            tool = Tool(target, Path(folder), environ={"ADMIN": target.password})
            words = data.draw(st.lists(NAME, min_size=1, max_size=3, unique=True))
            names = [target.name(word) for word in words]
            hub = target.name("hub")
            document = {
                "registries": {
                    **{name: data.draw(registries(target)) for name in names},
                    hub: {"type": "harbor", "url": target.registries[0], "credential": "none"},
                },
                "replications": {
                    name: data.draw(replications([*names, hub], target.version)) for name in names
                },
                "projects": {target.name("cache"): data.draw(caches(hub, target.version))},
            }
            tool.converge(yaml.safe_dump(document, allow_unicode=True))
            if not target.is_real:
                assert said(tool.plan_files(tool.export())) == []

    search()
