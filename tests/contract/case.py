"""A simulated Harbor with one of everything, a file that changes all of it, and faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contract.filled import fill
from contract.target import Target, fresh
from contract.tool import Tool, said
from harborconf.errors import HarborError
from harborconf.simulator import Reply, Request, State

Hook = Callable[[Request], Reply | None]
VERSION = "2.15.2"
DOCUMENT = """
    labels: {{{me}-label: {{description: other}}}}
    robots: {{{me}-bot: {{description: other}}}}
    users: {{{me}-ann: {{comment: other}}}}
    projects:
      {me}-team:
        public: true
        quota: 2GiB
        members: {{users: {{admin: admin, {me}-ann: guest}}, groups: {{{me}-devs: guest}}}}
        labels: {{mine: {{description: other}}}}
        robots: {{ci: {{description: other}}}}
        retention: {{schedule: weekly}}
        immutable_tags: []
      {me}-new: {{labels: {{mine: {{}}}}}}
"""
CHANGES = 13


@dataclass
class Case:
    """A filled part of a Harbor, and harborconf on it."""

    target: Target
    tool: Tool

    @property
    def text(self) -> str:
        """What is desired: a change to everything, and a new project."""
        return DOCUMENT.format(me=self.target.prefix)

    @property
    def state(self) -> State:
        """What the Harbor holds."""
        assert self.target.simulator is not None
        return self.target.simulator.state

    @contextmanager
    def with_fault(self, hook: Hook | None) -> Iterator[None]:
        """Let something happen before requests."""
        self.state.before = hook
        try:
            yield
        finally:
            self.state.before = None
            self.state.redis_down = self.state.database_down = False


@contextmanager
def case(alone: Target, folder: Path) -> Iterator[Case]:
    """A case, cleaned away."""
    folder.mkdir(exist_ok=True)
    with fresh(alone) as target:
        fill(target)
        yield Case(target, Tool(target, folder))


def planned(tool: Tool, text: str, expected: list[str]) -> bool:
    """Whether there is a plan, which is then right; else the error says what to do."""
    try:
        found = said(tool.plan(text))
    except HarborError as caught:
        error = caught
    else:
        assert found == expected
        return True
    assert error.advice, error.lines()
    return False
