"""A fleet of Harbors of which some are not well, to run commands on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from cli.shell import Ran, Shell
from harborconf.simulator import Reply, Request, Simulator

PASSWORDS = {"fine": "Fine1Password", "other": "Other2Password", "lying": "Lying3Password"}
ORDER = ["hanging", "fine", "refusing", "lying", "other"]


@dataclass
class Several:
    """Harbors of a fleet by name, and a place to run commands in."""

    shell: Shell
    harbors: dict[str, Simulator]
    urls: dict[str, str]

    def run(self, command: str, *more: str) -> Ran:
        return self.shell.run(command, "--fleet", "fleet.yaml", *more)

    def logged_in(self, name: str) -> bool:
        """Whether there is or was a session that has been used."""
        asked = [path for method, path, _ in self.harbors[name].requests if method == "POST"]
        return "/c/login" in asked and self.harbors[name].requests[-1][0] == "GET"

    def logged_out(self, name: str) -> bool:
        """Whether no session is left open there."""
        paths = [path for _, path, _ in self.harbors[name].requests]
        return paths.count("/c/log_out") == 1


@contextmanager
def serving(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Several]:
    """One is as desired, one is not, one hangs, one refuses connections, and one lies."""
    harbors = {
        name: Simulator("2.15.2", admin_password=password) for name, password in PASSWORDS.items()
    }
    with ExitStack() as stack:
        urls = {name: stack.enter_context(one.serve()) for name, one in harbors.items()}
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        urls["hanging"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        urls["refusing"] = "http://127.0.0.1:1"
        text = "defaults: {overlays: [base], username: admin}\ntargets:\n"
        for name in ORDER:
            monkeypatch.setenv(f"PASSWORD_{name}", PASSWORDS.get(name, "None4Password"))
            limit = "2s" if name == "hanging" else "20s"
            text += f"  {name}: {{url: '{urls[name]}', time_limit: {limit}, "
            text += f"password: {{env: PASSWORD_{name}}}}}\n"
        shell.write(text, "fleet.yaml")
        shell.write("projects: {library: {public: false}}", "base/all.yaml")
        library = harbors["fine"].state.projects.find("library")
        assert library
        library["metadata"]["public"] = "false"
        harbors["lying"].state.before = nonsense
        yield Several(shell, harbors, urls)


def nonsense(request: Request) -> Reply | None:
    """Something that no Harbor answers."""
    if request.path.startswith("/api/v2.0/projects"):
        return Reply(200, b'[{"nonsense": true}]')
    return None
