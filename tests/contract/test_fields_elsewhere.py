"""Every field of registries, replications and proxy caches, written alone: nothing else changes."""

from __future__ import annotations

import json

import pytest

from contract.elsewhere import CACHE, HUB, IN, OUT, certificate, fill
from contract.raw import Json
from contract.snapshot import changed, snapshot
from contract.target import WORD, Target
from contract.tool import Tool, said
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import KINDS

# Fixed when a resource is made, told in tests of their own; and what cannot be read.
FIXED = {
    ("registry", "type"),
    ("registry", "credential.password"),
    ("project", "proxy_cache.registry"),
}
PEM = certificate()
# Kind, field, the resource, its YAML, and what Harbor then has.
CASES: tuple[tuple[str, str, str, str, dict[str, Json]], ...] = (
    ("registry", "url", HUB, "url: '{other}'", {"url": "{other}"}),
    (
        "registry",
        "credential.username",
        HUB,
        "credential: {username: '{me}-ann', password: {env: ANN}}",
        {"credential.access_key": "{me}-ann"},
    ),
    (
        "registry",
        "credential.type",
        HUB,
        "credential: {type: oauth}",
        {"credential.type": "oauth"},
    ),
    ("registry", "insecure", HUB, "insecure: false", {"insecure": None}),
    ("registry", "description", HUB, 'description: "é\'\\n"', {"description": "é'\n"}),
    (
        "registry",
        "ca_certificate",
        HUB,
        f"ca_certificate: {json.dumps(PEM)}",
        {"ca_certificate": PEM},
    ),
    ("replication", "description", IN, "description: ''", {"description": None}),
    ("replication", "pull_from", IN, "pull_from: '{me}-spare'", {"src_registry": "{me}-spare"}),
    (
        "replication",
        "push_to",
        OUT,
        "push_to: '{me}-spare'",
        {"dest_registry": "{me}-spare"},
    ),
    (
        "replication",
        "filters",
        IN,
        "filters: [{repositories: [b, a]}, {tags: {except: [x]}}, {labels: {except: [l, k]}}]",
        {
            "filters": [
                {"type": "label", "value": ["k", "l"], "decoration": "excludes"},
                {"type": "name", "value": "{a,b}"},
                {"type": "tag", "value": "x", "decoration": "excludes"},
            ]
        },
    ),
    (
        "replication",
        "destination.namespace",
        IN,
        "destination: a/b",
        {"dest_namespace": "a/b"},
    ),
    (
        "replication",
        "destination.flatten",
        IN,
        "destination: {flatten: 0}",
        {"dest_namespace_replace_count": 0},
    ),
    ("replication", "trigger", IN, "trigger: manual", {"trigger": {"type": "manual"}}),
    ("replication", "enabled", IN, "enabled: true", {"enabled": True}),
    ("replication", "override", IN, "override: false", {"override": None}),
    (
        "replication",
        "replicate_deletion",
        OUT,
        "replicate_deletion: true",
        {"deletion": True, "replicate_deletion": True},
    ),
    ("replication", "speed", IN, "speed: unlimited", {"speed": 0}),
    ("replication", "copy_by_chunk", IN, "copy_by_chunk: false", {"copy_by_chunk": False}),
    (
        "replication",
        "single_active_replication",
        IN,
        "single_active_replication: false",
        {"single_active_replication": False},
    ),
    (
        "project",
        "proxy_cache.speed",
        CACHE,
        "proxy_cache: {speed: 1Mbps}",
        {"metadata.proxy_speed_kb": "1024"},
    ),
    (
        "project",
        "proxy_cache.max_upstream_connections",
        CACHE,
        "proxy_cache: {max_upstream_connections: unlimited}",
        {"metadata.max_upstream_conn": "-1"},
    ),
    (
        "project",
        "proxy_cache.local_on_not_found",
        CACHE,
        "proxy_cache: {local_on_not_found: true}",
        {"metadata.proxy_cache_local_on_not_found": "true"},
    ),
)
SECTIONS = {"registry": "registries", "replication": "replications", "project": "projects"}


def test_every_declared_field_has_a_case() -> None:
    every = {
        (kind.name, item.path)
        for kind in KINDS
        for item in declared(kind.model)
        if not item.local
        and (kind.name in {"registry", "replication"} or item.path.startswith("proxy_cache."))
    }
    assert {(kind, path) for kind, path, *_ in CASES} | FIXED == every


@pytest.mark.parametrize(
    ("kind", "path", "word", "yaml", "after"), CASES, ids=[f"{one[0]}.{one[1]}" for one in CASES]
)
def test_one_field_changes_and_nothing_else(
    kind: str,
    path: str,
    word: str,
    yaml: str,
    after: dict[str, Json],
    tool: Tool,
    target: Target,
) -> None:
    field = next(
        item
        for one in KINDS
        for item in declared(one.model)
        if (one.name, item.path) == (kind, path)
    )
    if not field.exists_in(target.version):
        pytest.skip("this Harbor does not have the field")
    if path == "url" and len(set(target.registries)) == 1:
        pytest.skip("this Harbor finds a registry at one URL only")
    fill(target)
    before = snapshot(target)
    tool.environ = {"ANN": WORD}
    name = target.name(word)
    said_here = yaml.replace("{me}", target.prefix).replace("{other}", target.registries[1])
    plan = tool.converge(f"{SECTIONS[kind]}: {{'{name}': {{{said_here}}}}}")
    along = " credential.password" if path == "credential.username" else ""
    assert said(plan) == [f"update {kind}/{name} {path}{along}"]
    assert snapshot(target) == changed(before, f"{kind}/{name}", _filled_in(after, target))


def _filled_in(after: dict[str, Json], target: Target) -> dict[str, Json]:
    words = {"{me}": target.prefix, "{other}": target.registries[1]}
    return {
        key: value
        if not isinstance(value, str)
        else value.replace("{me}", words["{me}"]).replace("{other}", words["{other}"])
        for key, value in after.items()
    }
