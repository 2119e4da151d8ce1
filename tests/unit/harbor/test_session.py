"""Logging in, proving who asks, losing the session and getting it back, logging out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from harborconf.errors import (
    AuthenticationError,
    HarborError,
    NotHarborError,
    NotPermittedError,
    ServerError,
)
from harborconf.harbor.connection import Bearer, Credential, Password
from harborconf.harbor.session import Session, open_session
from harborconf.harbor.transport import RequestEvent
from harborconf.kinds.resource import Server, Who
from harborconf.spec.secret import Secret
from unit.harbor.fake import FakeHarbor, answer, connection, refusal, serving

ADMIN = Password("admin", Secret("Right-1234"))
ROBOT = Password("robot$ci", Secret("Robot-1234"))
INFO, CURRENT, FORM, PROJECTS = (
    "GET /api/v2.0/systeminfo",
    "GET /api/v2.0/users/current",
    ["GET /c/login", "POST /c/login"],
    "GET /api/v2.0/projects",
)
LABEL = {"name": "x", "scope": "g"}
Use = Callable[[Session], Awaitable[Any]]


async def nothing(_: Session) -> None:
    pass


async def projects(session: Session) -> int:
    return len(await session.api.get("/projects", {"page_size": 100}))


def using(harbor: FakeHarbor, use: Use, credential: Credential = ADMIN, **options: Any) -> Any:
    """What comes of using a session; requests of logging in are forgotten."""

    async def run() -> Any:
        async with (
            serving(harbor) as url,
            open_session(connection(url, credential, **options)) as session,
        ):
            harbor.seen, opened = [], harbor.seen
            try:
                return await use(session)
            finally:
                harbor.seen = harbor.seen or opened

    return asyncio.run(run())


def test_a_user_gets_a_session_with_two_checks_of_the_password() -> None:
    harbor = FakeHarbor()
    seen: list[str] = []

    async def use(session: Session) -> None:
        assert session.who == Who("admin", is_system_admin=True, is_built_in=True)
        assert session.server == Server(session.server.url, (2, 13, 2), "db_auth")
        assert session.notices == ()
        assert await projects(session) == 25
        seen.extend(harbor.seen)

    using(harbor, use)
    assert harbor.checks == 2
    assert harbor.sessions == set()  # logged out
    assert seen[-1] == PROJECTS


@pytest.mark.parametrize(
    ("flags", "is_admin"),
    [({"sysadmin_flag": True}, True), ({"admin_role_in_auth": True}, True), ({}, False)],
)
def test_who_administers_harbor_by_a_group_of_the_provider_does(
    flags: dict[str, bool], *, is_admin: bool
) -> None:
    async def use(session: Session) -> None:
        assert session.who == Who("admin", is_system_admin=is_admin)

    using(FakeHarbor(user={"username": "admin", "user_id": 7, **flags}), use)


def opening(harbor: FakeHarbor, credential: Credential) -> list[str]:
    """The requests of opening and closing a session."""

    async def run() -> None:
        async with (
            serving(harbor) as url,
            open_session(connection(url, credential)),
        ):
            pass

    asyncio.run(run())
    return harbor.seen


@pytest.mark.parametrize(
    ("auth_mode", "credential", "requests"),
    [
        ("db_auth", ADMIN, [INFO, CURRENT, *FORM, INFO, "GET /c/log_out"]),
        ("ldap_auth", ADMIN, [INFO, CURRENT, *FORM, INFO, "GET /c/log_out"]),
        ("oidc_auth", ADMIN, [INFO, INFO, CURRENT, *FORM, INFO, "GET /c/log_out"]),
        ("db_auth", ROBOT, [INFO, CURRENT, INFO]),
        ("oidc_auth", ROBOT, [INFO, INFO, CURRENT, INFO]),
        ("oidc_auth", Bearer(Secret("a.b.c")), [INFO, CURRENT, INFO]),
    ],
)
def test_the_requests_of_opening_and_closing(
    auth_mode: str, credential: Credential, requests: list[str]
) -> None:
    harbor = FakeHarbor(auth_mode=auth_mode, tokens={"a.b.c"})
    assert opening(harbor, credential) == requests


@pytest.mark.parametrize(
    ("auth_mode", "credential", "complaint", "checks"),
    [
        ("db_auth", Password("admin", Secret("Wrong-1234")), "user name or password", 1),
        ("ldap_auth", Password("admin", Secret("Wrong-1234")), "user name or password", 1),
        ("oidc_auth", Password("admin", Secret("Wrong-1234")), "user name or password", 1),
        ("db_auth", Password("robot$ci", Secret("Wrong-1234")), "user name or password", 1),
        ("oidc_auth", Password("eve", Secret("Cli-1234")), "OIDC CLI secret", 2),
        ("oidc_auth", Bearer(Secret("old.token.x")), "Harbor refuses the token", 0),
        ("db_auth", Bearer(Secret("a.token.x")), "Harbor refuses the token", 0),
    ],
)
def test_a_bad_credential_is_tried_once(
    auth_mode: str, credential: Credential, complaint: str, checks: int
) -> None:
    harbor = FakeHarbor(auth_mode=auth_mode, cli_secrets={"eve": "Cli-1234"})
    with pytest.raises(AuthenticationError, match=complaint) as caught:
        using(harbor, nothing, credential)
    assert harbor.checks == checks
    assert harbor.logins == 0
    assert caught.value.advice
    assert "1234" not in caught.value.message + caught.value.advice


class SecureSid(FakeHarbor):
    """Only the session's own cookie is for https only."""

    async def controller(self, request: web.BaseRequest) -> web.Response:
        self.secure_cookies = request.method == "POST"
        return await super().controller(request)


