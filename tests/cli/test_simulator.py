"""`harborconf simulator`: a Harbor for any client, until Ctrl-C."""

from __future__ import annotations

import http.client
import re
import shlex
import socket
from base64 import b64encode
from urllib.parse import urlsplit

import pytest

from cli.shell import CTRL_C, Shell, terminal


def test_it_serves_until_ctrl_c(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal("simulator", "--port", "0", "--harbor-version", "2.14.4", "-v") as screen:
        screen.expect("Harbor 2.14.4 in memory, at ")
        screen.expect("/api/v2.0/projects\n")
        curl = shlex.split(screen.seen.splitlines()[-1])
        assert curl[:2] == ["curl", "-u"]
        assert _status(curl[3], curl[2]) == 200
        screen.expect("GET /api/v2.0/projects 200\n")

        for setting in re.findall(r"HARBOR_\w+=\S+", screen.seen):
            monkeypatch.setenv(*setting.split("=", 1))
        exported = shell.run("export", "live")
        planned = shell.run("plan", "live")
        assert (exported.code, planned.code) == (0, 0)
        assert "(Harbor 2.14.4) is as desired" in planned.out

        screen.type(CTRL_C)
        assert screen.wait() == 130
    assert "Traceback" not in screen.seen


def _status(url: str, credential: str) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    token = b64encode(credential.encode()).decode()
    try:
        connection.request("GET", parts.path, headers={"Authorization": f"Basic {token}"})
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_port_that_is_taken(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        ran = shell.run("simulator", "--port", port)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"error: port {port} of 127.0.0.1 is taken by another program\n"
        "       choose another with --port, or 0 for a free one\n"
    )


@pytest.mark.parametrize("version", ["2.12.4", "2.16.0", "3", "2.15.2-rc1", "latest", ""])
def test_a_version_that_it_cannot_be(shell: Shell, version: str) -> None:
    ran = shell.run("simulator", "--harbor-version", version)
    assert (ran.code, ran.out) == (1, "")
    assert f"there is no simulated Harbor `{version}`" in ran.err
    assert "2.13.x to 2.15.x" in ran.err
