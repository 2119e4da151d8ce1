"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harborconf.engine.guard import BY_GUARD
from harborconf.engine.resolve import unknown_kinds
from harborconf.errors import UsageError
from harborconf.kinds.catalog import BY_NAME

Paths = Annotated[
    list[Path] | None,
    typer.Argument(help="Files and directories to read. Default: desired", show_default=False),
]
Projects = Annotated[
    list[str] | None,
    typer.Option("--project", help="Only projects whose name matches this glob; repeatable."),
]
Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help="Only resources of this kind; repeatable.")
]
Allow = Annotated[
    list[str] | None,
    typer.Option("--allow", help="Lift the guard of this name, this once; repeatable."),
]
Format = Annotated[str, typer.Option("--format", help="text or json.")]
Concurrency = Annotated[
    int, typer.Option("--concurrency", min=1, max=256, help="Requests at once.")
]
Timeout = Annotated[
    float, typer.Option("--timeout", min=1, help="Seconds that one request may take.")
]
Wait = Annotated[
    str,
    typer.Option(
        "--wait",
        help="Wait so long (90s, 5m) until Harbor's core, database and redis are healthy.",
    ),
]
CaFile = Annotated[
    Path | None, typer.Option("--ca-file", help="Certificates to trust besides the system's.")
]
ClientCert = Annotated[Path | None, typer.Option("--client-cert", help="Client certificate, PEM.")]
ClientKey = Annotated[Path | None, typer.Option("--client-key", help="Its private key, PEM.")]
Insecure = Annotated[
    bool, typer.Option("--insecure", help="Do not verify the server's certificate. Dangerous.")
]
Verbose = Annotated[
    bool, typer.Option("-v", "--verbose", help="Show each request on standard error.")
]

DEFAULT_PATHS = [Path("desired")]
FORMATS = ("text", "json")


def paths_of(paths: list[Path] | None) -> list[Path]:
    """The paths given, or the default."""
    return paths or DEFAULT_PATHS


def check_format(name: str) -> None:
    """Refuse a format that does not exist."""
    if name not in FORMATS:
        message = f"there is no format `{name}`"
        raise UsageError(message, advice=f"one of {', '.join(FORMATS)}")


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
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = text[:-1], text[-1:]
    if unit in units and number.isdigit():
        return float(int(number) * units[unit])
    message = f"`{text}` is no duration"
    raise UsageError(message, advice="write 90s or 5m")
