"""Users, groups, members, robots, policies, rules, labels and settings, beyond the recordings."""

from __future__ import annotations

import json

import pytest

from unit.simulator.client import PULL, add_user, admin, retention, robot, rule

SELECTORS = {"scope_selectors": {"repository": [{"kind": "doublestar", "pattern": "**"}]}}
RULE = {"action": "immutable", "template": "immutable_template", **SELECTORS}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "weak"),
        ("email", ""),
        ("email", "nonsense"),
        ("realname", "a,b"),
        ("username", "a$b"),
        ("comment", "x" * 31),
    ],
)
def test_users_that_are_refused(field: str, value: str) -> None:
    body = {"username": "bob", "email": "b@x.org", "realname": "Bob", "password": "Example1Word"}
    assert admin().refusal("POST", "/users", body | {field: value})[0] == 400


def test_a_profile_is_replaced_whole() -> None:
    client = admin()
    number = add_user(client, "bob")
    client.write("PUT", f"/users/{number}", {"email": "c@x.org", "realname": "B", "comment": "c"})
    client.write("PUT", f"/users/{number}", {"email": "c@x.org", "realname": "B"})
    assert "comment" not in client.get(f"/users/{number}")


def test_lists_of_users_leave_the_first_one_out() -> None:
    client = admin()
    for name in ("zoe", "bob", "bobby"):
        add_user(client, name)
    assert [row["username"] for row in client.get("/users")] == ["bob", "bobby", "zoe"]
    assert [row["username"] for row in client.get("/users?q=username=~bob")] == ["bob", "bobby"]
    assert client.get("/users/search?username=bob")[0]["username"] == "bob"


def test_deleting_a_user_or_a_group_ends_its_memberships() -> None:
    client = admin()
    user = add_user(client, "bob")
    group = client.make("/usergroups", {"group_name": "devs", "group_type": 3})
    for member in ({"member_user": {"user_id": user}}, {"member_group": {"id": group}}):
        client.make("/projects/1/members", {"role_id": 2, **member})
    client.write("DELETE", f"/users/{user}")
    client.write("DELETE", f"/usergroups/{group}")
    assert [row["entity_name"] for row in client.get("/projects/1/members")] == ["admin"]


def test_names_of_groups_are_taken_across_types() -> None:
    client = admin()
    number = client.make("/usergroups", {"group_name": "devs", "group_type": 3})
    group = {"group_name": "devs", "group_type": 3}
    assert client.status("POST", "/usergroups", group) == 409
    assert client.status("POST", "/usergroups", group | {"group_type": 2}) == 500
    client.write("PUT", f"/usergroups/{number}", {"group_name": "ops"})
    assert client.get(f"/usergroups/{number}") == {"group_name": "ops", "group_type": 3}


@pytest.mark.parametrize(("mode", "kind"), [("ldap_auth", 1), ("http_auth", 2), ("oidc_auth", 3)])
def test_a_new_group_as_a_member(mode: str, kind: int) -> None:
    client = admin()
    client.state.settings |= {"auth_mode": mode, "http_authproxy_skip_search": True}
    client.state.directory.add("cn=devs")
    group = {"ldap_group_dn": "CN=Devs"} if kind == 1 else {"group_name": "devs"}
    body = {"role_id": 2, "member_group": group | {"group_type": kind}}
    client.make("/projects/1/members", body)
    assert client.status("POST", "/projects/1/members", body) == 409
    (found,) = client.get("/usergroups")
    assert found["group_type"] == kind


def test_a_member_with_a_role_that_is_none_is_counted_and_not_shown() -> None:
    client = admin()
    member = client.make(
        "/projects/1/members",
        {"role_id": 2, "member_user": {"user_id": add_user(client, "bob")}},
    )
    client.write("PUT", f"/projects/1/members/{member}", {"role_id": 77})
    reply = client.send("GET", "/projects/1/members")
    assert (len(json.loads(reply.body)), reply.headers["x-total-count"]) == (1, "2")


