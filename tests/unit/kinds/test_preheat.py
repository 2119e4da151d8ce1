"""Preheat instances, and the policies that send images to them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from harborconf.errors import NotPermittedError, RefusedError
from harborconf.kinds.base import declared, from_reply
from harborconf.kinds.preheat import FILTERS, TRIGGER, Preheat, PreheatFields, Scope
from harborconf.kinds.preheat_instance import Auth, PreheatInstance, Vendor
from harborconf.kinds.resource import Comparison, Desired, Live, Place, Step, Verdict
from harborconf.spec.address import Address
from harborconf.spec.records import Foreign
from harborconf.spec.reference import Env
from unit.kinds.workbench import HERE, workbench
from unit.refusals import refusal

PEERS = Address("preheat_instance", "peers")
URL = "http://peers.example.com"
SECRET = Env("SECRET")
PATH = "/p2p/preheat/instances"
FIELDS = {item.path: item for item in declared(PreheatFields)}


def instance(**more: Any) -> Live:
    """As it is read."""
    raw = {"id": 3, "name": "peers", "vendor": "dragonfly", "endpoint": URL, "enabled": True}
    bench, _ = workbench({PATH: [raw | more]})
    (found,) = asyncio.run(PreheatInstance().read(bench, Place()))
    return found


def desired(**fields: Any) -> Desired:
    return Desired(PEERS, fields, HERE)


def observed(
    want: Desired, have: Live | None, secret: str, version: tuple[int, ...] = (2, 13, 2)
) -> Any:
    bench, _ = workbench(environ={"SECRET": secret}, version=version)
    return asyncio.run(PreheatInstance().observe(bench, want, have))


@pytest.mark.parametrize("name", ["a", "A.b-c_1", "n" * 255])
def test_good_names(name: str) -> None:
    assert PreheatInstance().check_name(name) is None
    assert Preheat().check_name(name) is None


@pytest.mark.parametrize("name", ["", "a b", "a--b", "-a", "a/b", "ü", "n" * 256])
def test_bad_names(name: str) -> None:
    assert "no name of an instance" in str(PreheatInstance().check_name(name))
    assert "no name of a preheat policy" in str(Preheat().check_name(name))


def test_a_credential_and_its_authentication_go_together() -> None:
    kind = PreheatInstance()
    assert [path for path, _ in kind.check(desired(credential=SECRET))] == ["credential"]
    assert not list(kind.check(desired(credential=SECRET, auth=Auth.OAUTH)))
    both = {"url": URL, "vendor": Vendor.KRAKEN}
    assert kind.missing(both) == []
    assert kind.missing({**both, "auth": Auth.BASIC}) == ["`credential`"]
    assert kind.missing({}) == ["`vendor`", "`url`"]


@pytest.mark.parametrize(
    ("auth", "secret", "info"),
    [
        (Auth.BASIC, "me:wo:rd", {"me": "wo:rd"}),
        (Auth.OAUTH, "t:x", {"token": "t:x"}),
        (Auth.CUSTOM, "X-Key: value ", {"X-Key": "value"}),
    ],
)
def test_what_harbor_keeps_of_a_credential(auth: Auth, secret: str, info: dict[str, str]) -> None:
    want = desired(auth=auth, credential=SECRET)
    have = instance(auth_mode=auth.value.upper(), auth_info=info)
    assert observed(want, have, secret)["credential"] == Comparison(Verdict.EQUAL)
    other = instance(auth_mode=auth.value.upper(), auth_info={**info, "x": "y"})
    assert observed(want, other, secret)["credential"].verdict is Verdict.DIFFERENT
    hidden = instance(auth_mode=auth.value.upper())
    assert observed(want, hidden, secret)["credential"].verdict is Verdict.DIFFERENT
    told = observed(want, hidden, secret, (2, 15, 2))["credential"]
    assert told == Comparison(Verdict.UNKNOWN, "Harbor never tells it")
    bench, api = workbench({f"{PATH}/peers": hidden.raw}, {"SECRET": secret})
    step = Step("update", PEERS, want, hidden, frozenset({"credential"}))
    asyncio.run(PreheatInstance().run(bench, step))
    assert api.written[0][2]["auth_info"] == info


@pytest.mark.parametrize(
    ("auth", "secret", "reason"),
    [
        (Auth.BASIC, "word", "for basic authentication it must be `user:password`"),
        (Auth.CUSTOM, "word", "for custom authentication it must be `Header: value`"),
        (Auth.CUSTOM, ":word", "for custom authentication it must be `Header: value`"),
        (Auth.OAUTH, "", "environment variable SECRET is empty"),
    ],
)
def test_a_credential_of_another_shape_is_blocked(auth: Auth, secret: str, reason: str) -> None:
    found = observed(desired(auth=auth, credential=SECRET), None, secret)
    assert found == {"credential": Comparison(Verdict.BLOCKED, reason)}


def test_a_vendor_is_for_life() -> None:
    found = observed(desired(vendor=Vendor.KRAKEN), instance(), "")
    assert found["vendor"].verdict is Verdict.BLOCKED
    assert observed(desired(vendor=Vendor.DRAGONFLY), instance(), "") == {}
    assert observed(desired(vendor=Vendor.KRAKEN), None, "") == {}


def test_a_password_in_a_live_url_is_hidden() -> None:
    assert instance(endpoint="http://me:word@peers").fields["url"] == "http://(hidden)@peers"


def test_an_update_sends_what_is_live_by_then() -> None:
    now = {"id": 3, "name": "peers", "auth_info": {"me": "word"}, "default": False}
    bench, api = workbench({f"{PATH}/peers": now})
    have = instance(default=True)
    step = Step("update", PEERS, desired(enabled=False), have, frozenset({"enabled"}))
    asyncio.run(PreheatInstance().run(bench, step))
    assert api.written == [("PUT", f"{PATH}/peers", {**now, "enabled": False})]


def test_a_new_default_is_put_after_it_was_made() -> None:
    made = {"id": 3, "name": "peers"}
    bench, api = workbench({f"{PATH}/peers": made})
    want = desired(vendor=Vendor.DRAGONFLY, url=URL, default=True)
    asyncio.run(PreheatInstance().run(bench, Step("create", PEERS, want)))
    (_, _, posted), (_, _, put) = api.written
    assert (posted["default"], posted["enabled"], posted["auth_mode"]) == (False, True, "NONE")
    assert put == {**made, "default": True}


def test_an_authentication_that_ends_takes_its_credential_along() -> None:
    bench, api = workbench({f"{PATH}/peers": {"id": 3, "auth_info": {"me": "word"}}})
    want = desired(auth=Auth.NONE)
    step = Step("update", PEERS, want, instance(auth_mode="BASIC"), frozenset({"auth"}))
    asyncio.run(PreheatInstance().run(bench, step))
    assert api.written == [
        ("PUT", f"{PATH}/peers", {"id": 3, "auth_mode": "NONE", "auth_info": {}})
    ]


# ---- policies ------------------------------------------------------------------------


@given(
    repositories=st.lists(st.sampled_from(["**", "a/**", "{a,b}/c", "d"]), min_size=1),
    tags=st.lists(st.sampled_from(["v*", "**", "main"]), min_size=1),
    labels=st.lists(st.sampled_from(["a", "b c", "ü"]), unique=True),
)
def test_filters_are_read_as_they_are_written(
    repositories: list[str], tags: list[str], labels: list[str]
) -> None:
    read = FILTERS.read({"repositories": repositories, "tags": tags, "labels": labels})
    codec = FIELDS["filters"].codec
    assert codec.from_api(codec.to_api(read)) == read
    assert FILTERS.read(FILTERS.write(read)) == read
    Draft202012Validator(FILTERS.schema).validate(FILTERS.write(read))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"repositories": {"except": ["a"]}}, "preheating knows no `except`"),
        ({"labels": ["a,b"]}, "takes a comma for two labels"),
        ({"labels": [""]}, "takes a comma for two labels"),
        ({"labels": ["a", "a"]}, "the same as item 1"),
        ({"labels": "a"}, "expected a list of labels"),
        ({"name": ["a"]}, "unknown key `name`"),
        ([], "expected a map with repositories, tags, labels"),
    ],
)
def test_filters_that_are_refused(raw: object, expected: str) -> None:
    assert expected in refusal(FILTERS.read, raw)


@pytest.mark.parametrize(
    ("live", "written"),
    [
        ([{"type": "tag", "value": "v*"}], {"tags": ["v*"]}),
        (
            [
                {"type": "repository", "value": "{a,b}"},
                {"type": "label", "value": "x,y"},
                {"type": "signature", "value": True},
                {"type": "vulnerability", "value": 3},
            ],
            {"repositories": ["a", "b"], "labels": ["x", "y"]},
        ),
        ([{"type": "repository", "value": "**"}, {"type": "label", "value": ""}], {}),
    ],
)
def test_filters_that_do_nothing_are_not_told(live: Any, written: Any) -> None:
    found = FIELDS["filters"].codec.from_api(json.dumps(live))
    assert FILTERS.write(found) == written


@pytest.mark.parametrize(
    "live",
    [
        [],
        [{"type": "signature", "value": True}],
        [{"type": "nope", "value": "x"}],
        [{"type": "tag", "value": 3}],
    ],
)
def test_filters_with_which_a_policy_fails_are_kept_as_they_are(live: Any) -> None:
    text = json.dumps(live)
    assert FIELDS["filters"].codec.from_api(text) == Foreign(text)


@pytest.mark.parametrize(
    ("written", "api"),
    [
        ("manual", {"type": "manual", "trigger_setting": {"cron": ""}}),
        ("event_based", {"type": "event_based", "trigger_setting": {"cron": ""}}),
        ("daily", {"type": "scheduled", "trigger_setting": {"cron": "0 0 0 * * *"}}),
        ("0 30 2 * * 1", {"type": "scheduled", "trigger_setting": {"cron": "0 30 2 * * 1"}}),
    ],
)
def test_triggers(written: str, api: dict[str, Any]) -> None:
    codec, value = FIELDS["trigger"].codec, TRIGGER.read(written)
    assert json.loads(codec.to_api(value)) == api
    assert codec.from_api(codec.to_api(value)) == value
    assert TRIGGER.write(value) == written


@pytest.mark.parametrize(
    ("live", "trigger"),
    [
        ({"type": "scheduled", "trigger_setting": {"cron": ""}}, "manual"),
        ({"type": "scheduled"}, "manual"),
        ({"type": "manual", "trigger_setting": {"cron": "0 0 0 * * *"}}, "manual"),
        ({"type": "scheduled", "trigger_setting": {"cron": "0  0 0 * * *"}}, "0 0 0 * * *"),
        ({"type": "nope"}, "nope"),
    ],
)
def test_live_triggers_are_what_they_do(live: dict[str, Any], trigger: str) -> None:
    assert FIELDS["trigger"].codec.from_api(json.dumps(live)) == trigger


@pytest.mark.parametrize("raw", ["never", "sometimes", "0 0 0 * *", "5 0 0 * * *"])
def test_triggers_that_are_refused(raw: str) -> None:
    assert "manual" in refusal(TRIGGER.read, raw)


def policy(**more: Any) -> Live:
    raw = {
        "id": 7,
        "name": "nightly",
        "provider_id": 3,
        "provider_name": "peers",
        "filters": '[{"type":"repository","value":"**"}]',
        "trigger": '{"type":"manual"}',
        "enabled": True,
        **more,
    }
    address = Address("preheat", "nightly", "team")
    return Live(address, from_reply(PreheatFields, raw), raw)


def updated(have: Live, replies: Any = None, **fields: Any) -> Any:
    bench, api = workbench(replies)
    want = Desired(have.address, fields, HERE)
    asyncio.run(Preheat().run(bench, Step("update", have.address, want, have, frozenset(fields))))
    ((method, path, body),) = api.written
    assert (method, path) == ("PUT", "/projects/team/preheat/policies/nightly")
    return body


@pytest.mark.parametrize(
    ("extra", "scope", "clusters"),
    [
        ("", Scope.DEFAULT, set()),
        ('{"scope":"all_peers","cluster_ids":[2,1]}', Scope.ALL_PEERS, {1, 2}),
        ('{"scope":"","other":1}', Scope.DEFAULT, set()),
        ('{"scope":"nope"}', "nope", set()),
        ("null", Scope.DEFAULT, set()),
    ],
)
def test_what_is_for_dragonfly(extra: str, scope: Any, clusters: set[int]) -> None:
    found = policy(extra_attrs=extra).fields if extra else policy().fields
    assert (found["scope"], found["clusters"]) == (scope, clusters)


@pytest.mark.parametrize(
    ("fields", "extra"),
    [
        ({"scope": Scope.ALL_SEED_PEERS}, {"scope": "all_seed_peers", "cluster_ids": [1], "x": 1}),
        ({"scope": Scope.DEFAULT}, {"cluster_ids": [1], "x": 1}),
        ({"clusters": frozenset({3, 2})}, {"scope": "all_peers", "cluster_ids": [2, 3], "x": 1}),
        ({"clusters": frozenset()}, {"scope": "all_peers", "x": 1}),
    ],
)
def test_what_else_is_for_dragonfly_stays(fields: dict[str, Any], extra: dict[str, Any]) -> None:
    have = policy(extra_attrs='{"scope":"all_peers","cluster_ids":[1],"x":1}')
    assert json.loads(updated(have, **fields)["extra_attrs"]) == extra


def test_what_does_not_change_is_sent_back_as_it_is() -> None:
    have = policy(filters="[]", extra_attrs='{"x":1}')
    assert updated(have, enabled=False) == {**have.raw, "enabled": False}


FORBIDDEN = NotPermittedError("forbidden", status=403, method="GET", path=PATH)
PROVIDERS = "/projects/team/preheat/providers"


def test_an_instance_is_found_by_name() -> None:
    body = updated(policy(), {f"{PATH}/other": {"id": 9}}, instance="other")
    assert body["provider_id"] == 9


@pytest.mark.parametrize(
    ("name", "number"),
    [("a", 1), ("a-http", 2), ("b", 3), ("c", 4)],
)
def test_a_projects_administrator_finds_it_among_its_providers(name: str, number: int) -> None:
    told = [
        {"id": 2, "provider": "dragonfly a-http-http://x.example.com"},
        {"id": 1, "provider": "dragonfly a-http://x.example.com:80/b-c"},
        {"id": 3, "provider": " b-peers.example.com:80"},
        {"id": 4, "provider": "kraken c-"},
    ]
    replies = {f"{PATH}/{name}": FORBIDDEN, PROVIDERS: told}
    assert updated(policy(), replies, instance=name)["provider_id"] == number


def test_an_instance_that_is_nowhere() -> None:
    replies = {f"{PATH}/gone": FORBIDDEN, PROVIDERS: []}
    with pytest.raises(RefusedError, match="no preheat instance `gone`"):
        updated(policy(), replies, instance="gone")


def test_filters_that_are_too_long() -> None:
    address = Address("preheat", "nightly", "team")
    for length, good in ((900, True), (1000, False)):
        filters = FILTERS.read({"repositories": ["r" * length]})
        found = list(Preheat().check(Desired(address, {"filters": filters}, HERE)))
        assert (found == []) == good


def test_a_new_policy_sends_everything_by_hand_unless_it_says_otherwise() -> None:
    bench, api = workbench({f"{PATH}/peers": {"id": 3}})
    address = Address("preheat", "nightly", "team")
    want = Desired(address, {"instance": "peers"}, HERE)
    asyncio.run(Preheat().run(bench, Step("create", address, want)))
    assert api.written == [
        (
            "POST",
            "/projects/team/preheat/policies",
            {
                "name": "nightly",
                "description": "",
                "enabled": True,
                "filters": '[{"type":"repository","value":"**"},{"type":"tag","value":"**"}]',
                "trigger": '{"type":"manual","trigger_setting":{"cron":""}}',
                "provider_id": 3,
                "extra_attrs": "",
            },
        )
    ]
