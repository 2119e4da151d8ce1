"""What holds for every test: the search of hypothesis, and no sockets in unit tests."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from summary import LINES

TESTS = Path(__file__).parent
UNIT = TESTS / "unit"
# They talk HTTP to a server of their own on loopback.
WITH_SOCKETS = (UNIT / "harbor", UNIT / "simulator", UNIT / "stores")

# A slow machine is no failure. CI searches the same examples each time, people new ones.
settings.register_profile("people", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "people")


@pytest.fixture(autouse=True)
def no_sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a unit test that reaches for the network.

    A pair of connected sockets is let through: every event loop has one.
    """
    path = request.path
    if not path.is_relative_to(UNIT) or any(path.is_relative_to(free) for free in WITH_SOCKETS):
        return

    def refuse(*_: object) -> NoReturn:
        message = "a unit test opened a connection"
        raise AssertionError(message)

    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures that tests have told."""
    if LINES:
        terminalreporter.section("figures")
    for title, text in LINES.items():
        terminalreporter.write_line(f"{title}: {text}")