def test_a_secret_and_disable_are_ignored_when_a_robot_is_made() -> None:
    client = admin()
    body = robot("library", secret="Example1Word", disable=True)
    made = json.loads(client.write("POST", "/robots", body).body)
    assert made["secret"] != "Example1Word"
    assert client.get(f"/robots/{made['id']}")["disable"] is False


def test_a_robots_expiry_is_its_making_and_its_duration() -> None:
    client = admin()
    client.state.clock = lambda: 1_000_000.0
    made = json.loads(client.write("POST", "/robots", robot("library")).body)
    assert made["expires_at"] == 1_000_000 + 30 * 86_400
    client.state.clock = lambda: 2_000_000.0
    path = f"/robots/{made['id']}"
    client.write("PATCH", path, {"secret": "Example1Word"})
    assert client.get(path)["expires_at"] == made["expires_at"]
    client.write("PUT", path, client.get(path) | {"duration": 60})
    assert client.get(path)["expires_at"] == 1_000_000 + 60 * 86_400
    client.write("PUT", path, client.get(path) | {"duration": -1})
    assert client.get(path)["expires_at"] == -1


def test_a_robots_update_replaces_everything_but_name_and_level() -> None:
    client = admin()
    made = json.loads(client.write("POST", "/robots", robot("library", description="d")).body)
    path = f"/robots/{made['id']}"
    old = client.get(path)
    client.write("PUT", path, {key: old[key] for key in ("name", "level", "permissions")})
    assert "description" not in client.get(path)
    assert client.get(path)["duration"] == 30
    assert client.refusal("PUT", path, old | {"name": "ci"})[0] == 400


def test_the_order_of_permissions_changes_at_each_read() -> None:
    client = admin()
    access = [PULL, PULL | {"action": "push"}]
    permissions = [{"kind": "project", "namespace": "library", "access": access}]
    body = robot("library", permissions=permissions)
    path = f"/robots/{json.loads(client.write('POST', '/robots', body).body)['id']}"
    first, second = (client.get(path)["permissions"][0]["access"] for _ in range(2))
    assert first != second
    assert sorted(map(str, first)) == sorted(map(str, second))


@pytest.mark.parametrize(
    ("resource", "action"), [("robot", "update"), ("quota", "list"), ("nope", "pull")]
)
def test_what_no_robot_of_a_project_can_be_given(resource: str, action: str) -> None:
    access = [{"resource": resource, "action": action}]
    permissions = [{"kind": "project", "namespace": "library", "access": access}]
    body = robot("library", permissions=permissions)
    status, message = admin().refusal("POST", "/robots", body)
    assert (status, message) == (400, f"bad request permission: {resource}:{action}")


@pytest.mark.parametrize(("version", "status"), [("2.13.2", 400), ("2.14.4", 201), ("2.15.2", 201)])
def test_a_deleted_policy_bars_the_next_one_until_2_14(version: str, status: int) -> None:
    client = admin(version)
    number = client.make("/retentions", retention(1, rule(1)))
    client.write("DELETE", f"/retentions/{number}")
    assert client.status("GET", f"/retentions/{number}") == 500
    assert client.status("GET", f"/retentions/{number}/executions") == 400
    assert client.status("POST", "/retentions", retention(1, rule(1))) == status
    client.write("DELETE", "/projects/1/metadatas/retention_id")
    client.make("/retentions", retention(1, rule(1)))


def test_a_policy_has_at_most_fifteen_rules() -> None:
    client = admin()
    rules = [rule(count) for count in range(16)]
    assert client.refusal("POST", "/retentions", retention(1, *rules))[0] == 400
    client.make("/retentions", retention(1, *rules[:15]))


def test_a_policy_is_of_a_project() -> None:
    client = admin()
    assert client.refusal("POST", "/retentions", retention(99, rule(1)))[0] == 400
    body = retention(1, rule(1)) | {"scope": {"level": "system", "ref": 1}}
    assert client.refusal("POST", "/retentions", body)[0] == 400


