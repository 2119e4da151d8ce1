"""Requests over real sockets: repeats, limits, redirects, proxies, what is told of them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import web

from harborconf.errors import HarborError, NotHarborError, UnreachableError
from harborconf.harbor import transport as module
from harborconf.harbor.transport import RequestEvent, Transport
from harborconf.spec.secret import Secret
from unit.harbor.fake import Handler, Sleeps, answer, connection, serving

Drop = ConnectionResetError


class Script:
    """Answers with these statuses in turn, the last for ever; Drop hangs up instead."""

    def __init__(self, *answers: int | type[Drop], **headers: str) -> None:
        self.answers = list(answers)
        self.headers = headers
        self.seen: list[tuple[str, str, bytes]] = []

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append((request.method, request.path_qs, await request.read()))
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(status, int):
            return answer(status, {"status": status}, **self.headers)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@asynccontextmanager
async def sending(url: str, **options: Any) -> AsyncIterator[tuple[Transport, Sleeps]]:
    sleeps = Sleeps()
    events = options.pop("on_request", None)
    transport = Transport(connection(url, **options), on_request=events, sleep=sleeps)
    try:
        yield transport, sleeps
    finally:
        await transport.close()


async def outcome(script: Script, method: str) -> int | str:
    """The status that comes of it, or the error's name."""
    async with serving(script) as url, sending(url) as (transport, sleeps):
        try:
            response = await transport.send(method, "/x", json={"a": 1})
        except HarborError as error:
            return type(error).__name__
        finally:
            assert len(sleeps) >= len(script.seen) - 1
        return response.status_code


@pytest.mark.parametrize(
    ("method", "answers", "result", "requests"),
    [
        ("GET", [200], 200, 1),
        ("GET", [503, 200], 200, 2),
        ("GET", [429, 502, 504, 200], 200, 4),
        ("GET", [503], 503, 4),
        ("GET", [500, 200], 500, 1),
        ("GET", [404], 404, 1),
        ("GET", [Drop, 200], 200, 2),
        ("GET", [Drop], "UnreachableError", 4),
        ("PUT", [Drop, 503, 200], 200, 3),
        ("PATCH", [Drop, 200], 200, 2),
        ("DELETE", [503, 200], 200, 2),
        ("DELETE", [Drop, 404], 200, 2),
        ("DELETE", [502, 404], 200, 2),
        ("DELETE", [429, 404], 404, 2),
        ("DELETE", [404], 404, 1),
        ("POST", [429, 201], 201, 2),
        ("POST", [503, 201], 503, 1),
        ("POST", [Drop, 201], "UnreachableError", 1),
    ],
)
def test_what_is_repeated(
    method: str, answers: list[int | type[Drop]], result: int | str, requests: int
) -> None:
    script = Script(*answers)
    assert asyncio.run(outcome(script, method)) == result
    assert len(script.seen) == requests
    assert {body for _, _, body in script.seen} == {b'{"a": 1}'}


def test_retry_after_is_obeyed() -> None:
    async def run() -> None:
        script = Script(503, 200, Retry_After="3")
        async with serving(script) as url, sending(url) as (transport, sleeps):
            await transport.send("GET", "/x")
        assert [round(wait) for wait in sleeps] == [3]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "headers", "all_wait"),
    [(429, {}, True), (503, {"Retry_After": "3"}, True), (503, {}, False)],
)
def test_who_is_told_to_slow_down_slows_down_altogether(
    status: int, headers: dict[str, str], all_wait: bool
) -> None:
    async def run() -> None:
        script = Script(status, 200, **headers)
        async with serving(script) as url, sending(url) as (transport, sleeps):
            await transport.send("GET", "/x")
            await transport.send("GET", "/y")
        assert len(sleeps) == (2 if all_wait else 1)  # the time of these sleeps does not pass

    asyncio.run(run())


