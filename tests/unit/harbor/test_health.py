"""Waiting for a Harbor that is only starting."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme
from aiohttp import web

from harborconf.errors import TlsError, UnreachableError
from harborconf.harbor.health import wait_until_healthy
from unit.harbor.fake import Sleeps, answer, connection, serving


def health(**states: str) -> web.Response:
    known = {"core": "healthy", "database": "healthy", "redis": "healthy", **states}
    parts = [{"name": name, "status": status} for name, status in known.items()]
    return answer(200, {"components": parts, "status": "unhealthy"})


class Starting:
    """Answers these in turn, the last for ever; an exception hangs up."""

    def __init__(self, *answers: web.Response | None) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.path == "/api/v2.0/health"
        assert "Authorization" not in request.headers
        self.asked += 1
        made = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if made is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.Response(status=made.status, body=made.body, headers=made.headers)


def wait(server: Starting, seconds: float) -> Sleeps:
    sleeps = Sleeps()

    async def run() -> None:
        async with serving(server) as url:
            await wait_until_healthy(connection(url), seconds, sleep=sleeps)

    asyncio.run(run())
    return sleeps


def test_a_healthy_harbor_is_asked_once_whatever_the_portal_says() -> None:
    server = Starting(health(portal="unhealthy", jobservice="unhealthy"))
    assert wait(server, 0) == []
    assert server.asked == 1


def test_all_kinds_of_not_yet_are_waited_out() -> None:
    server = Starting(
        None,
        web.Response(status=502, text="<html>Bad Gateway"),
        web.Response(status=404, text="default backend"),
        answer(200, {"odd": 1}),
        health(redis="unhealthy"),
        health(),
    )
    assert wait(server, 60) == [2.0] * 5


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (health(redis="unhealthy", database="unhealthy"), "not healthy: database, redis"),
        (web.Response(status=502, text="<html>"), "an HTML page"),
        (answer(200, {"odd": 1}), "does not tell its health"),
    ],
)
def test_when_the_time_is_up_the_last_state_is_told(reply: web.Response, state: str) -> None:
    with pytest.raises(UnreachableError, match=f"is not ready after 0 s: .*{state}"):
        wait(Starting(reply), 0)


def test_a_bad_certificate_is_not_waited_for() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    async def run() -> None:
        async with serving(Starting(health()), context) as url:
            with pytest.raises(TlsError):
                await wait_until_healthy(connection(url), 60)

    asyncio.run(run())


def test_a_server_that_hangs_does_not_outlast_the_wait() -> None:
    async def hang(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    async def run() -> None:
        async with serving(hang) as url:
            with pytest.raises(UnreachableError, match="did not answer within 1 s"):
                await wait_until_healthy(connection(url), 0)

    asyncio.run(run())
