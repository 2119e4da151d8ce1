"""Saved plans: files written in one piece and readable by their owner alone, and their review."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harborconf.cli.files import write_whole
from harborconf.errors import RefusedError, StaleError, UsageError
from harborconf.report.json import NotAPlanError, OtherFormatError, read_plan, render_plan
from harborconf.report.text import stale_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harborconf.cli.connect import Settings
    from harborconf.engine.plan import Plan
    from harborconf.engine.review import Difference

MOST_BYTES = 256 * 2**20


def save(plan: Plan, file: Path) -> None:
    """Write a plan: all of it or nothing, mode 0600.

    Raises:
        UsageError: it cannot be written.
    """
    write_whole(file, render_plan(plan) + "\n")


def load(file: Path) -> Plan:
    """The plan that was saved in a file; nothing but the file is needed.

    Raises:
        UsageError: the file cannot be read, or is no plan.
        RefusedError: somebody changed it.
        StaleError: it is of a format that this harborconf does not read.
    """
    try:
        with file.open("rb") as source:
            content = source.read(MOST_BYTES + 1)
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}"
        raise UsageError(message, advice=_AGAIN.format(shlex.quote(str(file)))) from error
    try:
        return read_plan(content if len(content) <= MOST_BYTES else b"{}")
    except OtherFormatError as error:
        raise StaleError(f"{file} {error}", advice="plan again with this harborconf") from error
    except NotAPlanError as error:
        kind = RefusedError if error.is_edited else UsageError
        raise kind(f"{file} {error}", advice=_AGAIN.format(shlex.quote(str(file)))) from error


_AGAIN = "make one with harborconf plan --out {}"


def command(file: Path) -> str:
    """What shows all of a saved plan."""
    return f"harborconf show {shlex.quote(str(file))}"


@dataclass(frozen=True, slots=True)
class Review:
    """A plan that was reviewed; `what` says which it is."""

    what: str
    plan: Plan

    def settings(self, settings: Settings) -> Settings:
        """The settings with what the plan was made for."""
        chosen = self.plan.selection
        return replace(
            settings,
            projects=chosen.projects,
            kinds=chosen.kinds,
            refresh_secrets=chosen.refresh_secrets,
            allowed=self.plan.allowed,
        )

    def check(self, found: Sequence[Difference]) -> None:
        """Refuse to go on where the plan does not hold any more.

        Raises:
            StaleError: it does not.
        """
        if found:
            message = f"{self.what} is stale, nothing was written"
            advice = "plan again, and have that reviewed"
            raise StaleError(message, stale_lines(found), advice=advice)


def check_selection(settings: Settings) -> None:
    """Refuse options that would change what a saved plan is for.

    Raises:
        UsageError: there is one.
    """
    if settings.projects or settings.kinds or settings.allowed or settings.refresh_secrets:
        message = "--project, --kind, --allow and --refresh-secrets do not go with --plan"
        raise UsageError(message, advice="they are in the plan: give them to `plan --out`")


def review(file: Path, settings: Settings) -> Review:
    """The plan in a file, to be applied.

    Raises:
        HarborconfError: it cannot be read, or is not one that can be applied.
    """
    check_selection(settings)
    plan = load(file)
    if not plan.complete:
        message = f"the plan in {file} is incomplete: it can be shown, not applied"
        raise RefusedError(message, advice="plan again")
    if plan.refusals:
        names = ", ".join(refusal.guard for refusal in plan.refusals)
        message = f"the plan in {file} is stopped by {names}: it can be shown, not applied"
        raise RefusedError(message, advice="plan again with --allow NAME")
    return Review(f"the plan in {file}", plan)