def test_requests_begin_as_far_apart_as_was_asked() -> None:
    async def run() -> None:
        async with serving(Script(200)) as url, sending(url, max_rps=0.5) as (transport, sleeps):
            await asyncio.gather(*(transport.send("GET", "/x") for _ in range(4)))
        assert [round(wait) for wait in sleeps] == [2, 4, 6]

    asyncio.run(run())


def test_fewer_go_at_once_to_a_harbor_that_has_too_much_to_do() -> None:
    now = 0
    most: list[int] = []

    async def busy(_: web.BaseRequest) -> web.StreamResponse:
        nonlocal now
        now += 1
        most.append(now)
        await asyncio.sleep(0.01)
        now -= 1
        return answer(503 if len(most) < 30 else 200)

    async def run() -> None:
        async with serving(busy) as url, sending(url, concurrency=16) as (transport, _):
            await asyncio.gather(*(transport.send("GET", "/x", attempts=9) for _ in range(8)))

    asyncio.run(run())
    assert max(most[:4]) == 4
    assert max(most[20:29]) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_is_tried_again_whatever_was_to_be_sent(method: str) -> None:
    async def run() -> None:
        async with serving(Script(200)) as url:
            pass  # it closes, and nobody listens on its port
        async with sending(url) as (transport, sleeps):
            with pytest.raises(
                UnreachableError, match=f"{url} cannot be reached: Connection refused"
            ) as caught:
                await transport.send(method, "/x")
            assert caught.value.__cause__ is not None
            assert len(sleeps) == 3
            assert sum(sleeps) < 5

    asyncio.run(run())


async def never(_: web.BaseRequest) -> web.StreamResponse:
    await asyncio.sleep(60)
    return web.Response()


def test_a_request_takes_no_longer_than_its_timeout_and_is_not_repeated() -> None:
    async def run() -> None:
        events: list[RequestEvent] = []
        async with (
            serving(never) as url,
            sending(url, timeout=0.05, on_request=events.append) as (transport, sleeps),
        ):
            with pytest.raises(UnreachableError, match=r"did not answer within 0.05 s"):
                await transport.send("GET", "/x")
            assert sleeps == []
        assert [(event.path, event.status) for event in events] == [("/x", 0)]
        assert str(events[0]).startswith("GET /x no reply ")

    asyncio.run(run())


def test_waiting_for_a_connection_is_no_part_of_the_timeout() -> None:
    now = most = 0

    async def slow(_: web.BaseRequest) -> web.StreamResponse:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.05)
        now -= 1
        return answer(200)

    async def run() -> None:
        async with serving(slow) as url, sending(url, timeout=0.3, concurrency=2) as (send, _):
            await asyncio.gather(*(send.send("GET", "/x") for _ in range(20)))

    asyncio.run(run())
    assert most == 2


@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("https://real.example.com/api/v2.0/projects?state=Hidden-1", "https://real.example.com"),
        ("/login?next=Hidden-1", "/login"),
        ("", "nowhere"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int, location: str, place: str) -> None:
    async def run() -> None:
        script = Script(status, Location=location)
        async with serving(script) as url, sending(url) as (transport, _):
            with pytest.raises(NotHarborError) as caught:
                await transport.send("GET", "/x")
            assert caught.value.message == f"{url} redirects to {place}"
            assert "own URL" in caught.value.advice
            assert len(script.seen) == 1

    asyncio.run(run())


def test_events_tell_path_and_query_and_nothing_secret() -> None:
    async def run() -> None:
        events: list[RequestEvent] = []
        async with (
            serving(Script(503, 200)) as url,
            sending(url, on_request=events.append) as (transport, _),
        ):
            await transport.send(
                "GET",
                "/x",
                params={"q": "Level=project,ProjectID=3", "deep": True, "none": None, "n": 5},
                headers={"Authorization": "Basic Hidden-1234"},
            )
        shown = [str(event) for event in events]
        assert shown[0].startswith("GET /x?q=Level%3Dproject,ProjectID%3D3&deep=true&n=5 503 ")
        assert shown[1].endswith("ms (attempt 2)")
        assert "Hidden" not in "".join(shown + [repr(event) for event in events])

    asyncio.run(run())


