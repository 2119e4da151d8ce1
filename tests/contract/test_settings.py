"""Settings that hang together, cannot be changed, or are secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract.system import SETTINGS, seen
from contract.target import Target
from contract.tool import Tool, only, said
from harborconf.engine.plan import Action
from harborconf.engine.steps import lower
from harborconf.errors import DocumentError
from harborconf.report.json import render_plan as as_json
from harborconf.report.text import render_plan as as_text
from harborconf.simulator import Reply, Request, State

SECRET = "Example4Word"
ENVIRON = {"OIDC": SECRET, "LDAP": SECRET, "UAA": SECRET, "EMPTY": ""}


@pytest.fixture
def tool(own: Target, tmp_path: Path) -> Tool:
    """harborconf on a Harbor of this test's own."""
    return Tool(own, tmp_path, environ=ENVIRON)


def state_of(tool: Tool) -> State:
    return tool.target.state


def settings(*lines: str) -> str:
    return "system: {settings: {" + ", ".join(lines) + "}}"


def reason(tool: Tool, *lines: str) -> str:
    """Why it is blocked."""
    change = only(tool.plan(settings(*lines)))
    assert change.action is Action.BLOCKED, change
    return change.reason


# ---- what cannot be changed ----------------------------------------------------------


def test_with_users_the_authentication_mode_stays_and_the_rest_changes(tool: Tool) -> None:
    state_of(tool).add_user("bob", "Example1Word", "b@example.com")
    text = settings(
        "auth_mode: oidc_auth",
        "oidc_endpoint: https://sso.example.com",
        "oidc_client_id: harbor",
        "oidc_scope: [openid]",
    )
    outcome = tool.apply(text)
    assert said(outcome.plan) == [
        "blocked system/settings auth_mode",
        "update system/settings oidc_endpoint oidc_client_id oidc_scope",
    ]
    assert "Harbor has users" in outcome.plan.changes[0].reason
    assert outcome.result.is_complete
    assert said(tool.plan(text)) == ["blocked system/settings auth_mode"]


def test_where_settings_are_overwritten_from_outside_all_of_them_are_blocked(tool: Tool) -> None:
    state_of(tool).settings_overwritten = True
    assert "CONFIG_OVERWRITE_JSON" in reason(tool, "session_timeout: 90", "read_only: true")
    assert said(tool.plan(settings("session_timeout: 60"))) == []
    assert said(tool.plan_files(tool.export())) == []


@pytest.mark.parametrize(
    ("before", "lines", "expected"),
    [
        (
            {"ldap_url": "ldap://x", "ldap_uid": "uid"},
            ['ldap_url: ""', 'ldap_uid: ""'],
            "Harbor never takes it empty",
        ),
        (
            {},
            ['ldap_group_search_filter: "(a=b)"'],
            "with `ldap_group_search_filter`, `ldap_group_attribute_name` must not be empty",
        ),
        (
            {"ldap_group_search_filter": "(a=b)", "ldap_group_attribute_name": "cn"},
            ['ldap_group_attribute_name: ""'],
            "with `ldap_group_search_filter`, `ldap_group_attribute_name` must not be empty",
        ),
        (
            {},
            ["skip_audit_log_database: true"],
            "the audit log would go nowhere: it needs `audit_log_forward_endpoint`",
        ),
        (
            {},
            ["auth_mode: oidc_auth"],
            "nobody could log in: it needs `oidc_endpoint`, `oidc_client_id`, `oidc_scope`",
        ),
        ({}, ["auth_mode: ldap_auth"], "it needs `ldap_url`, `ldap_base_dn`"),
        ({}, ["oidc_client_secret: {env: EMPTY}"], "the environment variable EMPTY is not set"),
    ],
)
def test_what_harbor_would_refuse_with_what_it_has(
    tool: Tool, before: dict[str, str], lines: list[str], expected: str
) -> None:
    state_of(tool).settings |= before
    try:
        told = reason(tool, *lines)
    except DocumentError as error:
        told = str(error)
    assert expected in told


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (['ldap_group_search_filter: x, ldap_group_attribute_name: ""'], ":2:47: with "),
        (
            ['skip_audit_log_database: true, audit_log_forward_endpoint: ""'],
            ":2:46: the audit log would go nowhere",
        ),
        (['auth_mode: oidc_auth, oidc_endpoint: ""'], ":2:32: nobody could log in"),
        (["oidc_scope: [email]"], ":2:33: without `openid` nobody can log in"),
        (["session_timeout: 0"], ":2:38: expected a number of minutes, 1 to 153722867, got `0`"),
        (["token_expiration: 153722868"], "expected a number of minutes, 1 to 153722867"),
        (['robot_name_prefix: ""'], "expected a prefix without spaces"),
        (["ldap_scope: 3"], "expected a scope, one of base, one_level, subtree"),
        (["oidc_endpoint: sso.example.com"], "expected a URL that begins with http"),
        (["oidc_endpoint: 'https://a:b@c.example.com'"], "a secret never stands in the YAML"),
        (["oidc_extra_redirect_parms: {a: [b]}"], "expected text, got a list"),
        (["audit_log_forward_endpoint: syslog"], "expected a host and a port"),
        (["banner_message: hello"], "Harbor's pages show only a banner like"),
        (["banner_message: {message: hello}"], "never show a banner without a date"),
        (["banner_message: {message: hello, ends: soon}"], "expected a date like 2027-01-31"),
        (["banner_message: {message: '', ends: 2031-01-31}"], "a banner has 1 to 800 characters"),
        (["disabled_audit_log_event_types: [create_usr]"], "did you mean `create_user`?"),
        (["http_authproxy_server_certificate: MIIB"], "begins with -----BEGIN CERTIFICATE-----"),
        (["storage_per_project: 2PiB"], "at most 1024TiB"),
        (["oidc_client_secret: abc"], "a secret never stands in the YAML itself"),
        (["nonsense: 1"], "and 47 more"),
    ],
)
def test_what_is_wrong_whatever_harbor_has(tool: Tool, lines: list[str], expected: str) -> None:
    with pytest.raises(DocumentError) as caught:
        tool.plan(settings(*lines))
    assert expected in str(caught.value)
    assert SECRET not in str(caught.value)


