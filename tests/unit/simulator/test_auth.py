"""Who is let in, and what each may do."""

from __future__ import annotations

import json

import pytest

from harborconf.simulator import Request
from unit.simulator.client import API, PASSWORD, PULL, Client, add_user, admin, robot, rule
from unit.simulator.client import retention as policy
from unit.simulator.replay import Replay

ROLES = {"projectAdmin": 1, "maintainer": 4, "developer": 2, "guest": 3, "limitedGuest": 5}


def logged_in(client: Client) -> Replay:
    replay = Replay(client.simulator)
    replay.log_in()
    return replay


def with_session(replay: Replay, method: str, path: str, *, token: bool = True) -> int:
    headers = {"cookie": f"sid={replay.sid}; _gorilla_csrf={replay.cookie}"}
    headers |= {"x-harbor-csrf-token": replay.token} if token else {}
    body = b'{"name":"x","scope":"g"}'
    return replay.simulator.app.handle(Request(method, API + path, "", headers, body)).status


def test_a_session_lives_as_long_as_it_is_used() -> None:
    client = admin()
    client.write("PUT", "/configurations", {"session_timeout": 1})
    now = [1000.0]
    client.state.clock = lambda: now[0]
    replay = logged_in(client)
    for _ in range(3):
        now[0] += 50
        assert with_session(replay, "GET", "/users/current") == 200
    now[0] += 70
    assert with_session(replay, "GET", "/users/current") == 401
    assert with_session(replay, "GET", "/projects") == 200
    assert with_session(replay, "POST", "/labels") == 401


def test_a_write_needs_the_token_and_any_token_for_the_cookie_will_do() -> None:
    replay = logged_in(admin())
    assert with_session(replay, "POST", "/labels", token=False) == 403
    first = replay.token
    reply = replay.simulator.app.handle(
        Request("GET", "/", "", {"cookie": f"sid={replay.sid}; _gorilla_csrf={replay.cookie}"})
    )
    replay.token = reply.headers["x-harbor-csrf-token"]
    assert replay.token != first
    assert with_session(replay, "POST", "/labels") == 201
    replay.token = first
    assert with_session(replay, "POST", "/labels") == 409


def test_the_login_form_is_protected_as_well() -> None:
    client = admin()
    request = Request("POST", "/c/login", "", {}, b"principal=admin&password=Harbor12345")
    assert client.simulator.app.handle(request).status == 403


def test_a_wrong_password_is_no_error_on_lists() -> None:
    client = admin()
    client.make("/projects", {"project_name": "secret"})
    wrong = client.be("admin", "wrong")
    assert [row["name"] for row in wrong.get("/projects")] == ["library"]
    assert wrong.status("GET", "/users/current") == 401
    assert wrong.refusal("GET", "/configurations") == (401, "unauthorized")


@pytest.mark.parametrize(
    ("method", "path", "body", "roles"),
    [
        ("GET", "", None, {1, 4, 2, 3, 5}),
        ("GET", "/members", None, {1, 4, 2, 3}),
        ("GET", "/immutabletagrules", None, {1, 4}),
        ("GET", "/webhook/policies", None, {1, 4}),
        ("GET", "/metadatas/public", None, {1, 4}),
        ("GET", "/metadatas/", None, set()),
        ("PUT", "", {"metadata": {}}, {1}),
        ("POST", "/members", {"role_id": 9, "member_user": {"user_id": 1}}, {1}),
    ],
)
def test_roles(method: str, path: str, body: dict[str, int], roles: set[int]) -> None:
    client = admin()
    client.make("/projects", {"project_name": "a"})
    allowed = set()
    for name, role in ROLES.items():
        client.state.add_member(2, "u", add_user(client, name), role)
        if client.be(name).status(method, f"/projects/a{path}", body) != 403:
            allowed.add(role)
    assert allowed == roles


