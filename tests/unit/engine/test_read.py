"""Reading what desired mentions: which reads are made, and what becomes of those that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from harborconf.engine.planning import look, make_plan
from harborconf.engine.read import LiveState, Once, read_everything, read_live
from harborconf.errors import (
    AuthenticationError,
    DocumentError,
    HarborError,
    NotPermittedError,
    ServerError,
    StoreError,
)
from harborconf.kinds.catalog import KINDS
from harborconf.kinds.resource import Workbench
from harborconf.spec.reference import Reference
from harborconf.spec.secret import Secret
from unit.engine.documents import bench, document, resolved, told
from unit.engine.documents import differences as pure

FORBIDDEN = NotPermittedError("no", status=403, method="GET", path="/x")
BROKEN = ServerError("oh", status=500, method="GET", path="/x")
LOST = AuthenticationError("lost")
PROJECTS = [
    {"name": name, "project_id": number, "metadata": {"public": "false"}, "repo_count": 0}
    for number, name in enumerate("abc", 1)
]


class Api:
    """Answers GETs by path and project; an error in place of a reply is raised."""

    def __init__(self, replies: Mapping[str, Any]) -> None:
        self.replies = {"/projects": PROJECTS, **replies}
        self.asked: list[str] = []

    async def get(self, path: str, params: Any = None, headers: Any = None) -> Any:
        del headers
        await asyncio.sleep(0)
        params = params or {}
        which = params.get("project_id") or params.get("q", "").partition("ProjectID=")[2]
        key = f"{path}#{which}" if which else path
        self.asked.append(key)
        reply = self.replies.get(key, [])
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def exists(self, path: str, params: Any = None) -> bool:
        raise AssertionError(path, params)

    async def accepts(self, username: str, secret: Secret) -> bool | None:
        del username, secret
        return True

    async def pings(self, registry: int) -> bool | None:
        raise AssertionError(registry)


class Stores:
    async def username(self, reference: Reference) -> str | None:
        raise AssertionError(reference)

    async def peek(self, reference: Reference) -> Secret | None:
        if "MISSING" in str(reference):
            message = f"the {reference} is not set"
            raise StoreError(message, advice="set it")
        return Secret("Strong-1234")


def workbench(replies: Mapping[str, Any] | None = None) -> tuple[Workbench, Api]:
    api = Api(replies or {})
    return replace(bench(), api=api, stores=Stores()), api


def looked(text: str, replies: Mapping[str, Any] | None = None) -> tuple[LiveState, Api]:
    found, api = workbench(replies)
    return asyncio.run(read_live(resolved(text), replace(found, api=Once(api)))), api


# ---- which reads ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("harbor: {url: http://h}", []),
        ("labels: {x: {}}", ["/labels"]),
        ("labels: {}", ["/labels"]),
        ("labels: null", []),
        ("projects: {a: {}}", ["/projects"]),
        ("projects: {a: {labels: {}}}", ["/labels#1", "/projects"]),
        ("projects: {nowhere: {labels: {}}}", ["/projects"]),
        (
            "projects: {a: {labels: {}}, b: {labels: {x: }}}",
            ["/labels#1", "/labels#2", "/projects"],
        ),
        # Groups are of all projects: equal reads are made once.
        (
            "projects: {a: {members: {users: {}}}, b: {members: {users: {}}}}",
            ["/projects", "/projects/1/members", "/projects/2/members", "/usergroups"],
        ),
    ],
)
def test_only_what_is_mentioned_is_read_and_once(text: str, asked: list[str]) -> None:
    group = {"entity_name": "g", "entity_type": "g", "entity_id": 7, "role_id": 3}
    _, api = looked(text, {f"/projects/{number}/members": [group] for number in (1, 2)})
    assert sorted(api.asked) == asked


def test_equal_reads_share_a_failure_too() -> None:
    api = Api({"/x": BROKEN})

    async def run() -> None:
        once = Once(api)
        for params in ({"a": 1, "b": 2}, {"b": 2, "a": 1}):
            with pytest.raises(ServerError):
                await once.get("/x", params)
        await once.get("/y", {"a": 1})
        await once.get("/y", {"a": 2})
        await once.get("/y", {"a": 1}, {"header": "x"})
        assert await once.accepts("x", Secret("y"))

    asyncio.run(run())
    assert api.asked == ["/x", "/y", "/y", "/y"]


def test_everything_for_an_export() -> None:
    found, _ = workbench(
        {
            "/projects/1/summary": {"quota": {"hard": {"storage": -1}}},
            "/projects/1/metadatas/projectScanner": {},
        }
    )
    whole = asyncio.run(read_everything(found, ["a"]))
    assert set(whole.places) == {"a"}
    kinds = {("a", kind.name) for kind in KINDS if kind.in_project}
    assert whole.seen == {(None, "project"), *kinds}


# ---- reads that fail -----------------------------------------------------------------

TEXT = """
labels: {x: {}}
projects: {a: {labels: {x: }, public: true}, b: {labels: {x: }, public: true}}
"""


@pytest.mark.parametrize(
    ("replies", "error"),
    [
        ({"/projects": BROKEN}, ServerError),
        ({"/projects": FORBIDDEN}, NotPermittedError),
        ({"/projects": [{"odd": 1}]}, HarborError),
        ({"/labels": BROKEN}, ServerError),
        ({"/labels": [{"odd": 1}]}, HarborError),
        ({"/labels": ["odd"]}, HarborError),
        ({"/labels#1": LOST}, AuthenticationError),
    ],
)
def test_what_ends_the_run(replies: Mapping[str, Any], error: type[HarborError]) -> None:
    with pytest.raises(error):
        looked(TEXT, replies)


def test_what_was_not_understood_says_so() -> None:
    with pytest.raises(HarborError, match="reply was not understood: KeyError: 'name'") as caught:
        looked(TEXT, {"/projects": [{"odd": 1}]})
    assert caught.value.advice == "run again with -v, and report this"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (BROKEN, "label could not be read: GET /x: 500 oh"),
        (
            [{"id": 1}],
            "label could not be read: Harbor's reply was not understood: KeyError: 'name'",
        ),
    ],
)
def test_a_failure_within_a_project_stays_there(reply: Any, reason: str) -> None:
    live, _ = looked(TEXT, {"/labels#1": reply})
    assert live.failed == {"a": reason}
    found = make_plan(resolved(TEXT), live, bench())
    assert [
        str(change.address) for change in found.changes if change.action.value == "blocked"
    ] == [
        "project/a",
        "project/b",
    ]
    assert found.changes[1].reason == reason


def test_what_is_not_permitted_is_no_failure() -> None:
    live, _ = looked(TEXT, {"/labels#1": FORBIDDEN, "/labels": FORBIDDEN})
    assert live.failed == {}
    assert live.barred == {
        (None, "label"): "not permitted: no",
        ("a", "label"): "not permitted: no",
    }
    assert ("b", "label") in live.seen
    assert ("a", "label") not in live.seen


def test_an_export_leaves_nothing_out_silently() -> None:
    for reply in (BROKEN, FORBIDDEN):
        found, _ = workbench({"/labels#2": reply})
        with pytest.raises(HarborError):
            asyncio.run(read_everything(found))


# ---- stores --------------------------------------------------------------------------


def test_stores_that_cannot_be_read_are_told_with_their_places() -> None:
    text = """
    users:
      u: {email: a@b.cd, password: {env: MISSING_1}}
      v: {email: v@b.cd, password: {env: FINE}}
    robots: {r: {expires: 1d, permissions: {system: {project: [list]}}, secret: {env: MISSING_2}}}
    """
    permissions = {"system": [{"resource": "project", "action": "list"}], "project": []}
    with pytest.raises(DocumentError) as caught:
        looked(text, {"/permissions": permissions})
    assert caught.value.lines() == (
        "a.yaml:3:32: the environment variable MISSING_1 is not set (set it)",
        "a.yaml:5:77: the environment variable MISSING_2 is not set (set it)",
    )


# ---- policies ------------------------------------------------------------------------


def test_live_projects_are_looked_at_where_there_are_policies() -> None:
    text = 'policies: [{match: {name: "*"}, project: {quota: 1GiB}}]\nprojects: {a: {}}'
    found, api = workbench()
    desired, live = asyncio.run(look(document(text), found))
    assert {str(one.address) for one in desired.resources} == {
        f"project/{name}{rest}" for name in "abc" for rest in ("", "/quota")
    }
    assert set(live.places) == set("abc")
    assert api.asked.count("/projects") == 1


def test_without_policies_only_projects_in_files_are_looked_at() -> None:
    found, _ = workbench()
    desired, live = asyncio.run(look(document("projects: {a: {}}"), found))
    assert set(live.places) == {"a"}
    assert told(pure("projects: {a: {}}", *live.resources.values())) == []
    assert len(desired.resources) == 1