# ---- read-only mode ------------------------------------------------------------------


def test_read_only_mode_ends_before_everything_else(tool: Tool) -> None:
    state_of(tool).settings["read_only"] = True
    text = f"""
        system: {{settings: {{read_only: false, session_timeout: 90}}}}
        labels: {{a: {{}}}}
        projects: {{{tool.target.name("team")}: {{labels: {{b: {{}}}}}}}}
    """
    plan = tool.plan(text)
    first = next(step for step in lower(plan) if step.action == "switch read-only mode off")
    assert first.needs == frozenset()
    assert all(first.key in step.needs for step in lower(plan) if step.address != first.address)
    tool.converge(text)


def test_read_only_mode_begins_after_everything_else(tool: Tool) -> None:
    text = f"""
        system: {{settings: {{read_only: true, session_timeout: 90}}}}
        labels: {{a: {{}}}}
        projects: {{{tool.target.name("team")}: {{labels: {{b: {{}}}}}}}}
    """
    tool.converge(text)
    assert state_of(tool).settings["read_only"] is True
    state_of(tool).settings["read_only"] = False  # for what cleans up


def test_robots_keep_their_prefix_until_everything_else_is_done(tool: Tool) -> None:
    name = tool.target.name("fleet")
    robot = f"robots: {{{name}: {{permissions: {{system: {{project: [list]}}}}, expires: DAYS}}}}"
    tool.converge(robot.replace("DAYS", "30d"))
    text = f"""
        system: {{settings: {{robot_name_prefix: "bot+", session_timeout: 90, read_only: true}}}}
        {robot.replace("DAYS", "60d")}
    """
    tool.converge(text)
    kept = state_of(tool).settings
    assert (kept["robot_name_prefix"], kept["read_only"]) == ("bot+", True)
    kept |= {"robot_name_prefix": "robot$", "read_only": False}


def test_the_authentication_mode_changes_before_anything_is_made_for_it(tool: Tool) -> None:
    text = settings(
        "auth_mode: oidc_auth, oidc_endpoint: https://sso.example.com, oidc_client_id: harbor",
        "oidc_scope: [openid], oidc_client_secret: {env: OIDC}",
    )
    plan = tool.plan(f"{text}\nlabels: {{a: {{}}}}")
    steps = {str(step.address): step for step in lower(plan)}
    assert steps["system/settings"].key in steps["label/a"].needs


# ---- secrets -------------------------------------------------------------------------


def test_a_secret_that_harbor_tells_is_compared_and_shown_nowhere(tool: Tool) -> None:
    state_of(tool).settings["uaa_client_secret"] = "Example9Word"
    text = settings("uaa_client_secret: {env: UAA}")
    plan = tool.plan(text)
    assert said(plan) == ["update system/settings uaa_client_secret"]
    shown = "\n".join(line.plain for line in as_text(plan)) + as_json(plan) + repr(plan)
    assert "(hidden)" in shown
    for secret in (SECRET, "Example9Word"):
        assert secret not in shown
        assert secret not in repr(plan.changes[0].live)
        assert all(secret not in one for one in tool.export().values())
    tool.converge(text)
    assert state_of(tool).settings["uaa_client_secret"] == SECRET