def test_retention_is_for_developers_and_above() -> None:
    client = admin()
    client.make("/projects", {"project_name": "a"})
    for name, role in (("dev", 2), ("guest", 3)):
        client.state.add_member(2, "u", add_user(client, name), role)
    assert client.be("guest").status("POST", "/retentions", policy(2, rule(1))) == 403
    client.be("dev").make("/retentions", policy(2, rule(1)))


def test_a_robot_is_known_by_its_secret_until_it_expires() -> None:
    client = admin()
    client.make("/projects", {"project_name": "a"})
    made = json.loads(client.write("POST", "/robots", robot("a")).body)
    ci = client.be(made["name"], made["secret"])
    assert ci.refusal("GET", "/users/current")[0] == 412
    assert {row["name"] for row in ci.get("/projects")} == {"a", "library"}
    assert ci.status("GET", "/projects/a") == 403
    assert ci.status("POST", "/projects", {"project_name": "b"}) == 403
    client.state.expire_robot(made["id"])
    assert ci.status("GET", "/users/current") == 401
    assert [row["name"] for row in ci.get("/projects")] == ["library"]


def test_the_prefix_of_robots_is_a_setting() -> None:
    client = admin()
    made = json.loads(client.write("POST", "/robots", robot("library")).body)
    client.write("PUT", "/configurations", {"robot_name_prefix": "bot+"})
    assert client.get(f"/robots/{made['id']}")["name"] == "bot+library+ci"
    assert client.be(made["name"], made["secret"]).status("GET", "/users/current") == 401
    assert client.be("bot+library+ci", made["secret"]).status("GET", "/users/current") == 412


@pytest.mark.parametrize(("version", "status"), [("2.13.2", 403), ("2.14.4", 201), ("2.15.2", 201)])
def test_a_robot_makes_robots_since_2_14(version: str, status: int) -> None:
    client = admin(version)
    access = [PULL, {"resource": "robot", "action": "create"}]
    permissions = [{"kind": "project", "namespace": "*", "access": access}]
    body = {"name": "fleet", "level": "system", "duration": -1, "permissions": permissions}
    made = json.loads(client.write("POST", "/robots", body).body)
    fleet = client.be(made["name"], made["secret"])
    assert fleet.status("POST", "/robots", robot("library")) == status
    more = [{"kind": "project", "namespace": "library", "access": [PULL | {"action": "push"}]}]
    assert fleet.status("POST", "/robots", robot("library", "x", permissions=more)) == 403


def test_the_database_or_redis_down() -> None:
    client = admin()
    replay = logged_in(client)
    client.state.database_down = True
    assert client.status("GET", "/users/current") == 401
    assert with_session(replay, "GET", "/users/current") == 500
    assert [client.status("GET", path) for path in ("/projects", "/systeminfo")] == [500, 200]
    client.state.database_down, client.state.redis_down = False, True
    assert client.status("GET", "/users/current") == 200
    assert with_session(replay, "GET", "/users/current") == 401
    replay.log_in()
    client.state.redis_down = False
    assert with_session(replay, "GET", "/users/current") == 401


def test_read_only_lets_only_settings_through() -> None:
    client = admin()
    client.write("PUT", "/configurations", {"read_only": True})
    assert client.refusal("POST", "/projects", {"project_name": "a"})[0] == 403
    assert client.get("/projects/library")["name"] == "library"
    client.write("PUT", "/configurations", {"read_only": False})
    client.make("/projects", {"project_name": "a"})


def test_a_user_changes_only_what_is_the_users_own() -> None:
    client = admin()
    number = add_user(client, "bob")
    bob = client.be("bob")
    assert bob.status("GET", "/users") == 403
    assert bob.status("GET", "/users/1") == 403
    assert bob.get(f"/users/{number}")["username"] == "bob"
    password = {"old_password": "wrong", "new_password": "Example2Word"}
    assert bob.refusal("PUT", f"/users/{number}/password", password)[0] == 403
    bob.write("PUT", f"/users/{number}/password", password | {"old_password": PASSWORD})
    assert bob.status("GET", "/users/current") == 401
    assert client.refusal("DELETE", "/users/1")[0] == 403
