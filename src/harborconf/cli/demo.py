"""`harborconf demo`: the whole round on a simulated Harbor."""

from __future__ import annotations

import contextlib
import importlib.resources
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from harborconf.cli import apply, plan, validate, why, work
from harborconf.cli.connect import Settings
from harborconf.cli.console import show
from harborconf.cli.simulator import HarborVersion, version_of
from harborconf.cli.tampering import Hand, tamperings
from harborconf.engine.load import load
from harborconf.engine.resolve import resolve
from harborconf.engine.why import why as settings_of
from harborconf.errors import RefusedError, UsageError
from harborconf.kinds.credentials import generate
from harborconf.spec.reference import Env, File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harborconf.engine.plan import Plan
    from harborconf.engine.resolve import DesiredState
    from harborconf.simulator import Simulator
    from harborconf.spec.address import Address

DESIRED = Path("desired")
_LINES = 30


def demo(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="DIRECTORY", help="Apply this instead of the example."),
    ] = None,
    harbor_version: HarborVersion = "2.15",
) -> None:
    """See the whole round, on a simulated Harbor.

    Applies an example, changes things behind harborconf's back, shows the drift and corrects
    it, with the very code of plan and apply. Takes seconds and leaves nothing behind.

    Exit code: 0 if every plan was as it must be, else 1.
    """
    from harborconf.simulator import ADMIN_PASSWORD, Simulator  # noqa: PLC0415 - a web server

    simulator = Simulator(version_of(harbor_version))
    with (
        _configuration(directory) as source,
        simulator.serve() as url,
        tempfile.TemporaryDirectory(prefix="harborconf-demo-") as place,
        contextlib.chdir(place),
    ):
        DESIRED.symlink_to(source)
        state = resolve(load([DESIRED]))
        environ = {
            "HARBOR_URL": url,
            "HARBOR_USERNAME": "admin",
            "HARBOR_PASSWORD": ADMIN_PASSWORD,
            **_passwords(state),
        }
        settings = Settings((DESIRED,), environ=environ)
        _say(f"Harbor {simulator.state.version} in memory, empty, at {url}")
        _Demo(settings, simulator).play(state, Hand(url, "admin", ADMIN_PASSWORD))
        _heading("Your turn")
        _say(f"  cp -r {source} desired", "the configuration above")
        _say("  harborconf simulator", "a Harbor to try it on")


@contextlib.contextmanager
def _configuration(directory: Path | None) -> Iterator[Path]:
    """The directory given, or the example that comes with harborconf."""
    if directory is not None:
        if not directory.is_dir():
            message = f"{directory} is no directory"
            raise UsageError(message, advice="name one with YAML files, or none for the example")
        yield directory.resolve()
        return
    with importlib.resources.as_file(importlib.resources.files("harborconf") / "example") as path:
        if not path.is_dir():
            message = "this harborconf comes without its example"
            raise UsageError(message, advice="name a directory with YAML files")
        yield path


def _passwords(state: DesiredState) -> dict[str, str]:
    """A password wherever the YAML says that one lives; robots' secrets harborconf makes."""
    environ: dict[str, str] = {}
    for desired in state.resources:
        for path, reference in desired.fields.items():
            match reference:
                case Env(name=name):
                    environ.setdefault(name, generate().reveal())
                case File(path=file) if path.endswith("password"):
                    Path(file).parent.mkdir(parents=True, exist_ok=True)
                    Path(file).write_text(generate().reveal(), encoding="utf-8")
    return environ


class _Demo:
    def __init__(self, settings: Settings, simulator: Simulator) -> None:
        self.settings = settings
        self.simulator = simulator

    def play(self, state: DesiredState, hand: Hand) -> None:
        paths = list(self.settings.paths)
        _act("Check the files, without any Harbor", "validate")
        validate.validate(paths)

        _act("Show what would change, and do it", "apply --yes")
        self.apply(most=_LINES)

        _act("Ask again: everything is as desired", "plan")
        settled = self.plan(work.NOTHING)

        _heading("Meanwhile, in Harbor's own pages, people ...")
        drift = tamperings(state)
        for one in drift:
            one.do(hand)
            _say(f"  {one.told}")

        _act("What is not as desired any more?", "plan")
        drifted = self.plan(work.CHANGES)
        if _told(drifted) - _told(settled) != {one.address for one in drift}:
            raise _failure("the plan does not tell what was done by hand")

        field = _most_layered(state, drifted)
        _act("Which file and line says so?", f"why {field}")
        why.why(field, paths)

        _act("Correct it", "apply --yes")
        self.apply()

        _act("And again: everything is as desired", "plan")
        self.plan(work.NOTHING)

    def apply(self, most: int | None = None) -> None:
        outcome = apply.run(self.settings, yes=True, most=most)
        if outcome.signal:
            raise typer.Exit(outcome.exit_code)
        if outcome.exit_code or not outcome.result.done:
            raise _failure("something was not applied")

    def plan(self, expected: int) -> Plan:
        asked, written = len(self.simulator.requests), len(self.simulator.writes)
        made = plan.run(self.settings)
        asked = len(self.simulator.requests) - asked
        written = len(self.simulator.writes) - written
        code = work.exit_code(made)
        _say("", f"exit code {code}, {asked} requests, {written} writes")
        if (code, written) != (expected, 0):
            raise _failure(f"plan must end with {expected} and write nothing")
        return made


def _told(made: Plan) -> set[Address]:
    """Every address that a plan names as not desired."""
    return {change.address for change in made.changes} | set(made.extras)


def _most_layered(state: DesiredState, made: Plan) -> str:
    """The address of the changed field that most layers set; the first of equals."""
    fields = [(change.address, field.path) for change in made.changes for field in change.fields]
    address, path = max(fields, key=lambda field: len(settings_of(state, *field)))
    return address.field(path)


def _failure(what: str) -> RefusedError:
    return RefusedError(f"the demo failed: {what}", advice="please report it with this output")


def _say(text: str, remark: str = "") -> None:
    line = Text(f"{text}  " if text and remark else text)
    show([line.append(f"# {remark}" if remark else "", "dim")])


def _heading(text: str) -> None:
    show([Text(), Text(f"# {text}", "bold cyan")])


def _act(heading: str, command: str) -> None:
    """A heading, and what a user would type for what follows."""
    _heading(heading)
    show([Text("$ ", "bold cyan").append(f"harborconf {command}", "bold")])
