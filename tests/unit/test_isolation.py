"""Unit tests cannot reach the network, whatever they import."""

from __future__ import annotations

import asyncio
import socket

import pytest


@pytest.mark.parametrize("call", ["connect", "connect_ex", "bind"])
def test_a_socket_is_refused(call: str) -> None:
    with socket.socket() as sock, pytest.raises(AssertionError, match="opened a connection"):
        getattr(sock, call)(("127.0.0.1", 0))


def test_a_name_is_not_looked_up() -> None:
    with pytest.raises(AssertionError, match="opened a connection"):
        socket.getaddrinfo("localhost", 80)


def test_an_event_loop_runs_all_the_same() -> None:
    assert asyncio.run(asyncio.sleep(0, "done")) == "done"