@pytest.mark.parametrize(
    ("harbor", "why"),
    [
        (FakeHarbor(secure_cookies=True), "cookies are for https only"),
        (SecureSid(), "cookies are for https only"),
        (FakeHarbor(form_status=401), "the login form refused the user (401)"),
        (FakeHarbor(form_status=403), "the login form refused the user (403)"),
    ],
)
def test_where_no_session_can_be_had_the_password_goes_with_each_request(
    harbor: FakeHarbor, why: str
) -> None:
    async def use(session: Session) -> None:
        (notice,) = session.notices
        assert why in notice
        assert "basic auth" in notice
        assert await session.proven_read(lambda: projects(session)) == 25
        await session.api.post("/labels", LABEL)

    using(harbor, use)
    assert harbor.labels == ["made"]


def test_secure_cookies_over_http_are_seen_before_the_password_is_posted() -> None:
    harbor = FakeHarbor(secure_cookies=True)
    using(harbor, nothing)
    assert harbor.logins == 0


def test_a_session_that_never_holds_is_an_error_and_not_tried_again() -> None:
    harbor = FakeHarbor(keeps_sessions=False)
    with pytest.raises(AuthenticationError) as caught:
        using(harbor, nothing)
    assert harbor.logins == 1
    assert "Redis" in caught.value.advice


def lose(harbor: FakeHarbor) -> None:
    harbor.sessions.clear()


def test_a_session_lost_before_a_read_is_renewed() -> None:
    harbor = FakeHarbor()

    async def use(session: Session) -> None:
        lose(harbor)
        assert await session.proven_read(lambda: projects(session)) == 25

    using(harbor, use)
    assert harbor.logins == 2


def test_a_list_that_shrank_with_the_session_is_never_believed() -> None:
    harbor = FakeHarbor()

    async def use(session: Session) -> None:
        lose(harbor)
        assert await projects(session) == 25

    using(harbor, use)
    assert harbor.seen[:4] == [PROJECTS, *FORM, PROJECTS]


def test_what_was_read_across_two_sessions_is_read_again() -> None:
    harbor = FakeHarbor()
    reads = 0

    async def use(session: Session) -> None:
        async def read() -> int:
            nonlocal reads
            reads += 1
            if reads == 1:
                lose(harbor)
            return await projects(session)

        assert await session.proven_read(read) == 25

    using(harbor, use)
    assert reads == 2
    assert harbor.logins == 2


def test_a_session_lost_after_the_last_read_throws_it_away() -> None:
    harbor = FakeHarbor()
    reads = 0

    async def use(session: Session) -> None:
        async def read() -> int:
            nonlocal reads
            reads += 1
            found = await projects(session)
            if reads == 1:
                lose(harbor)
            return found

        assert await session.proven_read(read) == 25

    using(harbor, use)
    assert (reads, harbor.logins) == (2, 2)


def test_a_read_that_loses_the_session_twice_is_the_end() -> None:
    harbor = FakeHarbor()

    async def use(session: Session) -> None:
        async def read() -> int:
            found = await projects(session)
            lose(harbor)
            return found

        await session.proven_read(read)

    with pytest.raises(AuthenticationError, match="no longer believes"):
        using(harbor, use)
    assert harbor.logins == 2


