"""The simulator as a server: connections, faults, counting, the end."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol

from harborconf.simulator import Reply, Simulator, drop, nth

API = "/api/v2.0"
BASIC = {"Authorization": "Basic YWRtaW46SGFyYm9yMTIzNDU="}


@contextmanager
def connected(url: str) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    try:
        yield connection
    finally:
        connection.close()


def ask(url: str, method: str, path: str, body: object = None) -> int:
    with connected(url) as connection:
        content = None if body is None else json.dumps(body)
        connection.request(method, API + path, content, BASIC)
        return connection.getresponse().status


def test_a_connection_is_used_again() -> None:
    with Simulator().serve() as url, connected(url) as connection:
        for method in ("GET", "HEAD", "GET"):
            connection.request(method, f"{API}/projects?project_name=library", headers=BASIC)
            reply = connection.getresponse()
            assert (reply.status, bool(reply.read())) == (200, method == "GET")


def test_replies_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[asyncio.BaseTransport] = []
    known = H11Protocol.connection_made

    def note(protocol: H11Protocol, transport: asyncio.Transport) -> None:
        made.append(transport)
        known(protocol, transport)

    monkeypatch.setattr(H11Protocol, "connection_made", note)
    with Simulator().serve() as url, connected(url) as connection:
        connection.request("GET", f"{API}/ping")
        connection.getresponse().read()
        (transport,) = made
        option = (socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert transport.get_extra_info("socket").getsockopt(*option)


def test_requests_are_counted_and_writes_apart() -> None:
    simulator = Simulator()
    with simulator.serve() as url:
        assert ask(url, "GET", "/projects?page_size=5") == 200
        assert ask(url, "POST", "/projects", {"project_name": "a"}) == 201
        assert ask(url, "POST", "/projects", {"project_name": "a"}) == 409
    write = ("POST", f"{API}/projects", 201)
    assert simulator.requests == [("GET", f"{API}/projects", 200), write, (*write[:2], 409)]
    assert simulator.writes == simulator.requests[1:]


def test_a_fault_before_a_request_leaves_it_undone() -> None:
    simulator = Simulator()
    simulator.state.before = nth(2, lambda: Reply(502), method="POST", path="/projects")
    with simulator.serve() as url:
        names = [ask(url, "POST", "/projects", {"project_name": name}) for name in "abc"]
    assert names == [201, 502, 201]
    assert simulator.state.projects.find("b") is None


def test_a_fault_after_a_request_leaves_it_done() -> None:
    simulator = Simulator()
    simulator.state.after = nth(1, lambda: Reply(504), method="POST")
    with simulator.serve() as url:
        assert ask(url, "POST", "/projects", {"project_name": "a"}) == 504
    assert simulator.state.projects.find("a")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_connection_is_cut(moment: str) -> None:
    simulator = Simulator()
    setattr(simulator.state, moment, nth(1, drop))
    with simulator.serve() as url:
        with pytest.raises(http.client.RemoteDisconnected):
            ask(url, "POST", "/projects", {"project_name": "a"})
        assert ask(url, "GET", "/projects") == 200
    assert simulator.requests[0] == ("POST", f"{API}/projects", 0)
    assert bool(simulator.state.projects.find("a")) is (moment == "after")


def test_a_hook_may_do_something_and_let_the_request_go_on() -> None:
    simulator = Simulator()
    simulator.state.sessions.open(1, time.time() + 60)
    simulator.state.before = nth(1, simulator.state.expire_sessions)
    with simulator.serve() as url:
        assert ask(url, "GET", "/projects") == 200
    assert len(simulator.state.sessions) == 0


def test_replies_wait_side_by_side() -> None:
    simulator = Simulator()
    simulator.state.latency = 0.1
    with simulator.serve() as url, ThreadPoolExecutor(10) as pool:
        begin = time.perf_counter()
        assert set(pool.map(lambda _: ask(url, "GET", "/ping"), range(10))) == {200}
        assert 0.1 <= time.perf_counter() - begin < 0.8


def test_quotas_are_slow_by_the_entry() -> None:
    simulator = Simulator()
    for number in range(9):
        simulator.state.add_project(f"p{number}")
    simulator.state.slow_quotas = 0.02
    with simulator.serve() as url:
        begin = time.perf_counter()
        assert ask(url, "GET", "/quotas") == 200
        assert time.perf_counter() - begin >= 0.2


def test_a_wrong_password_is_slow() -> None:
    simulator = Simulator(admin_password="Example1Word")
    simulator.state.login_delay = 0.1
    with simulator.serve() as url:
        begin = time.perf_counter()
        assert ask(url, "GET", "/users/current") == 401
        assert time.perf_counter() - begin >= 0.1


def test_after_the_end_nobody_answers_and_the_port_is_free() -> None:
    simulator = Simulator("v2.14.4")
    with simulator.serve() as url:
        assert ask(url, "GET", "/ping") == 200
    with pytest.raises(OSError, match="refused"):
        ask(url, "GET", "/ping")
    with simulator.serve(int(urlsplit(url).port or 0)) as again:
        assert again == url
        assert ask(again, "GET", "/systeminfo") == 200
    assert simulator.state.release == (2, 14, 4)
