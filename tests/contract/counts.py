"""How many contract tests ran where, and whether that is enough."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

REAL, SIMULATED, SKIPPED = "on a real Harbor", "simulated", "skipped"


@dataclass
class Counts:
    """What became of the contract tests of one run. `url` names a real Harbor, or is empty."""

    url: str
    selected: int = 0
    found: Counter[str] = field(default_factory=Counter)

    @property
    def problem(self) -> str:
        """Why the run has failed whatever its tests say, or nothing."""
        if self.url and self.selected and not self.found[REAL]:
            return f"HARBORCONF_TEST_URL names {self.url}, and no contract test ran there"
        return ""

    def __str__(self) -> str:
        parts = [f"{self.found[where]} {where}" for where in (REAL, SIMULATED, SKIPPED)]
        where = f" ({self.url})" if self.url else " (HARBORCONF_TEST_URL names none)"
        return f"contract tests: {parts[0]}{where}, {', '.join(parts[1:])}"
