"""The inventory against a Harbor's own words: what it tells, and how it describes its API."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from contract.target import URL, Target
from inventory import inventory, places

QUERIES = {"robot": "?q=Level%3Dsystem", "label": "?scope=g"}
DESCRIPTION = "/swagger.json"


def test_whatever_this_harbor_tells_is_listed(target: Target) -> None:
    target.add_project("team")
    listed, seen, unknown = inventory(), set(), set()
    for operation, kind in listed.reads.items():
        path = operation.removeprefix("GET ")
        answer = target.raw.send("GET", path + QUERIES.get(kind, ""))
        if "{" in path or answer.status != 200 or not answer.body:
            continue
        seen.add(kind)
        found = [
            place.removesuffix(".editable").removesuffix(".value") if kind == "settings" else place
            for place in places(answer.body)
        ]
        unknown |= {(kind, place) for place in listed.unknown(kind, found, told=True)}
    assert unknown == set()
    assert {"project", "quota", "settings"} <= seen


@pytest.mark.real
@pytest.mark.skipif(not os.environ.get(URL), reason=f"{URL} names no real Harbor")
def test_whatever_this_harbors_description_takes_is_listed() -> None:
    try:
        with urllib.request.urlopen(os.environ[URL].rstrip("/") + DESCRIPTION) as reply:
            description = json.load(reply)
    except urllib.error.HTTPError as error:
        error.close()
        pytest.skip(f"this Harbor runs without its portal, which serves {DESCRIPTION}: {error}")
    assert unlisted(description) == []


def test_what_a_description_takes_and_nobody_lists_is_found() -> None:
    label = {"allOf": [{"$ref": "#/definitions/Label"}, {"properties": {"shape": {}}}]}
    description = {
        "definitions": {
            "Label": {
                "properties": {"color": {"type": "string"}, "self": {"$ref": "#/definitions/Label"}}
            },
            "Quota": {"properties": {"hard": {"additionalProperties": {"type": "integer"}}}},
        },
        "parameters": {
            "quota": {"in": "body", "schema": {"$ref": "#/definitions/Quota"}},
        },
        "paths": {
            "/labels": {
                "get": {},
                "post": {"parameters": [{"in": "body", "schema": label}]},
            },
            "/quotas/{id}": {"put": {"parameters": [{"$ref": "#/parameters/quota"}]}},
            "/moons": {"post": {"parameters": []}},
            "/projects/{project_name_or_id}/members": {
                "post": {
                    "parameters": [
                        {"in": "path"},
                        {"in": "body", "schema": {"type": "array", "items": {"type": "string"}}},
                    ]
                }
            },
        },
    }
    assert unlisted(description) == ["label self", "label shape", "member []", "POST /moons"]


# ---- reading a description -----------------------------------------------------------


def unlisted(description: dict[str, Any]) -> list[str]:
    """Operations that can write, and fields of their bodies, that the inventory lacks."""
    listed, found = inventory(), []
    for operation, schema in sorted(writes(description)):
        if operation in listed.elsewhere:
            continue
        kind = listed.writes.get(operation)
        if kind is None:
            found.append(operation)
        elif schema is not None:
            paths = fields(description, schema)
            found += [f"{kind} {path}" for path in listed.unknown(kind, paths)]
    return sorted(set(found), key=str.swapcase)


def writes(description: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each operation that can write, with the schema of its body."""
    for path, methods in description["paths"].items():
        for method in methods.keys() & {"post", "put", "patch"}:
            bodies = [
                parameter["schema"]
                for one in methods[method].get("parameters", [])
                for parameter in [resolved(description, one)]
                if parameter["in"] == "body"
            ]
            yield f"{method.upper()} {path}", bodies[0] if bodies else None


def resolved(description: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        _, section, name = node["$ref"].split("/")
        node = description[section][name]
    return node


def fields(
    description: dict[str, Any], node: dict[str, Any], path: str = "", seen: tuple[str, ...] = ()
) -> set[str]:
    """Where values stand in a body; a model within itself is one value."""
    reference = node.get("$ref", "")
    if reference in seen and reference:
        return {path}
    seen = (*seen, reference)
    node = resolved(description, node)
    if "allOf" in node:
        return {one for part in node["allOf"] for one in fields(description, part, path, seen)}
    if node.get("type") == "array":
        return fields(description, node["items"], f"{path}[]", seen)
    below = dict(node.get("properties", {}))
    if isinstance(node.get("additionalProperties"), dict):
        below["*"] = node["additionalProperties"]
    if not below:
        return {path}
    return {
        one
        for name, child in below.items()
        for one in fields(description, child, f"{path}.{name}" if path else name, seen)
    }