def test_a_secret_that_harbor_never_tells_goes_along_with_its_user(tool: Tool) -> None:
    alone = settings("oidc_client_secret: {env: OIDC}, ldap_search_password: {env: LDAP}")
    plan = tool.plan(alone)
    assert said(plan) == []
    assert {one.path: one.reason for one in plan.unknown} == {
        "oidc_client_secret": "Harbor never tells it",
        "ldap_search_password": "Harbor never tells it",
    }
    both = settings(
        "oidc_client_id: harbor, oidc_client_secret: {env: OIDC}",
        "ldap_search_password: {env: LDAP}",
    )
    plan = tool.converge(both)
    assert said(plan) == ["update system/settings oidc_client_id oidc_client_secret"]
    assert plan.changes[0].fields[1].reason == "sent along with `oidc_client_id`"
    kept = state_of(tool).settings
    assert (kept["oidc_client_secret"], kept["ldap_search_password"]) == (SECRET, "")


def test_an_export_names_places_only_of_secrets_that_are_in_use(tool: Tool) -> None:
    assert "SECRET" not in tool.export(references=True)["system.yaml"]
    state_of(tool).settings |= {"oidc_client_id": "harbor", "uaa_client_secret": SECRET}
    text = tool.export(references=True)["system.yaml"]
    assert "env: HARBOR_SYSTEM_SETTINGS_OIDC_CLIENT_SECRET" in text
    assert "env: HARBOR_SYSTEM_SETTINGS_UAA_CLIENT_SECRET" in text
    assert "ldap_search_password" not in text
    assert SECRET not in text
    assert said(tool.plan_files(tool.export())) == []


# ---- what Harbor does otherwise than it says -----------------------------------------


def test_an_audit_endpoint_that_does_not_answer_fails_each_time(tool: Tool) -> None:
    text = settings("audit_log_forward_endpoint: 127.0.0.1:9", "session_timeout: 90")
    for _ in range(2):
        outcome = tool.apply(text)
        (failed,) = outcome.result.failed
        assert "could not connect to the audit endpoint: 127.0.0.1:9" in failed.message
        assert seen(tool.target.raw, SETTINGS)["audit_log_forward_endpoint"] == ""
        assert said(outcome.plan) == [
            "update system/settings session_timeout audit_log_forward_endpoint"
        ]


def test_old_values_out_of_a_cache_are_not_believed(tool: Tool) -> None:
    stale: list[bytes] = []

    def after(request: Request, reply: Reply) -> Reply | None:
        del reply
        if request.path.endswith(SETTINGS):
            if request.method == "PUT":
                stale.append(json.dumps(old).encode())
                return None
            if len(stale) == 1:
                return Reply(200, stale[0], {"content-type": "application/json"})
        return None

    old = tool.target.raw.get(SETTINGS)
    state_of(tool).after = after
    outcome = tool.apply(settings("session_timeout: 90"))
    assert outcome.result.is_complete
    assert len(outcome.writes) == 2


def test_an_audit_endpoint_from_before_that_comes_up_again_is_not_the_one_written(
    tool: Tool,
) -> None:
    state_of(tool).settings["audit_log_forward_endpoint"] = "old.example.com:514"
    refusals = [b"bad request: could not connect to the audit endpoint: old.example.com:514"]

    def before(request: Request) -> Reply | None:
        if request.method == "PUT" and refusals:
            errors = [{"code": "BAD_REQUEST", "message": refusals.pop().decode()}]
            return Reply(400, json.dumps({"errors": errors}).encode())
        return None

    state_of(tool).before = before
    assert tool.apply(settings('audit_log_forward_endpoint: ""')).result.is_complete


def test_what_harbor_does_not_keep_is_a_failure(tool: Tool) -> None:
    def after(request: Request, reply: Reply) -> None:
        del request, reply
        state_of(tool).settings["session_timeout"] = 60

    state_of(tool).after = after
    (failed,) = tool.apply(settings("session_timeout: 90")).result.failed
    assert failed.message == (
        "Harbor answered 200 but did not keep session_timeout of system/settings"
    )


def test_nonsense_is_exported_as_comments_and_put_right(tool: Tool) -> None:
    state_of(tool).settings |= {
        "banner_message": "hello",
        "disabled_audit_log_event_types": "CREATE_USER,nonsense",
        "ldap_timeout": -1,
        "ldap_scope": 1,
    }
    files = tool.export()
    assert said(tool.plan_files(files)) == []
    assert (
        "# banner_message: 'hello' (harborconf cannot write what Harbor has here)"
        in (files["system.yaml"])
    )
    plan = tool.converge(
        settings(
            'banner_message: ""',
            "disabled_audit_log_event_types: [create_user]",
            "ldap_timeout: 5",
            "ldap_scope: 1",
        )
    )
    assert said(plan) == [
        "update system/settings banner_message disabled_audit_log_event_types ldap_timeout"
    ]
