"""Options that several commands share."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from harborconf.cli.console import check_terminal, note
from harborconf.engine.fleet import Target, load_fleet
from harborconf.engine.guard import BY_GUARD
from harborconf.engine.resolve import unknown_kinds
from harborconf.errors import UsageError
from harborconf.kinds.catalog import BY_NAME
from harborconf.spec.value import read_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SELECTION, CONNECTION = "What to look at", "How to reach Harbor"
FORMATS = ("text", "json", "markdown", "html")

Paths = Annotated[
    list[Path] | None,
    typer.Argument(metavar="PATH", help="Files and directories to read. [default: desired]"),
]
Fleet = Annotated[
    Path | None,
    typer.Option(
        "--fleet",
        metavar="FILE",
        help="Do it for each Harbor that FILE names, instead of PATH.",
        rich_help_panel=SELECTION,
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="GLOB",
        help="Only these Harbors of the fleet; repeatable.",
        rich_help_panel=SELECTION,
    ),
]
Projects = Annotated[
    list[str] | None,
    typer.Option(
        "--project",
        metavar="GLOB",
        help="Only projects whose name matches; repeatable.",
        rich_help_panel=SELECTION,
    ),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help=f"Only this kind, of {', '.join(BY_NAME)}; repeatable.",
        autocompletion=lambda: list(BY_NAME),
        rich_help_panel=SELECTION,
    ),
]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="text, json, markdown (for a pull request) or html.",
        autocompletion=lambda: list(FORMATS),
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="GUARD",
        help="Lift the guard of this name, this once; repeatable.",
        autocompletion=lambda: list(BY_GUARD),
    ),
]
RefreshSecrets = Annotated[
    bool,
    typer.Option("--refresh-secrets", help="Send passwords anew that Harbor never tells."),
]
VerifySecrets = Annotated[
    bool,
    typer.Option(
        "--verify-secrets", help="Have Harbor try its stored passwords at other registries."
    ),
]


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """How to reach Harbor: options of every command that asks one."""

    concurrency: Annotated[
        int,
        typer.Option(
            "--concurrency",
            min=1,
            max=256,
            metavar="N",
            help="The most requests at once; fewer where Harbor would let them wait.",
            rich_help_panel=CONNECTION,
        ),
    ] = 32
    max_rps: Annotated[
        float | None,
        typer.Option(
            "--max-rps",
            min=0.01,
            metavar="N",
            help="The most requests a second.",
            rich_help_panel=CONNECTION,
        ),
    ] = None
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout",
            min=1,
            metavar="SECONDS",
            help="The most that one request may take.",
            rich_help_panel=CONNECTION,
        ),
    ] = 30.0
    wait: Annotated[
        str,
        typer.Option(
            "--wait",
            metavar="DURATION",
            help="Wait so long (90s, 5m) until core, database and redis are healthy.",
            rich_help_panel=CONNECTION,
        ),
    ] = ""
    ca_file: Annotated[
        Path | None,
        typer.Option(
            "--ca-file",
            metavar="FILE",
            help="Certificates to trust besides the system's (or HARBOR_CA_FILE).",
            rich_help_panel=CONNECTION,
        ),
    ] = None
    client_cert: Annotated[
        Path | None,
        typer.Option(
            "--client-cert",
            metavar="FILE",
            help="Client certificate, PEM (or HARBOR_CLIENT_CERT).",
            rich_help_panel=CONNECTION,
        ),
    ] = None
    client_key: Annotated[
        Path | None,
        typer.Option(
            "--client-key",
            metavar="FILE",
            help="Its private key, PEM (or HARBOR_CLIENT_KEY).",
            rich_help_panel=CONNECTION,
        ),
    ] = None
    insecure: Annotated[
        bool,
        typer.Option(
            "--insecure",
            help="Do not verify the server's certificate. Dangerous.",
            rich_help_panel=CONNECTION,
        ),
    ] = False
    verbose: Annotated[
        bool, typer.Option("-v", "--verbose", help="Show each request on standard error.")
    ] = False


def connecting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the connection options, and their values as its keyword `connection`."""
    own = inspect.signature(command, eval_str=True)
    hints = get_type_hints(ConnectionOptions, include_extras=True)
    added = [
        inspect.Parameter(
            one.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=one.default,
            annotation=hints[one.name],
        )
        for one in fields(ConnectionOptions)
    ]
    kept = [one for one in own.parameters.values() if one.name != "connection"]

    @wraps(command)
    def run(**given: Any) -> None:
        chosen = {one.name: given.pop(one.name) for one in added}
        command(**given, connection=ConnectionOptions(**chosen))

    parameters = [*kept, *added]
    run.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    return run


DEFAULT_PATHS = (Path("desired"),)


def paths_of(paths: list[Path] | None) -> tuple[Path, ...]:
    """The paths given, or the default."""
    return tuple(paths or DEFAULT_PATHS)


def targets_of(
    fleet: Path | None, globs: list[str] | None, paths: list[Path] | None
) -> tuple[Target, ...]:
    """The Harbors that --fleet and --target choose; none without --fleet. Tells what is odd.

    Raises:
        UsageError: the options contradict each other, or nothing is chosen.
        DocumentError: the fleet's file is wrong.
    """
    if fleet is None:
        if globs:
            message = "--target chooses from a fleet, and there is none"
            raise UsageError(message, advice="name its file with --fleet")
        return ()
    if paths:
        message = f"{paths[0]} does not go with --fleet"
        raise UsageError(message, advice=f"each target's files stand in {fleet}, as `overlays`")
    found = load_fleet(fleet)
    for warning in found.warnings:
        note(f"warning: {warning}")
    return found.chosen(globs or ())


def check_format(name: str, formats: Sequence[str] = FORMATS) -> None:
    """Refuse a format that does not exist.

    Raises:
        UsageError: it is none of these.
    """
    if name not in formats:
        message = f"there is no format `{name}`"
        raise UsageError(message, advice=f"one of {', '.join(formats)}")


def check_unattended(form: str, *, yes: bool) -> None:
    """Refuse to go on where somebody has to be asked, and cannot be.

    Raises:
        UsageError: there is no terminal, or a format that has no place for a question.
    """
    if yes:
        return
    check_terminal()
    if form != "text":
        message = f"--format {form} cannot ask"
        raise UsageError(message, advice="say --yes")


def check_kinds(kinds: tuple[str, ...]) -> None:
    """Refuse kinds that do not exist."""
    unknown = list(unknown_kinds(kinds))
    if unknown:
        message = f"there is no kind `{unknown[0]}`"
        raise UsageError(message, advice=f"kinds are {', '.join(BY_NAME)}")


def check_guards(names: tuple[str, ...]) -> None:
    """Refuse guards that do not exist."""
    for name in names:
        if name not in BY_GUARD:
            message = f"there is no guard `{name}`"
            raise UsageError(message, advice=f"guards are {', '.join(BY_GUARD)}")


def seconds(text: str) -> float:
    """A duration like 90s or 5m in seconds.

    Raises:
        UsageError: it is no duration.
    """
    try:
        return read_seconds(text)
    except ValueError as error:
        message = f"`{text}` is no duration"
        raise UsageError(message, advice="write 90s or 5m") from error
