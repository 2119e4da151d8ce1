"""Projects, their metadata and quotas, beyond what was recorded."""

from __future__ import annotations

import json

import pytest

from unit.simulator.client import add_user, admin, retention, robot, rule


def test_a_number_is_an_id_unless_a_header_says_that_it_is_a_name() -> None:
    client = admin()
    client.make("/projects", {"project_name": "1"})
    assert client.get("/projects/1")["name"] == "library"
    assert client.get("/projects/1", x_is_resource_name="true")["name"] == "1"


def test_a_project_with_content_is_not_deleted() -> None:
    client = admin()
    client.state.add_repository("library", "team/app", ["v1", "v2"])
    status, message = client.refusal("DELETE", "/projects/library")
    assert (status, "contains repositories" in message) == (412, True)
    (repository,) = client.get("/projects/library/repositories")
    assert (repository["name"], repository["artifact_count"]) == ("library/team/app", 2)
    artifacts = client.get("/projects/library/repositories/team%252Fapp/artifacts")
    assert {item["tags"][0]["name"] for item in artifacts} == {"v1", "v2"}
    client.write("DELETE", "/projects/library/repositories/team%2Fapp")
    client.write("DELETE", "/projects/library")


def test_what_is_in_a_project_goes_with_it() -> None:
    client = admin()
    number = client.make("/projects", {"project_name": "a"})
    client.write("POST", "/robots", robot("a"))
    client.make("/labels", {"name": "l", "scope": "p", "project_id": number})
    client.make("/retentions", retention(number, rule(1)))
    client.write("DELETE", f"/projects/{number}")
    state = client.state
    assert [len(table) for table in (state.robots, state.labels, state.retentions)] == [0, 0, 0]
    assert [row["project_id"] for row in state.quotas] == [1]
    assert client.make("/projects", {"project_name": "a"}) > number


def test_metadata_is_taken_away_by_its_own_path_only() -> None:
    client = admin()
    client.write("PUT", "/projects/1", {"metadata": {"severity": "bogus", "nope": "x"}})
    assert client.get("/projects/1/metadatas/severity") == {"severity": "bogus"}
    assert client.get("/projects/1")["metadata"]["severity"] == "unknown"
    client.write("PUT", "/projects/1", {"metadata": {}})
    client.write("DELETE", "/projects/1/metadatas/severity")
    assert client.get("/projects/1/metadatas/") == {"public": "true"}


def test_the_path_of_one_metadata_looks_at_the_value() -> None:
    client = admin()
    assert client.refusal("POST", "/projects/1/metadatas/", {"auto_scan": "maybe"})[0] == 400
    assert client.refusal("POST", "/projects/1/metadatas/", {"nope": "1"})[0] == 400
    client.write("POST", "/projects/1/metadatas/", {"auto_scan": "1"})
    assert client.status("POST", "/projects/1/metadatas/", {"auto_scan": "1"}) == 409
    client.write("PUT", "/projects/1/metadatas/auto_scan", {"auto_scan": "F"})
    assert client.get("/projects/1")["metadata"]["auto_scan"] == "false"


@pytest.mark.parametrize(
    ("version", "kept"), [("2.13.2", False), ("2.14.0", False), ("2.14.4", True), ("2.15.2", True)]
)
def test_newer_metadata_is_dropped_by_older_versions(version: str, kept: bool) -> None:
    client = admin(version)
    client.state.add_registry("hub")
    body = {"project_name": "proxy", "registry_id": 1, "metadata": {"max_upstream_conn": "3"}}
    client.make("/projects", body)
    metadata = client.get("/projects/proxy")["metadata"]
    assert ("max_upstream_conn" in metadata) is kept
    rules = client.get(f"/retentions/{metadata['retention_id']}")["rules"]
    assert rules[0]["params"] == {"nDaysSinceLastPull": 7}


def test_settings_decide_who_makes_projects_and_how_large() -> None:
    client = admin()
    add_user(client, "bob")
    settings = {"project_creation_restriction": "adminonly", "storage_per_project": 5 << 30}
    client.write("PUT", "/configurations", settings)
    bob = client.be("bob")
    assert bob.refusal("POST", "/projects", {"project_name": "b"})[0] == 403
    client.write("PUT", "/configurations", {"project_creation_restriction": "everyone"})
    number = bob.make("/projects", {"project_name": "b", "storage_limit": -1})
    (quota,) = client.get(f"/quotas?reference=project&reference_id={number}")
    assert quota["hard"] == {"storage": 5 << 30}
    assert bob.get("/projects/b/summary")["quota"]["hard"] == {"storage": 5 << 30}
    assert bob.status("GET", "/quotas") == 403


def test_without_quotas_a_project_has_none() -> None:
    client = admin()
    client.write("PUT", "/configurations", {"quota_per_project_enable": False})
    number = client.make("/projects", {"project_name": "a", "storage_limit": 5})
    assert client.get(f"/quotas?reference=project&reference_id={number}") == []
    assert "quota" not in client.get(f"/projects/{number}/summary")


def test_lists_show_each_what_is_theirs() -> None:
    client = admin()
    number = add_user(client, "bob")
    for name in ("a", "b", "c"):
        client.make("/projects", {"project_name": name})
    client.state.add_member(2, "u", number, 3)
    names = [row["name"] for row in client.be("bob").get("/projects")]
    assert names == ["a", "library"]
    assert [row["name"] for row in client.get("/projects?public=false&sort=-name")] == [*"cba"]
    assert client.be("bob").status("GET", "/projects/b") == 403
    assert client.be("bob").status("GET", "/projects/nope") == 403
    assert client.be("").status("GET", "/projects/nope") == 401


def test_quotas_are_sorted_with_unlimited_last() -> None:
    client = admin()
    for name, limit in (("a", 30), ("b", 10), ("c", 20)):
        client.make("/projects", {"project_name": name, "storage_limit": limit})
    names = [row["ref"]["name"] for row in client.get("/quotas?sort=hard.storage")]
    assert names == ["b", "c", "a", "library"]
    assert client.get("/quotas?sort=-hard.storage")[0]["ref"]["name"] == "library"
    reply = client.send("GET", "/quotas?page_size=3&page=2")
    assert json.loads(reply.body)[0]["ref"]["name"] == "library"
    assert reply.headers["x-total-count"] == "4"


def test_an_allowlist_of_another_project_is_refused() -> None:
    client = admin()
    body = {"cve_allowlist": {"project_id": 7, "items": []}}
    assert client.refusal("PUT", "/projects/1", body)[0] == 400
    twice = {"items": [{"cve_id": "CVE-2024-1"}, {"cve_id": "CVE-2024-1"}]}
    assert client.refusal("PUT", "/system/CVEAllowlist", twice)[0] == 500