def test_a_read_that_is_refused_is_tried_again_in_a_new_session() -> None:
    harbor = FakeHarbor()
    reads = 0

    async def use(session: Session) -> None:
        async def read() -> int:
            nonlocal reads
            reads += 1
            if reads == 1:
                message = "401"
                raise AuthenticationError(message)
            return await projects(session)

        assert await session.proven_read(read) == 25

    using(harbor, use)
    assert (reads, harbor.logins) == (2, 2)


def test_a_read_that_a_robot_may_not_make_is_not_tried_again() -> None:
    async def read() -> None:
        message = "401"
        raise AuthenticationError(message)

    async def use(session: Session) -> None:
        with pytest.raises(AuthenticationError, match="401"):
            await session.proven_read(read)

    using(FakeHarbor(), use, ROBOT)


def test_a_renewed_session_that_does_not_hold_is_the_end() -> None:
    harbor = FakeHarbor()

    async def use(session: Session) -> None:
        harbor.keeps_sessions = False
        lose(harbor)
        for _ in range(3):
            with pytest.raises(AuthenticationError, match="no longer believes"):
                await projects(session)

    using(harbor, use)
    assert harbor.logins == 2


def test_a_form_that_fails_is_harbors_failure() -> None:
    harbor = FakeHarbor(form_status=500)
    with pytest.raises(ServerError):
        using(harbor, nothing)


def test_a_robot_that_expires_while_reading_is_an_error() -> None:
    harbor = FakeHarbor()

    async def use(session: Session) -> None:
        assert session.who == Who("robot$ci", is_system_admin=False, is_robot=True)

        async def read() -> int:
            harbor.robots.clear()
            return await projects(session)

        await session.proven_read(read)

    with pytest.raises(AuthenticationError, match="no longer believes") as caught:
        using(harbor, use, ROBOT)
    assert "authentication, or Harbor's database" in caught.value.advice


def test_prove() -> None:
    harbor = FakeHarbor()

    async def use(session: Session) -> None:
        await session.prove()
        lose(harbor)
        with pytest.raises(AuthenticationError):
            await session.prove()

    using(harbor, use)


def test_another_user_is_no_proof() -> None:
    async def use(session: Session) -> None:
        harbor.before = lambda _: answer(200, {"username": "eve"})
        with pytest.raises(AuthenticationError):
            await session.prove()

    harbor = FakeHarbor()
    using(harbor, use)


def test_a_failing_harbor_is_not_called_a_bad_credential() -> None:
    async def use(session: Session) -> None:
        harbor.before = lambda _: refusal(500, "internal")
        with pytest.raises(ServerError):
            await session.proven_read(lambda: projects(session))

    harbor = FakeHarbor()
    using(harbor, use)


def test_an_error_of_the_read_itself_is_passed_on() -> None:
    async def read() -> None:
        message = "no"
        raise NotPermittedError(message, status=403, method="GET", path="/quotas")

    async def use(session: Session) -> None:
        with pytest.raises(NotPermittedError):
            await session.proven_read(read)

    using(FakeHarbor(), use)


def test_a_write_that_the_lost_session_refused_is_sent_again() -> None:
    harbor = FakeHarbor()

    async def use(session: Session) -> str:
        lose(harbor)
        reply = await session.api.post("/labels", LABEL)
        return str(reply.headers["location"])

    assert using(harbor, use) == "/api/v2.0/labels/7"
    assert harbor.labels == ["made"]
    assert harbor.logins == 2


def test_a_write_whose_csrf_token_ran_out_is_sent_again() -> None:
    harbor = FakeHarbor()

    async def use(session: Session) -> None:
        def once(request: web.BaseRequest) -> web.Response | None:
            if request.method != "POST" or harbor.logins > 1 or request.path == "/c/login":
                return None
            return refusal(403, "CSRF token invalid", "FORBIDDEN")

        harbor.before = once
        await session.api.post("/labels", LABEL)

    using(harbor, use)
    assert harbor.labels == ["made"]
    assert harbor.logins == 2


def test_another_403_is_no_lost_session() -> None:
    async def use(session: Session) -> None:
        harbor.before = lambda _: refusal(403, "forbidden")
        with pytest.raises(NotPermittedError):
            await session.api.post("/labels", LABEL)
        harbor.before = lambda _: None

    harbor = FakeHarbor()
    using(harbor, use)
    assert harbor.logins == 1


