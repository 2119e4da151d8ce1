"""The Harbors of the contract tests, and the count of what ran on which."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.counts import REAL as ON_REAL
from contract.counts import SIMULATED, SKIPPED, Counts
from contract.system import require_alone, restored
from contract.target import REAL, URL, VERSIONS, Target, emptied, fresh, real, simulated
from contract.tool import Tool

HERE = Path(__file__).parent.name
COUNTS = pytest.StashKey[Counts]()


def _harbors() -> list[object]:
    found: list[object] = [pytest.param(version, id=f"simulated-{version}") for version in VERSIONS]
    if os.environ.get(URL):
        found.append(pytest.param(REAL, id=REAL, marks=pytest.mark.real))
    return found


@pytest.fixture(scope="session", params=_harbors())
def harbor(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A Harbor that all tests share, in parts of their own: see `target`, `fresh`."""
    if request.param == REAL:
        yield real()
        return
    with simulated(request.param) as target:
        yield target


@pytest.fixture
def target(harbor: Target) -> Iterator[Target]:
    """A part of a Harbor of this test's own. What the test leaves behind is deleted."""
    with fresh(harbor) as own:
        yield own


@pytest.fixture
def own(harbor: Target) -> Iterator[Target]:
    """A whole Harbor of this test's own, to change for everybody.

    A simulated one can be broken too. A real one is put back afterwards.
    """
    if harbor.simulator is None:
        require_alone(harbor)
        with emptied(harbor), fresh(harbor) as part, restored(harbor):
            yield part
    else:
        with simulated(harbor.simulator.state.version) as target, fresh(target) as part:
            yield part


@pytest.fixture
def tool(target: Target, tmp_path: Path) -> Tool:
    """harborconf on `target`, as its administrator."""
    return Tool(target, tmp_path)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Begin to count."""
    counts = session.config.stash.setdefault(COUNTS, Counts(os.environ.get(URL, "")))
    counts.selected = sum(_is_contract(item.path) for item in session.items)
    session.config.pluginmanager.register(_Watch(counts), "contract-counts")


class _Watch:
    """Counts each contract test once."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not _is_contract(Path(report.location[0])):
            return
        if report.skipped:
            self.counts.found[SKIPPED] += 1
        elif report.when == "call":
            self.counts.found[ON_REAL if "real" in report.keywords else SIMULATED] += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.counts.selected:
            terminalreporter.section("contract")
            terminalreporter.line(str(self.counts))
        if self.counts.problem:
            terminalreporter.line(self.counts.problem, red=True)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.counts.problem:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_contract(path: Path) -> bool:
    return HERE in path.parts