def test_an_immutable_rule_is_toggled_or_changed_and_never_both() -> None:
    client = admin()
    number = client.make("/projects/1/immutabletagrules", RULE)
    path = f"/projects/1/immutabletagrules/{number}"
    changed = RULE | {"id": number, "disabled": True, "action": "other"}
    client.write("PUT", path, changed)
    (found,) = client.get("/projects/1/immutabletagrules")
    assert (found["disabled"], found["action"]) == (True, "immutable")
    client.write("PUT", path, changed)
    assert client.get("/projects/1/immutabletagrules")[0]["action"] == "other"
    assert client.refusal("PUT", path, RULE)[0] == 400
    client.write("DELETE", path)
    assert client.status("DELETE", path) == 404


def test_labels_of_a_project_and_of_all() -> None:
    client = admin()
    for scope in ({"scope": "g"}, {"scope": "p", "project_id": 1}):
        client.make("/labels", {"name": "x", **scope})
    assert [row["scope"] for row in client.get("/labels?scope=p&project_id=1")] == ["p"]
    assert client.be("").get("/labels?scope=g")[0]["name"] == "x"
    assert client.refusal("GET", "/labels")[0] == 400
    assert client.refusal("GET", "/labels?scope=p")[0] == 400
    assert client.refusal("PUT", "/labels/1", {"color": "#FFFFFF"})[0] == 400
    assert client.refusal("POST", "/labels", {"name": "y", "scope": "x"})[0] == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"ldap_url": ""}, 400),
        ({"ldap_scope": 3}, 400),
        ({"project_creation_restriction": "nobody"}, 400),
        ({"storage_per_project": 0}, 400),
        ({"session_timeout": 0}, 400),
        ({"token_expiration": 10_000_000_000}, 400),
        ({"ldap_group_search_filter": "x"}, 400),
        ({"ldap_group_search_filter": "x", "ldap_group_attribute_name": "cn"}, 200),
        ({"read_only": "yes"}, 422),
        ({"banner_message": 5}, 422),
        ({"pull_audit_log_disable": True, "nope": 1}, 200),
    ],
)
def test_settings(body: dict[str, object], status: int) -> None:
    client = admin()
    before = dict(client.state.settings)
    assert client.status("PUT", "/configurations", body) == status
    if status != 200:
        assert client.state.settings == before


def test_settings_are_57_and_two_are_write_only() -> None:
    client = admin()
    shown = client.get("/configurations")
    assert len(client.state.settings) == 57
    assert client.state.settings.keys() - shown.keys() == {
        "ldap_search_password",
        "oidc_client_secret",
    }
    client.write("PUT", "/configurations", {"uaa_client_secret": "s", "oidc_client_secret": "s"})
    assert client.get("/configurations")["uaa_client_secret"]["value"] == "s"


def test_what_is_refused_with_an_endpoint_stays_in_memory_if_it_was_never_stored() -> None:
    client = admin()
    client.write("PUT", "/configurations", {"robot_token_duration": 30})
    body = {"audit_log_forward_endpoint": "nowhere:514", "robot_token_duration": 31}
    assert client.refusal("PUT", "/configurations", body)[0] == 400
    shown = client.get("/configurations")
    assert shown["audit_log_forward_endpoint"]["value"] == "nowhere:514"
    assert shown["robot_token_duration"]["value"] == 30


def test_nothing_can_be_set_where_settings_are_overwritten() -> None:
    client = admin()
    client.state.settings_overwritten = True
    assert client.refusal("PUT", "/configurations", {})[0] == 403
    assert not any(one.get("editable") for one in client.get("/configurations").values())


def test_an_endpoint_that_answers_is_accepted() -> None:
    client = admin()
    client.state.reachable.add("syslog:514")
    body = {"audit_log_forward_endpoint": "syslog:514", "skip_audit_log_database": True}
    client.write("PUT", "/configurations", body)


def test_the_authentication_mode_changes_only_without_users() -> None:
    client = admin()
    assert client.get("/configurations")["auth_mode"]["editable"] is True
    client.write("PUT", "/configurations", {"auth_mode": "oidc_auth"})
    body = {"username": "b", "email": "b@x.org", "realname": "B", "password": "Example1Word"}
    assert client.refusal("POST", "/users", body)[0] == 403
    client.state.add_user("bob", "Example1Word", "b@x.org")
    assert client.refusal("PUT", "/configurations", {"auth_mode": "db_auth"})[0] == 400
