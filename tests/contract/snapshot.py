"""Everything of a test's own that Harbor has, by address, as Harbor says it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import partial

from contract.raw import Json
from contract.target import Target

_MOVES_BY_ITSELF = ("update_time", "creation_time", "op_time")


def snapshot(target: Target) -> dict[str, Json]:
    """What is there now. Left out is what moves by itself, and made one what has no order."""
    found: dict[str, Json] = {}
    for project in target.projects():
        found |= {address: still(body) for address, body in _project(target, project)}
    found |= {address: still(body) for address, body in _system(target)}
    return found


def _project(target: Target, project: Json) -> Iterator[tuple[str, Json]]:
    raw, number = target.raw, project["project_id"]
    address = f"project/{project['name']}"
    yield address, project
    for quota in raw.all("/quotas", reference="project", reference_id=str(number)):
        yield f"{address}/quota", quota
    for member in raw.all(f"/projects/{number}/members"):
        kind = {"u": "user", "g": "group"}[member["entity_type"]]
        yield f"{address}/member/{kind}:{member['entity_name']}", member
    for robot in raw.all("/robots", q=f"Level=project,ProjectID={number}"):
        yield f"{address}/robot/{robot['name'].partition('+')[2]}", robot
    for label in raw.all("/labels", scope="p", project_id=str(number)):
        yield f"{address}/label/{label['name']}", label
    if policy := project["metadata"].get("retention_id"):
        yield f"{address}/retention", raw.get(f"/retentions/{policy}")
    yield f"{address}/immutable_tags", raw.all(f"/projects/{number}/immutabletagrules")
    for webhook in raw.all(f"/projects/{number}/webhook/policies"):
        yield f"{address}/webhook/{webhook['name']}", webhook
    if chosen := raw.get(f"/projects/{number}/metadatas/projectScanner"):
        yield f"{address}/project_scanner", chosen
    for policy in raw.all(f"/projects/{project['name']}/preheat/policies"):
        yield f"{address}/preheat/{policy['name']}", policy


def _system(target: Target) -> Iterator[tuple[str, Json]]:
    for robot in target.robots():
        yield f"robot/{robot['name'].partition('$')[2]}", robot
    for label in target.labels():
        yield f"label/{label['name']}", label
    for user in target.users():
        yield f"user/{user['username']}", user
    for registry in target.in_registries("/registries"):
        yield f"registry/{registry['name']}", registry
    for replication in target.in_registries("/replication/policies"):
        ends = {side: replication[side]["name"] for side in ("src_registry", "dest_registry")}
        yield f"replication/{replication['name']}", replication | ends
    for scanner in target.in_registries("/scanners"):
        yield f"scanner/{scanner['name']}", scanner
    for instance in target.in_registries("/p2p/preheat/instances"):
        yield f"preheat_instance/{instance['name']}", instance


def still(body: Json) -> Json:
    """Without times that move by themselves; lists without an order of their own sorted."""
    match body:
        case dict():
            kept = {key: still(value) for key, value in body.items() if key not in _MOVES_BY_ITSELF}
            settings = kept.get("settings")
            if isinstance(settings, dict):
                settings.pop("next_scheduled_time", None)
            return kept
        case list():
            return sorted((still(item) for item in body), key=partial(json.dumps, sort_keys=True))
    return body


def changed(before: Mapping[str, Json], address: str, changes: Mapping[str, Json]) -> Json:
    """A snapshot with some values of one resource changed, each at its dotted place.

    None takes a value away.
    """
    after: Json = deepcopy(dict(before))
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = after[address]
        for parent in parents:
            place = place[parent]
        if value is None:
            place.pop(last, None)
        else:
            place[last] = still(value)
    return after


def holds(found: Json, expected: Json) -> bool:
    """Whether everything expected is there; a map may hold more."""
    match expected:
        case dict():
            return isinstance(found, dict) and all(
                key in found and holds(found[key], value) for key, value in expected.items()
            )
        case list():
            return (
                isinstance(found, list)
                and len(found) == len(expected)
                and all(holds(one, other) for one, other in zip(found, expected, strict=True))
            )
    return bool(found == expected)
