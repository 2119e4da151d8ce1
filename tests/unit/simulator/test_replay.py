"""The simulator answers what a real Harbor answered, under other names and numbers."""

from __future__ import annotations

import pytest

from unit.simulator.exchanges import FOLDER, load
from unit.simulator.replay import Replay, fill, simulator

VERSIONS = ("2.13.2", "2.15.2")
# What begins with an installation that is new.
RECORDINGS = (
    "groups",
    "operations",
    "registries",
    "services",
    "system",
)
# What was recorded and is not replayed, with the reason.
LEFT_OUT = {
    "tries of a registry, what its adapter can do, runs of replications": "not simulated",
    "replication adapters, audit log": "not simulated",
    "runs of gc, purge and scan-all": "nothing is run; their schedules are replayed",
    "artifacts": "content exists only so that a project is not empty",
    "executions": "nothing is run; GET before the first one is replayed",
    "job service, scans, security hub, LDAP, OIDC, search, volumes": "not simulated",
    "registry's own API and tokens (/v2, /service/token)": "not simulated",
    "health with broken components": "the simulator's are always healthy",
}
SMALLEST = {"2.13.2": "team-p0063", "2.15.2": "team-p0070"}


@pytest.mark.parametrize("shift", [0, 7])
@pytest.mark.parametrize("version", VERSIONS)
def test_configuration(version: str, shift: int) -> None:
    found = simulator(version, shift)
    fill(found, SMALLEST[version])
    check(Replay(found), f"v{version}")


@pytest.mark.parametrize("shift", [0, 7])
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("recording", RECORDINGS)
def test_recording(recording: str, version: str, shift: int) -> None:
    check(Replay(simulator(version, shift)), f"{recording}-v{version}")


def check(replay: Replay, name: str) -> None:
    failures = []
    for number, exchange in enumerate(load(name), 1):
        found = replay.step(exchange)
        if found:
            title = f"{name}:{number} {exchange['method']} {exchange['path']}"
            failures.append("\n  ".join([title, *found]))
    assert failures == [], "\n".join(failures)


def test_every_recording_is_replayed() -> None:
    names = {f"{kind}-v{version}" for kind in RECORDINGS for version in VERSIONS}
    names |= {f"v{version}" for version in VERSIONS}
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == names
    assert sum(len(load(name)) for name in names) > 800


def test_every_omission_has_a_reason() -> None:
    assert all(LEFT_OUT.values())
