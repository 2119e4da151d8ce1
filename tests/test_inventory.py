"""Every writable field of Harbor is covered, is waited for, or is left out for a reason."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from harborapi import models
from pydantic import BaseModel

from harborconf.errors import DocumentError
from harborconf.kinds.base import Declared, declared
from harborconf.kinds.catalog import BY_NAME
from harborconf.spec import yaml
from inventory import FILE, Entry, inventory, places, template
from summary import tell

EXCHANGES = Path(__file__).parent / "recorded" / "exchanges"
# Fields covered, by kind. Raise a figure with a new field; lowering one loses what users have.
COVERED = {
    "project": 14,
    "quota": 1,
    "member": 2,
    "robot": 8,
    "retention": 12,
    "immutable_tags": 5,
    "label": 2,
    "user": 5,
    "webhook": 8,
    "cve_allowlist": 2,
    "garbage_collection": 5,
    "audit_rotation": 5,
    "scan_all": 2,
    "settings": 57,
    "preheat": 7,
    "preheat_instance": 8,
    "scanner": 7,
    "default_scanner": 1,
    "project_scanner": 1,
    "group": 2,
    "registry": 8,
    "replication": 16,
}
# What Harbor's description of its API has altogether, with what only servers list.
FIELDS = 315
# Recorded to show that Harbor answers 200 to keys that do not exist, and drops them.
NONSENSE = {("project", "metadata.made_up_key"), ("settings", "nope")}
# harborapi's models of request bodies, by what they configure. They were made from the
# descriptions of other versions, by others.
MODELS: dict[str, tuple[type[BaseModel], ...]] = {
    "project": (models.ProjectReq,),
    "member": (models.ProjectMember, models.RoleRequest),
    "robot": (models.RobotCreate, models.Robot, models.RobotSec),
    "retention": (models.RetentionPolicy,),
    "immutable_tags": (models.ImmutableRule,),
    "label": (models.Label,),
    "user": (
        models.UserCreationReq,
        models.UserProfile,
        models.UserSysAdminFlag,
        models.PasswordReq,
    ),
    "group": (models.UserGroup,),
    "webhook": (models.WebhookPolicy,),
    "preheat": (models.PreheatPolicy,),
    "preheat_instance": (models.Instance,),
    "registry": (models.Registry, models.RegistryUpdate),
    "replication": (models.ReplicationPolicy,),
    "scanner": (models.ScannerRegistrationReq,),
    "default_scanner": (models.IsDefault,),
    "project_scanner": (models.ProjectScanner,),
    "cve_allowlist": (models.CVEAllowlist,),
    "garbage_collection": (models.Schedule,),
    "audit_rotation": (models.Schedule,),
    "scan_all": (models.Schedule,),
    "settings": (models.Configurations,),
}


def declared_fields() -> dict[tuple[str, str], Declared]:
    return {
        (kind.name, item.path): item
        for kind in BY_NAME.values()
        for item in declared(kind.model)
        if not item.local
    }


def covered() -> list[Any]:
    return [pytest.param(entry, id=str(entry)) for entry in inventory().covered]


def keys(schema: Any) -> set[str]:
    """Every key of a map that a JSON Schema knows, at any depth."""
    if isinstance(schema, list):
        return {key for item in schema for key in keys(item)}
    if not isinstance(schema, dict):
        return set()
    found = {key for value in schema.values() for key in keys(value)}
    return found | set(schema.get("properties", {}))


@pytest.mark.parametrize("entry", covered())
def test_a_covered_field_is_declared_and_agrees(entry: Entry) -> None:
    found = declared_fields().get((entry.kind, entry.path))
    assert found is not None, f"{entry.kind} declares no field {entry.path}"
    assert (found.since, found.until) == (entry.since, entry.until)
    assert found.write_only == entry.write_only
    is_below = f"{entry.api}.".startswith((f"{found.api}.", f"{found.api}[]")) or not found.api
    assert is_below != bool(entry.how), "a field at another place of the API, and only it, says how"
    if entry.item:
        assert entry.item in keys(found.type.schema)


def test_every_declared_field_is_in_the_inventory() -> None:
    listed = {(entry.kind, entry.path) for entry in inventory().covered}
    assert set(declared_fields()) == listed


def test_what_is_not_yet_there_waits_for_a_kind_that_is_not_registered() -> None:
    waiting = {entry.not_yet for entry in inventory().entries if entry.not_yet}
    assert waiting <= set(inventory().writes.values())
    assert waiting & set(BY_NAME) == set()


def test_every_registered_kind_is_in_the_inventory() -> None:
    assert set(BY_NAME) <= {entry.kind for entry in inventory().entries}


def test_every_field_is_one_thing_and_has_a_known_reason() -> None:
    listed = inventory()
    for entry in listed.entries:
        said = [word for word in (entry.covered, entry.not_yet, entry.excluded) if word]
        assert len(said) == 1, entry
        assert entry.excluded in {"", *listed.reasons}, entry
        assert bool(entry.same_as) == (entry.excluded == "same"), entry
    used = {entry.excluded for entry in listed.entries} | set(listed.elsewhere.values())
    assert set(listed.reasons) == used - {""}


def test_another_way_to_write_a_field_names_one_that_is_listed() -> None:
    known = {str(entry) for entry in inventory().entries if not entry.excluded}
    for entry in inventory().entries:
        if entry.same_as:
            assert entry.same_as in known or f"{entry.kind} {entry.same_as}" in known, entry


def test_an_operation_configures_a_kind_or_has_a_reason() -> None:
    listed = inventory()
    assert set(listed.writes) & set(listed.elsewhere) == set()
    assert set(listed.writes.values()) == {entry.kind for entry in listed.entries}
    assert set(listed.reads.values()) == set(listed.writes.values())
    assert set(listed.elsewhere.values()) <= set(listed.reasons)


def test_nothing_is_listed_twice() -> None:
    counts = Counter((entry.kind, entry.api) for entry in inventory().entries)
    assert max(counts.values()) == 1
    twice = FILE.read_bytes() + b"    scan_all_policy: {excluded: same}\n"
    with pytest.raises(DocumentError):
        yaml.load(twice, FILE.name)


def test_no_fewer_fields_than_before() -> None:
    listed = inventory()
    counts = Counter(entry.kind for entry in listed.covered)
    waiting = sum(bool(entry.not_yet) for entry in listed.entries)
    excluded = sum(bool(entry.excluded) for entry in listed.entries)
    tell(
        "inventory",
        f"{len(listed.entries)} fields of {len(listed.writes)} operations:"
        f" {len(listed.covered)} covered, {waiting} not yet, {excluded} excluded"
        f" ({', '.join(f'{kind} {count}' for kind, count in counts.items())})",
    )
    assert counts == COVERED
    assert len(listed.entries) == FIELDS


# ---- evidence that the inventory itself lacks nothing --------------------------------


def exchanges() -> list[dict[str, Any]]:
    lines = [
        line for file in sorted(EXCHANGES.glob("*.jsonl")) for line in file.read_text().splitlines()
    ]
    return [exchange for exchange in map(json.loads, lines) if exchange.get("status") in {200, 201}]


def test_whatever_a_real_harbor_took_is_listed() -> None:
    listed = inventory()
    operations = [*listed.writes, *listed.elsewhere]
    seen, unknown = Counter[str](), set()
    for exchange in exchanges():
        if exchange["method"] not in {"POST", "PUT", "PATCH"} or exchange.get("outside"):
            continue
        operation = template(exchange["method"], exchange["path"], operations)
        assert operation is not None, (exchange["method"], exchange["path"])
        kind = listed.writes.get(operation)
        if kind is None:
            continue
        seen[kind] += 1
        unknown |= {(kind, path) for path in listed.unknown(kind, places(exchange["json"]))}
    assert unknown == NONSENSE
    assert set(BY_NAME) <= set(seen)


def test_whatever_a_real_harbor_told_is_listed() -> None:
    listed = inventory()
    seen, unknown = Counter[str](), set()
    for exchange in exchanges():
        operation = template(exchange["method"], exchange["path"], listed.reads)
        if operation is None:
            continue
        kind = listed.reads[operation]
        seen[kind] += 1
        found = [
            path.removesuffix(".editable").removesuffix(".value") if kind == "settings" else path
            for path in places(exchange["reply"])
        ]
        unknown |= {(kind, path) for path in listed.unknown(kind, found, told=True)}
    assert unknown == set()
    assert set(BY_NAME) <= set(seen)


def leaves(schema: dict[str, Any], node: dict[str, Any], path: str = "") -> set[str]:
    """Where the values of a model stand, as its JSON Schema has it."""
    if "$ref" in node:
        return leaves(schema, schema["$defs"][node["$ref"].rpartition("/")[2]], path)
    for choice in (*node.get("anyOf", ()), *node.get("allOf", ())):
        if choice.get("type") != "null":
            return leaves(schema, choice, path)
    if node.get("type") == "array":
        return leaves(schema, node["items"], f"{path}[]")
    if "properties" in node:
        return {
            leaf
            for name, child in node["properties"].items()
            for leaf in leaves(schema, child, f"{path}.{name}" if path else name)
        }
    return {path}


@pytest.mark.parametrize("kind", MODELS)
def test_whatever_harborapi_models_is_listed(kind: str) -> None:
    found = {
        leaf
        for model in MODELS[kind]
        for schema in [model.model_json_schema(by_alias=True)]
        for leaf in leaves(schema, schema)
    }
    assert found
    assert inventory().unknown(kind, found) == []
