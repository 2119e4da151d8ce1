"""Replications: filters, triggers, and what is put back as it was."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harborconf.engine.schema import schema
from harborconf.kinds.base import declared
from harborconf.kinds.replication import (
    FLATTEN,
    NAMESPACE,
    TRIGGER,
    Filter,
    Replication,
    ReplicationFields,
)
from harborconf.kinds.resource import Desired, Live, Step
from harborconf.spec.address import Address
from harborconf.spec.records import Foreign, ValueProblemError
from harborconf.spec.value import Plain
from unit.kinds.workbench import HERE, workbench
from unit.refusals import refusal

ADDRESS = Address("replication", "in")
FIELDS = {item.path: item for item in declared(ReplicationFields)}
FILTERS, SPEED = FIELDS["filters"], FIELDS["speed"]
REGISTRIES = [{"id": 5, "name": "hub"}, {"id": 6, "name": "spare"}]
LOCAL = {"id": 0, "name": "Local"}


def plain(value: Any) -> Any:
    """As the loader hands it to a field."""
    match value:
        case str():
            return Plain(value)
        case list():
            return [plain(item) for item in value]
        case dict():
            return {key: plain(item) for key, item in value.items()}
    return value


def desired(**fields: Any) -> Desired:
    return Desired(ADDRESS, fields, HERE)


# ---- filters -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ({"repositories": ["library/**"]}, {"type": "name", "value": "library/**"}),
        ({"repositories": ["b", "a"]}, {"type": "name", "value": "{a,b}"}),
        ({"tags": ["v*"]}, {"type": "tag", "value": "v*", "decoration": "matches"}),
        (
            {"tags": {"except": ["*-rc", "latest"]}},
            {"type": "tag", "value": "{*-rc,latest}", "decoration": "excludes"},
        ),
        (
            {"labels": ["b", "a", "a"]},
            {"type": "label", "value": ["a", "b"], "decoration": "matches"},
        ),
        (
            {"labels": {"except": ["a,b"]}},
            {"type": "label", "value": ["a,b"], "decoration": "excludes"},
        ),
        ({"resource": "artifact"}, {"type": "resource", "value": "artifact"}),
    ],
)
def test_a_filter_goes_to_harbor_and_back(written: Any, sent: dict[str, Any]) -> None:
    value = FILTERS.type.read([plain(written)])
    assert FILTERS.codec.to_api(value) == [sent]
    assert FILTERS.codec.from_api([sent]) == value
    assert FILTERS.type.read(plain(FILTERS.type.write(value))) == value
    Draft202012Validator(dict(FILTERS.type.schema)).validate([written])


@pytest.mark.parametrize(
    ("written", "expected", "path"),
    [
        ({"tags": ["a"]}, "expected a list of filters", ()),
        ([{}], "a filter has one of repositories, tags, labels, resource", (0,)),
        ([{"tags": ["a"], "resource": "image"}], "write an item each", (0,)),
        ([{"repositories": {"except": ["a"]}}], "cannot exclude", (0, "repositories")),
        ([{"tags": "v*"}], "expected a list of at least one pattern", (0, "tags")),
        ([{"tags": ["a,b"]}], "write a list of two", (0, "tags")),
        ([{"labels": []}], "expected labels as [a, b]", (0, "labels")),
        ([{"labels": {"only": ["a"]}}], "expected labels as [a, b]", (0, "labels")),
        ([{"resource": "chart"}], "one of image, artifact", (0, "resource")),
        ([{"name": ["a"]}], "unknown key `name`", (0, "name")),
        ([{"tags": ["a"]}, {"tags": ["a"]}], "the same as item 1", (1,)),
    ],
)
def test_a_filter_that_cannot_be_is_refused_in_its_place(
    written: Any, expected: str, path: tuple[Any, ...]
) -> None:
    with pytest.raises(ValueProblemError) as refused:
        FILTERS.type.read(plain(written))
    assert expected in str(refused.value)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("kept", "same"),
    [
        ([{"type": "tag", "value": "v*"}], [{"tags": ["v*"]}]),
        ([{"type": "tag", "value": "{b,a}"}], [{"tags": ["a", "b"]}]),
        ([{"type": "tag", "value": ""}, {"type": "label", "value": []}], []),
        ([{"type": "label", "value": ["b", "a"]}], [{"labels": ["a", "b"]}]),
        ([{"type": "resource", "value": "image"}] * 2, [{"resource": "image"}]),
    ],
)
def test_spellings_of_one_filter_are_one(kept: list[Any], same: Any) -> None:
    assert FILTERS.codec.from_api(kept) == FILTERS.type.read(plain(same))


def test_what_harbor_no_longer_takes_is_shown_as_it_is() -> None:
    (found,) = FILTERS.codec.from_api([{"type": "resource", "value": "chart"}])
    assert isinstance(found, Foreign)
    assert json.loads(found.text) == {"type": "resource", "value": "chart"}


@pytest.mark.parametrize(("length", "fits"), [(996, True), (997, False)])
def test_filters_have_a_limit_together(length: int, fits: bool) -> None:
    """1024 characters: `[{"type":"name","value":""}]` are 28 of them."""
    filters = FILTERS.type.read(plain([{"repositories": ["x" * length]}]))
    assert bool(list(Replication().check(desired(filters=filters)))) is not fits


# ---- the other values ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("manual", {"type": "manual"}),
        ("event_based", {"type": "event_based"}),
        ("daily", {"type": "scheduled", "trigger_settings": {"cron": "0 0 0 * * *"}}),
        ("0 30 2  * * 1-5", {"type": "scheduled", "trigger_settings": {"cron": "0 30 2 * * 1-5"}}),
    ],
)
def test_triggers(written: str, sent: dict[str, Any]) -> None:
    value = TRIGGER.read(Plain(written))
    assert FIELDS["trigger"].codec.to_api(value) == sent
    assert FIELDS["trigger"].codec.from_api(sent) == value
    assert TRIGGER.read(TRIGGER.write(value)) == value


@pytest.mark.parametrize(
    ("kept", "trigger"),
    [
        ({"type": "manual", "trigger_settings": {"cron": "0 1 2 3 4 5"}}, "manual"),
        ({"type": "scheduled", "trigger_settings": {"cron": "0  1 2 3 4 5"}}, "0 1 2 3 4 5"),
        ({"type": "scheduled"}, ""),
        ({"type": "of old"}, "of old"),
    ],
)
def test_what_harbor_keeps_as_a_trigger(kept: dict[str, Any], trigger: str) -> None:
    assert FIELDS["trigger"].codec.from_api(kept) == trigger


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("never", "`trigger: manual`"),
        ("sometimes", "manual or event_based"),
        ("0 * * * * *", "refuses every minute"),
    ],
)
def test_other_triggers_are_refused(written: str, expected: str) -> None:
    assert expected in refusal(TRIGGER.read, Plain(written))


@pytest.mark.parametrize(
    ("namespace", "fits"),
    [
        ("", True),
        ("mirror", True),
        ("a/b-c/d__e/f.g", True),
        ("a--b", True),
        ("A", False),
        ("a//b", False),
        ("a/", False),
        ("a__", False),
        ("a" * 257, False),
    ],
)
def test_namespaces(namespace: str, fits: bool) -> None:
    if fits:
        assert NAMESPACE.read(namespace) == namespace
    else:
        assert "is no namespace" in refusal(NAMESPACE.read, namespace)


@pytest.mark.parametrize(("written", "count"), [("all", -1), ("0", 0), ("127", 127)])
def test_levels(written: str, count: int) -> None:
    assert FLATTEN.read(Plain(written)) == count
    assert FIELDS["destination.flatten"].codec.from_api(count) == count
    assert str(FLATTEN.write(count)) == written


@pytest.mark.parametrize("written", ["-1", "128", "none", "1.5", "²"])
def test_other_levels_are_refused(written: str) -> None:
    assert "0 to 127" in refusal(FLATTEN.read, Plain(written))


def test_harbors_legacy_levels_are_all() -> None:
    assert FIELDS["destination.flatten"].codec.from_api(-5) == -1


@pytest.mark.parametrize(
    ("written", "speed"),
    [
        ("unlimited", -1),
        ("1Kbps", 1),
        ("10Mbps", 10240),
        ("1 Gbps", 1048576),
        ("16777215Kbps", 16777215),
    ],
)
def test_speeds(written: str, speed: int) -> None:
    assert SPEED.type.read(Plain(written)) == speed
    assert SPEED.type.read(SPEED.type.write(speed)) == speed


@pytest.mark.parametrize("written", ["100", "0Kbps", "1MB", "16Gbps", "-1Kbps", "1.5Mbps", ""])
def test_other_speeds_are_refused(written: str) -> None:
    assert "unlimited" in refusal(SPEED.type.read, Plain(written))


@pytest.mark.parametrize(("kept", "speed"), [(0, -1), (-7, -1), ("-1", -1), ("12", 12), ("x", "x")])
def test_what_harbor_keeps_as_a_speed(kept: object, speed: object) -> None:
    assert SPEED.codec.from_api(kept) == speed


# ---- what goes together --------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"pull_from": "hub", "push_to": "hub"}, "push_to"),
        ({"pull_from": "hub", "trigger": "event_based"}, "trigger"),
        (
            {"push_to": "hub", "trigger": "event_based", "single_active_replication": True},
            "single_active_replication",
        ),
        ({"trigger": "manual", "replicate_deletion": True}, "replicate_deletion"),
        ({"trigger": "0 1 2 3 4 5" + ",5" * 100}, "trigger"),
        ({"push_to": "hub", "trigger": "event_based", "replicate_deletion": True}, None),
        ({"pull_from": "hub", "trigger": "manual", "single_active_replication": True}, None),
        ({"replicate_deletion": True}, None),
    ],
)
def test_contradictions(fields: dict[str, Any], path: str | None) -> None:
    assert [one for one, _ in Replication().check(desired(**fields))] == ([path] if path else [])


def test_the_registry_is_named() -> None:
    assert Replication().mentions({"push_to": "hub"}) == {"push_to": Address("registry", "hub")}
    assert Replication().mentions({"pull_from": None}) == {}


# ---- what is sent --------------------------------------------------------------------


def body(want: dict[str, Any]) -> Any:
    """The PUT of a replication that has everything."""
    raw = {
        "id": 9,
        "name": "in",
        "description": "d",
        "src_registry": REGISTRIES[0],
        "dest_registry": LOCAL,
        "filters": [{"type": "tag", "value": "", "decoration": "matches"}],
        "trigger": {"type": "manual", "trigger_settings": {"cron": "0 1 2 3 4 5"}},
        "dest_namespace": "x",
        "dest_namespace_replace_count": -5,
        "deletion": True,
        "replicate_deletion": True,
        "override": True,
        "enabled": True,
        "speed": 7,
        "copy_by_chunk": True,
        "creation_time": "2026-01-01T00:00:00.000Z",
    }
    bench, api = workbench({"/registries": REGISTRIES})
    step = Step("update", ADDRESS, desired(**want), Live(ADDRESS, {}, raw), frozenset(want))
    asyncio.run(Replication().run(bench, step))
    ((method, path, sent),) = api.written
    assert (method, path) == ("PUT", "/replication/policies/9")
    return sent


KEPT = {
    "name": "in",
    "description": "d",
    "src_registry": {"id": 5},
    "dest_registry": {"id": 0},
    "filters": [{"type": "tag", "value": "", "decoration": "matches"}],
    "trigger": {"type": "manual", "trigger_settings": {"cron": "0 1 2 3 4 5"}},
    "dest_namespace": "x",
    "dest_namespace_replace_count": -5,
    "deletion": True,
    "override": True,
    "enabled": True,
    "speed": 7,
    "copy_by_chunk": True,
}


@pytest.mark.parametrize(
    ("want", "sent"),
    [
        ({"enabled": False}, {"enabled": False}),
        ({"speed": -1}, {"speed": -1}),
        ({"filters": frozenset()}, {"filters": []}),
        ({"pull_from": "spare"}, {"src_registry": {"id": 6}, "dest_registry": None}),
        ({"push_to": "hub"}, {"dest_registry": {"id": 5}, "src_registry": None}),
    ],
)
def test_what_is_not_written_is_sent_back_as_it_is(
    want: dict[str, Any], sent: dict[str, Any]
) -> None:
    expected = {key: value for key, value in {**KEPT, **sent}.items() if value is not None}
    assert body(want) == expected


def test_the_schema_knows_the_short_forms() -> None:
    document = {
        "version": 1,
        "registries": {"hub": {"credential": "none"}},
        "replications": {"in": {"destination": "mirror", "trigger": "daily", "pull_from": 5}},
        "projects": {"cache": {"proxy_cache": "hub"}},
    }
    Draft202012Validator(schema()).validate(document)


def test_a_filter_is_one_thing() -> None:
    assert Filter.model_validate({"resource": "image"}).tags is None
