"""Every field of scanners and preheating, written alone: nothing else changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from contract.adapter import adapter
from contract.raw import Json
from contract.services import INSTANCES, NIGHTLY, PEERS, SCANNER, SPARE, SPARE_PEERS
from contract.snapshot import changed, snapshot
from contract.target import WORD, Target
from contract.tool import Tool, said
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import KINDS

KINDS_HERE = {"scanner", "default_scanner", "project_scanner", "preheat_instance", "preheat"}
# Told in tests of their own: what cannot be read on every version, and what never changes.
TOLD_ELSEWHERE = {
    ("scanner", "auth"),
    ("scanner", "credential"),
    ("default_scanner", "name"),
    ("preheat_instance", "vendor"),
    ("preheat_instance", "auth"),
    ("preheat_instance", "credential"),
}
EXTRA = {"scope": "all_peers", "cluster_ids": [1, 2]}


def text(value: Json) -> str:
    """As Harbor keeps what it does not look into."""
    return json.dumps(value, separators=(",", ":"))


# Kind, field, the resource, its YAML, and what Harbor then has.
CASES: tuple[tuple[str, str, str, str, dict[str, Json]], ...] = (
    ("scanner", "url", SCANNER, "url: '{adapter}/other/'", {"url": "{adapter}/other"}),
    ("scanner", "description", SCANNER, "description: ''", {"description": ""}),
    ("scanner", "insecure", SCANNER, "insecure: false", {"skip_certVerify": False}),
    (
        "scanner",
        "internal_address",
        SCANNER,
        "internal_address: false",
        {"use_internal_addr": False},
    ),
    ("scanner", "disabled", SCANNER, "disabled: true", {"disabled": True}),
    ("project_scanner", "name", "", "inherit", {}),
    ("preheat_instance", "description", PEERS, "description: ''", {"description": None}),
    ("preheat_instance", "url", PEERS, "url: 'http://x/{me}'", {"endpoint": "http://x/{me}"}),
    ("preheat_instance", "enabled", SPARE_PEERS, "enabled: false", {"enabled": False}),
    ("preheat_instance", "default", PEERS, "default: false", {"default": False}),
    ("preheat_instance", "insecure", PEERS, "insecure: false", {"insecure": False}),
    ("preheat", "description", NIGHTLY, 'description: "é\'\\n"', {"description": "é'\n"}),
    ("preheat", "instance", NIGHTLY, "instance: '{spare}'", {"provider_name": "{spare}"}),
    ("preheat", "enabled", NIGHTLY, "enabled: false", {"enabled": False}),
    (
        "preheat",
        "filters",
        NIGHTLY,
        "filters: {repositories: [b, a], labels: [y, x]}",
        {
            "filters": text(
                [
                    {"type": "repository", "value": "{a,b}"},
                    {"type": "tag", "value": "**"},
                    {"type": "label", "value": "x,y"},
                ]
            )
        },
    ),
    (
        "preheat",
        "trigger",
        NIGHTLY,
        "trigger: event_based",
        {"trigger": text({"type": "event_based", "trigger_setting": {"cron": ""}})},
    ),
    (
        "preheat",
        "scope",
        NIGHTLY,
        "scope: single_seed_peer",
        {"extra_attrs": text({**EXTRA, "scope": "single_seed_peer"})},
    ),
    ("preheat", "clusters", NIGHTLY, "clusters: []", {"extra_attrs": text({"scope": "all_peers"})}),
)
SECTIONS = {"scanner": "scanners", "preheat_instance": "preheat_instances"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where scanners answer."""
    with adapter() as found:
        yield found.url


def fill(target: Target, url: str) -> None:
    """Scanners, instances and a policy, with no value at its default."""
    raw, name = target.raw, target.name
    team = target.add_project("team")
    raw.write("POST", "/scanners", {"name": name(SPARE), "url": f"{url}/{name(SPARE)}"})
    scanner = {
        "name": name(SCANNER),
        "url": f"{url}/{name(SCANNER)}",
        "description": "looks at images",
        "auth": "Bearer",
        "access_credential": WORD,
        "skip_certVerify": True,
        "use_internal_addr": True,
    }
    made = raw.write("POST", "/scanners", scanner)
    uuid = made.headers["Location"].rpartition("/")[2]
    raw.write("PUT", f"/projects/{team}/scanner", {"uuid": uuid})
    peers = {
        "name": name(PEERS),
        "vendor": "dragonfly",
        "endpoint": f"http://peers.example.com/{name(PEERS)}",
        "description": "sends images ahead",
        "auth_mode": "BASIC",
        "auth_info": {"somebody": WORD},
        "enabled": True,
        "default": True,
        "insecure": True,
    }
    raw.write("POST", INSTANCES, peers)
    endpoint = f"http://peers.example.com/{name(SPARE_PEERS)}"
    spare = {"name": name(SPARE_PEERS), "vendor": "kraken", "endpoint": endpoint, "enabled": True}
    raw.write("POST", INSTANCES, {**spare, "auth_mode": "NONE"})
    policy = {
        "name": name(NIGHTLY),
        "description": "every night",
        "provider_id": raw.get(f"{INSTANCES}/{name(PEERS)}")["id"],
        "filters": text([{"type": "repository", "value": "apps/**"}]),
        "trigger": text({"type": "manual"}),
        "enabled": True,
        "extra_attrs": text(EXTRA),
    }
    raw.write("POST", f"/projects/{name('team')}/preheat/policies", policy)


def test_every_declared_field_has_a_case() -> None:
    every = {
        (kind.name, item.path)
        for kind in KINDS
        if kind.name in KINDS_HERE
        for item in declared(kind.model)
    }
    assert {case[:2] for case in CASES} | TOLD_ELSEWHERE == every


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def test_one_field_changes_and_nothing_else(
    case: tuple[str, str, str, str, dict[str, Json]], tool: Tool, target: Target, url: str
) -> None:
    kind, path, word, yaml, after = case
    fill(target, url)
    before = snapshot(target)

    def told(value: Any) -> Any:
        if isinstance(value, str):
            for key, one in (
                ("{adapter}", url),
                ("{me}", target.prefix),
                ("{spare}", target.name(SPARE_PEERS)),
            ):
                value = value.replace(key, one)
        return value

    team, name = target.name("team"), target.name(word)
    match kind:
        case "project_scanner":
            address, document = (
                f"project/{team}/{kind}",
                f"projects: {{{team}: {{scanning: {{scanner: {yaml}}}}}}}",
            )
        case "preheat":
            address, document = (
                f"project/{team}/{kind}/{name}",
                f"projects: {{{team}: {{preheat: {{{name}: {{{yaml}}}}}}}}}",
            )
        case _:
            address, document = f"{kind}/{name}", f"{SECTIONS[kind]}: {{{name}: {{{yaml}}}}}"
    plan = tool.converge(told(document))
    assert said(plan) == [f"update {address} {path}"]
    wanted = {key: told(value) for key, value in after.items()}
    if path == "instance":
        wanted["provider_id"] = target.raw.get(f"{INSTANCES}/{target.name(SPARE_PEERS)}")["id"]
    expected = changed(before, address, wanted)
    if kind == "project_scanner":
        del expected[address]
    assert snapshot(target) == expected
