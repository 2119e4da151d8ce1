"""Webhooks: targets as sets, and headers that nobody may see."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harborconf.kinds.base import from_reply
from harborconf.kinds.resource import Comparison, Desired, Live, Step, Verdict
from harborconf.kinds.webhook import TARGETS, Webhook, WebhookFields
from harborconf.spec.address import Address
from harborconf.spec.records import ValueProblemError
from harborconf.spec.value import Plain
from unit.kinds.workbench import HERE, workbench

HOOK = "https://hook.example.com"
ADDRESS = Address("webhook", "hook", "team")
BLUE, RED = {"env": "BLUE"}, {"env": "RED"}
ENVIRON = {"BLUE": "Bearer blue", "RED": "Bearer red"}


def sent(url: str = HOOK, header: str = "", **more: Any) -> dict[str, Any]:
    """A target as Harbor has it."""
    target = {"type": "http", "address": url, "payload_format": "Default", **more}
    return target | ({"auth_header": header} if header else {})


def live(*targets: dict[str, Any]) -> Live:
    raw = {
        "id": 2,
        "project_id": 1,
        "name": "hook",
        "description": "d",
        "enabled": True,
        "event_types": ["PUSH_ARTIFACT"],
        "targets": list(targets),
    }
    return Live(ADDRESS, from_reply(WebhookFields, raw), raw)


def desired(*targets: dict[str, Any], **fields: Any) -> Desired:
    return Desired(ADDRESS, {"targets": TARGETS.read(list(targets)), **fields}, HERE)


def observed(want: Desired, have: Live | None) -> Comparison | None:
    bench, _ = workbench(environ=ENVIRON)
    return asyncio.run(Webhook().observe(bench, want, have)).get("targets")


def updated(want: Desired, have: Live, *changed: str) -> Any:
    """The body of the PUT."""
    bench, api = workbench(environ=ENVIRON)
    step = Step("update", ADDRESS, want, have, frozenset(changed))
    asyncio.run(Webhook().run(bench, step))
    ((method, path, body),) = api.written
    assert (method, path) == ("PUT", "/projects/1/webhook/policies/2")
    return body


@pytest.mark.parametrize(
    ("raw", "expected", "path", "at_key"),
    [
        ([], "at least one target", (), False),
        ({"url": HOOK}, "at least one target", (), False),
        ([{}], "`url` is missing", (0, "url"), False),
        ([{"url": "hook"}], "begins with http", (0, "url"), False),
        ([{"url": HOOK, "type": "teams"}], "one of http, slack, got `teams`", (0, "type"), False),
        ([{"url": HOOK, "format": "xml"}], "one of default, cloud_events", (0, "format"), False),
        (
            [{"url": HOOK}, {"url": HOOK, "type": "slack", "format": "default"}],
            "a target of type slack has no `format`",
            (1, "format"),
            True,
        ),
        (
            [{"url": HOOK, "type": "slack", "auth_header": BLUE}],
            "a target of type slack has no `auth_header`",
            (0, "auth_header"),
            True,
        ),
        ([{"url": HOOK, "auth_header": "Bearer t"}], "never stands in", (0, "auth_header"), False),
    ],
)
def test_targets_that_are_refused(
    raw: object, expected: str, path: tuple[object, ...], at_key: bool
) -> None:
    with pytest.raises(ValueProblemError, match=expected) as caught:
        TARGETS.read(raw)
    assert (caught.value.path, caught.value.at_key) == (path, at_key)


def test_what_is_written_is_read_again_and_fits_the_schema() -> None:
    written: list[dict[str, Any]] = [
        {"url": "https://a.example.com", "auth_header": BLUE},
        {"url": "https://b.example.com", "type": "slack"},
        {"url": "https://c.example.com", "format": "cloud_events", "insecure": True},
        {"url": "https://d.example.com", "auth_header": "none"},
        {"url": "https://d.example.com", "auth_header": "none"},
    ]
    as_read = [
        {key: Plain("true") if value is True else value for key, value in one.items()}
        for one in written
    ]
    assert TARGETS.write(TARGETS.read(as_read)) == written
    Draft202012Validator(TARGETS.schema).validate(written)


def test_targets_that_are_the_same_are_two() -> None:
    twins = TARGETS.read([{"url": HOOK}, {"url": HOOK}])
    assert len(twins) == 2
    assert twins == live(sent(), sent()).fields["targets"]
    assert twins != live(sent()).fields["targets"]


def test_a_live_header_is_never_told() -> None:
    have = live(sent(header="Bearer blue"), sent("https://me:word@hook.example.com"))
    told = f"{have.fields} {TARGETS.write(have.fields['targets'])}"
    assert "blue" not in told
    assert "word" not in told


def test_a_live_target_that_yaml_cannot_say_is_told_all_the_same() -> None:
    have = live(sent(type="teams", payload_format="Cards"))
    (target,) = have.fields["targets"]
    assert (target.type, target.format) == ("teams", "Cards")
    assert live().fields["targets"] == frozenset()


@pytest.mark.parametrize(
    ("want", "have", "differs"),
    [
        ([{"url": HOOK, "auth_header": BLUE}], [sent(header="Bearer blue")], False),
        ([{"url": HOOK, "auth_header": BLUE}], [sent(header="Bearer red")], True),
        ([{"url": HOOK, "auth_header": BLUE}], [sent()], True),
        ([{"url": HOOK, "auth_header": "none"}], [sent(header="Bearer blue")], True),
        ([{"url": HOOK, "auth_header": "none"}], [sent()], False),
        ([{"url": HOOK}], [sent(header="Bearer blue")], False),
        (
            [{"url": HOOK, "auth_header": RED}, {"url": HOOK, "auth_header": BLUE}],
            [sent(header="Bearer blue"), sent(header="Bearer red")],
            False,
        ),
        (
            [{"url": HOOK, "auth_header": RED}, {"url": HOOK}],
            [sent(header="Bearer blue"), sent(header="Bearer red")],
            False,
        ),
        (
            [{"url": HOOK, "auth_header": RED}, {"url": HOOK, "auth_header": RED}],
            [sent(header="Bearer blue"), sent(header="Bearer red")],
            True,
        ),
    ],
)
def test_headers_are_compared(
    want: list[dict[str, Any]], have: list[dict[str, Any]], differs: bool
) -> None:
    found = observed(desired(*want), live(*have))
    assert (found is not None) == differs
    if found is not None:
        assert found == Comparison(Verdict.DIFFERENT, f"another auth header is sent to {HOOK}")


@pytest.mark.parametrize("have", [None, live(sent())])
def test_an_empty_store_blocks_the_targets(have: Live | None) -> None:
    found = observed(desired({"url": HOOK, "auth_header": {"env": "NOTHING"}}), have)
    assert found == Comparison(Verdict.BLOCKED, "environment variable NOTHING is empty")


def test_nothing_is_looked_at_where_no_target_is_written() -> None:
    assert observed(Desired(ADDRESS, {"enabled": True}, HERE), live(sent())) is None


@pytest.mark.parametrize(
    ("want", "have", "headers"),
    [
        ([{"url": HOOK, "auth_header": BLUE}], [sent(header="x")], ["Bearer blue"]),
        ([{"url": HOOK, "auth_header": "none"}], [sent(header="x")], [None]),
        ([{"url": HOOK, "insecure": Plain("true")}], [sent(header="x")], ["x"]),
        ([{"url": f"{HOOK}/other"}], [sent(header="x")], [None]),
        ([{"url": HOOK, "type": "slack"}], [sent(header="x")], [None]),
        ([{"url": HOOK}], [sent(header="x"), sent(header="y")], ["x"]),
        (
            [{"url": HOOK, "auth_header": BLUE}, {"url": HOOK, "insecure": Plain("true")}],
            [sent(header="Bearer blue"), sent(header="x")],
            ["Bearer blue", "x"],
        ),
        (
            [{"url": HOOK}, {"url": HOOK}, {"url": HOOK}],
            [sent(header="x"), sent(header="y")],
            ["x", "y", None],
        ),
    ],
)
def test_a_header_that_is_not_written_stays_with_its_url(
    want: list[dict[str, Any]], have: list[dict[str, Any]], headers: list[str | None]
) -> None:
    body = updated(desired(*want), live(*have), "targets")
    assert [target.get("auth_header") for target in body["targets"]] == headers


def test_what_does_not_change_is_sent_back_as_it_is() -> None:
    have = live(sent("https://me:word@hook.example.com", "x", unknown=1))
    want = Desired(ADDRESS, {"enabled": False}, HERE)
    assert updated(want, have, "enabled") == {**have.raw, "enabled": False}


def test_a_new_one_is_enabled_unless_it_is_said_not_to_be() -> None:
    bench, api = workbench(environ=ENVIRON)
    want = desired({"url": HOOK, "auth_header": BLUE}, events=frozenset())
    asyncio.run(Webhook().run(bench, Step("create", ADDRESS, want)))
    assert api.written == [
        (
            "POST",
            "/projects/1/webhook/policies",
            {
                "name": "hook",
                "enabled": True,
                "event_types": [],
                "targets": [
                    {
                        "type": "http",
                        "address": HOOK,
                        "skip_cert_verify": False,
                        "payload_format": "Default",
                        "auth_header": "Bearer blue",
                    }
                ],
            },
        )
    ]
