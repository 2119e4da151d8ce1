"""harborapi's methods, by path and by model, through the one seam."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from harborapi.models import GeneralInfo, OverallHealthStatus, ProjectReq, UserResp

from harborconf.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    NotHarborError,
    NotPermittedError,
)
from harborconf.harbor.client import Client
from harborconf.harbor.session import open_session
from unit.harbor.fake import FakeHarbor, answer, connection, paged, refusal, serving

HEALTH = {"status": "healthy", "components": [{"name": "core", "status": "healthy"}]}

READS: dict[str, Callable[[web.BaseRequest], web.Response]] = {
    "/health": lambda _: answer(200, HEALTH),
    "/labels": lambda request: paged(request, [{"id": number} for number in range(25)]),
    "/jobs/log": lambda _: web.Response(text="line 1\nline 2\n"),
    "/systeminfo/getcert": lambda _: web.Response(body=b"PEM"),
    "/system/gc/schedule": lambda _: answer(200),
    "/projects": lambda request: answer(200 if request.query["project_name"] == "library" else 404),
    "/status": lambda request: refusal(int(request.query["code"]), "Harbor's own words"),
}


class Harbor(FakeHarbor):
    """Answers some more paths; `sent` holds the writes."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str, Any]] = []

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v2.0")
        if path in READS and request.method in {"GET", "HEAD"}:
            return READS[path](request)
        if path.startswith("/c/") or request.method == "GET":
            return await super().__call__(request)
        assert request.headers["X-Harbor-CSRF-Token"]
        body = await request.json() if request.can_read_body else None
        self.sent.append((request.method, request.path_qs, body))
        return answer(201 if request.method == "POST" else 200, Location=f"{request.path}/9")


def with_client(use: Callable[[Client], Awaitable[Any]], harbor: Harbor | None = None) -> Any:
    async def run() -> Any:
        async with (
            serving(harbor or Harbor()) as url,
            open_session(connection(url)) as session,
        ):
            return await use(session.client())

    return asyncio.run(run())


def test_a_list_comes_whole_as_plain_values() -> None:
    expected = [{"id": number} for number in range(25)]
    assert with_client(lambda api: api.get("/labels", {"scope": "g", "page_size": 10})) == expected
    assert with_client(lambda api: api.get("/labels")) == expected
    assert with_client(lambda api: api.get("/labels", limit=3)) == expected[:3]
    assert len(with_client(lambda api: api.get("/labels", follow_links=False))) == 10


def test_a_reply_without_a_body_is_empty_text() -> None:
    assert with_client(lambda api: api.get("/system/gc/schedule")) == ""


def test_writes_by_path() -> None:
    harbor = Harbor()

    async def use(api: Client) -> None:
        reply = await api.post("/projects", {"project_name": "a"}, {"X-Is-Resource-Name": "true"})
        assert reply.headers["LOCATION"] == reply.headers["location"] == "/api/v2.0/projects/9"
        assert not reply.json()
        await api.put("/quotas/3", {"hard": {"storage": 5}})
        await api.patch("/robots/4", {"secret": "x"})
        await api.delete("/labels/5")

    with_client(use, harbor)
    assert harbor.sent == [
        ("POST", "/api/v2.0/projects", {"project_name": "a"}),
        ("PUT", "/api/v2.0/quotas/3", {"hard": {"storage": 5}}),
        ("PATCH", "/api/v2.0/robots/4", {"secret": "x"}),
        ("DELETE", "/api/v2.0/labels/5", None),
    ]


@pytest.mark.parametrize(
    ("code", "kind"),
    [(400, InvalidError), (403, NotPermittedError), (404, NotFoundError), (412, ConflictError)],
)
def test_refusals_are_our_errors(code: int, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="Harbor's own words"):
        with_client(lambda api: api.get("/status", {"code": code}))


def test_methods_with_models() -> None:
    harbor = Harbor()

    async def use(api: Client) -> None:
        health = await api.health_check()
        assert isinstance(health, OverallHealthStatus)
        assert health.status == "healthy"
        assert isinstance(user := await api.get_current_user(), UserResp)
        assert user.username == "admin"
        assert isinstance(info := await api.get_system_info(), GeneralInfo)
        assert info.auth_mode == "db_auth"
        labels = await api.get_labels(page_size=10, limit=15)
        assert [label.id for label in labels] == list(range(15))
        made = await api.create_project(ProjectReq(project_name="a", storage_limit=5))
        assert made == "/api/v2.0/projects/9"
        assert await api.project_exists("library")
        assert not await api.project_exists("nowhere")
        assert await api.exists("/projects", {"project_name": "library"})
        assert not await api.exists("/projects", {"project_name": "nowhere"})
        assert bytes(await api.get_system_certificate()) == b"PEM"
        assert await api.get_text("/jobs/log") == "line 1\nline 2\n"

    with_client(use, harbor)
    assert harbor.sent == [
        ("POST", "/api/v2.0/projects", {"project_name": "a", "storage_limit": 5})
    ]


def test_a_reply_that_fits_no_model_is_our_error_and_names_the_field_only() -> None:
    harbor = Harbor()

    async def use(api: Client) -> None:
        harbor.before = lambda _: answer(200, {"username": ["Hidden-1234"]})
        await api.get_current_user()

    with pytest.raises(NotHarborError, match="no UserResp: username") as caught:
        with_client(use, harbor)
    assert "Hidden" not in caught.value.message


def test_no_httpx_client_is_opened_and_no_replies_are_kept() -> None:
    async def use(api: Client) -> None:
        await api.get("/labels")
        assert vars(api)["client"] is None
        assert len(api.response_log) == 0

    with_client(use)