def test_the_program_names_itself() -> None:
    agents: list[str] = []

    async def note(request: web.BaseRequest) -> web.StreamResponse:
        agents.append(request.headers["User-Agent"])
        return answer(200)

    async def run() -> None:
        async with serving(note) as url, sending(url) as (transport, _):
            await transport.send("GET", "/x")

    asyncio.run(run())
    assert agents[0].startswith("harborconf/")


async def raw_answer(data: bytes) -> str:
    """What comes of a server that answers with these bytes and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, sending(f"http://127.0.0.1:{port}") as (transport, _):
        with pytest.raises(HarborError) as caught:
            await transport.send("GET", "/x", headers={"Authorization": "Basic Hidden-1234"})
    assert "Hidden" not in str(caught.value)
    return f"{type(caught.value).__name__}: {caught.value.message}"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "NotHarborError: what answers at"),
        (b"", "closed the connection without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "UnreachableError: "),
    ],
)
def test_what_is_no_proper_answer(data: bytes, complaint: str) -> None:
    assert complaint in asyncio.run(raw_answer(data))


def test_http_goes_through_a_proxy_with_its_password() -> None:
    seen: list[tuple[str, str]] = []

    async def proxy(request: web.BaseRequest) -> web.StreamResponse:
        seen.append((request.raw_path, request.headers.get("Proxy-Authorization", "")))
        return answer(200, {"via": "proxy"})

    async def run() -> None:
        async with serving(proxy) as url:
            named = Secret(url.replace("http://", "http://bob:Pass-1@"))
            async with sending("http://harbor.test", proxy=named) as (transport, _):
                assert (await transport.send("GET", "/x")).json() == {"via": "proxy"}

    asyncio.run(run())
    expected = base64.b64encode(b"bob:Pass-1").decode()
    assert seen == [("http://harbor.test/x", f"Basic {expected}")]


@pytest.mark.parametrize(
    ("handler", "complaint"),
    [
        (Script(407), "the proxy does not let through to https://harbor.test: 407"),
        (None, "the proxy on the way to https://harbor.test cannot be reached: Connection refused"),
    ],
)
def test_a_proxy_that_fails_is_named_as_such(handler: Handler | None, complaint: str) -> None:
    async def run() -> None:
        async with serving(handler or Script(200)) as url:
            if handler:
                await attempt(url)
        if not handler:
            await attempt(url)

    async def attempt(url: str) -> None:
        named = Secret(url.replace("http://", "http://bob:Hidden-1@"))
        async with sending("https://harbor.test", proxy=named) as (transport, _):
            with pytest.raises(UnreachableError, match=complaint) as caught:
                await transport.send("GET", "/x")
            assert "NO_PROXY" in caught.value.advice
            assert "Hidden" not in caught.value.message

    asyncio.run(run())


def test_netrc_adds_no_credential(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "netrc"
    file.write_text("default login bob password Hidden-1234\n")
    monkeypatch.setenv("NETRC", str(file))
    headers: list[dict[str, str]] = []

    async def note(request: web.BaseRequest) -> web.StreamResponse:
        headers.append(dict(request.headers))
        return answer(200)

    async def run() -> None:
        async with serving(note) as url, sending(url) as (transport, _):
            await transport.send("GET", "/x", headers={"Cookie": "sid=1"})

    asyncio.run(run())
    assert "Authorization" not in headers[0]


async def endless(request: web.BaseRequest) -> web.StreamResponse:
    """Goes on and on."""
    reply = web.StreamResponse()
    await reply.prepare(request)
    with suppress(ConnectionError):
        while True:
            await reply.write(bytes(2**16))
    return reply


def test_a_reply_without_an_end_is_not_taken_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 2**20)

    async def run() -> None:
        async with serving(endless) as url, sending(url) as (transport, _):
            with pytest.raises(NotHarborError, match="answers with more than 1 MiB"):
                await transport.send("GET", "/x")

    asyncio.run(run())
