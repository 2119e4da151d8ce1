"""A Harbor to run commands on, and a shell to run them in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.several import Several, serving
from cli.shell import Shell
from harborconf.simulator import Simulator

# What somebody's own environment says must not reach the tests.
_OURS = ("HARBOR", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_", "PYTHONIOENCODING", "_TYPER")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current directory, and an environment without settings."""
    for name in os.environ:
        if name.startswith(_OURS):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shell(folder: Path, capfd: pytest.CaptureFixture[str]) -> Shell:
    """Runs commands in this process."""
    return Shell(folder, capfd)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names a Harbor where none is."""
    monkeypatch.setenv("HARBOR_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("HARBOR_USERNAME", "admin")
    monkeypatch.setenv("HARBOR_PASSWORD", "Harbor12345")


@pytest.fixture
def harbor(nowhere: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """A Harbor that the environment names, with a password for new users."""
    del nowhere
    simulator = Simulator("2.15.2")
    with simulator.serve() as url:
        monkeypatch.setenv("HARBOR_URL", url)
        monkeypatch.setenv("PASSWORD", "Example1Word")
        yield simulator


@pytest.fixture
def several(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Several]:
    """One is as desired, one is not, one hangs, one refuses connections, and one lies."""
    with serving(shell, monkeypatch) as harbors:
        yield harbors