def test_requests_that_lose_the_session_together_log_in_once() -> None:
    harbor = FakeHarbor()

    async def use(session: Session) -> None:
        await session.prove()
        lose(harbor)
        assert await asyncio.gather(*(projects(session) for _ in range(20))) == [25] * 20

    using(harbor, use)
    assert harbor.logins == 2


def test_a_password_that_changed_is_tried_once_more_and_never_again() -> None:
    harbor = FakeHarbor()

    async def use(session: Session) -> None:
        harbor.users["admin"] = "Other-1234"
        lose(harbor)
        jobs = (session.api.get("/projects") for _ in range(20))
        errors = await asyncio.gather(*jobs, return_exceptions=True)
        assert {type(error) for error in errors} == {AuthenticationError}

    using(harbor, use)
    assert harbor.logins == 2


def test_another_credential_is_tried_without_the_cookie() -> None:
    async def use(session: Session) -> None:
        assert await session.api.accepts("admin", Secret("Right-1234")) is True
        assert await session.api.accepts("robot$ci", Secret("Robot-1234")) is True
        assert await session.api.accepts("robot$ci", Secret("Wrong-1234")) is False
        harbor.before = lambda _: refusal(500, "internal")
        assert await session.api.accepts("robot$ci", Secret("Robot-1234")) is None

    harbor = FakeHarbor()
    using(harbor, use)


@pytest.mark.parametrize(
    ("version", "parts", "notices"),
    [
        ("v2.13.2-436918f8", (2, 13, 2), 0),
        ("v2.15.2", (2, 15, 2), 0),
        ("2.14", (2, 14, 0), 0),
        ("v2.16.0-dev", (2, 16, 0), 1),
        ("v3.0.0", (3, 0, 0), 1),
    ],
)
def test_versions_that_are_worked_with(version: str, parts: tuple[int, ...], notices: int) -> None:
    async def use(session: Session) -> None:
        assert session.server.version == parts
        assert len(session.notices) == notices

    using(FakeHarbor(version=version), use)


@pytest.mark.parametrize("version", ["v2.12.4-a", "v1.10.0", "unknown", ""])
def test_versions_that_are_not(version: str) -> None:
    with pytest.raises(NotHarborError):
        using(FakeHarbor(version=version), nothing)


def test_no_verification_is_said_loudly() -> None:
    async def use(session: Session) -> None:
        (notice,) = session.notices
        assert "NOT VERIFIED" in notice

    using(FakeHarbor(), use, insecure=True)


@pytest.mark.parametrize(
    "other",
    [
        web.Response(text="<html><title>Welcome</title>", content_type="text/html"),
        web.Response(status=404, text="404 page not found"),
        web.Response(status=401, text="who are you?"),
        web.json_response({"kind": "Status"}),
        web.json_response([1]),
    ],
    ids=["page", "404", "401", "object", "list"],
)
def test_what_is_no_harbor_never_sees_the_credential(other: web.Response) -> None:
    async def serve(request: web.BaseRequest) -> web.StreamResponse:
        assert "Authorization" not in request.headers
        return web.Response(status=other.status, body=other.body, headers=other.headers)

    async def run() -> None:
        async with serving(serve) as url:
            with pytest.raises(NotHarborError):
                async with open_session(connection(url)):
                    pass

    asyncio.run(run())


def test_a_user_that_is_no_object() -> None:
    def odd(request: web.BaseRequest) -> web.Response | None:
        return answer(200, ["admin"]) if request.path.endswith("/current") else None

    with pytest.raises(NotHarborError):
        using(FakeHarbor(before=odd), nothing)


def test_logging_out_never_fails() -> None:
    async def use(_: Session) -> None:
        harbor.before = lambda _: web.Response(status=302, headers={"Location": "/elsewhere"})

    harbor = FakeHarbor()
    using(harbor, use)
    assert harbor.seen.count("GET /c/log_out") == 1


def test_requests_are_told_of() -> None:
    events: list[RequestEvent] = []

    async def run() -> None:
        async with (
            serving(FakeHarbor()) as url,
            open_session(connection(url), on_request=events.append),
        ):
            pass

    asyncio.run(run())
    told = "\n".join(repr(event) for event in events)
    assert len(events) == 6
    assert "Right-1234" not in told
    assert "sid" not in told


def test_an_error_inside_is_passed_on_and_logs_out() -> None:
    async def use(_: Session) -> None:
        message = "mine"
        raise HarborError(message)

    harbor = FakeHarbor()
    with pytest.raises(HarborError, match="mine"):
        using(harbor, use)
    assert harbor.sessions == set()
