"""The commands, each from its own file."""

from __future__ import annotations

from typing import Annotated

import typer

from harborconf.cli import help as helping
from harborconf.cli.apply import apply
from harborconf.cli.demo import demo
from harborconf.cli.export import export
from harborconf.cli.init import init
from harborconf.cli.plan import plan
from harborconf.cli.rotate import rotate
from harborconf.cli.schema import schema
from harborconf.cli.show import show
from harborconf.cli.simulator import simulator
from harborconf.cli.validate import validate
from harborconf.cli.version import version
from harborconf.cli.why import why

_CONNECTION = (
    "Harbor is the one of HARBOR_URL, or of the files. Who asks stands in HARBOR_USERNAME and"
    " HARBOR_PASSWORD (or HARBOR_PASSWORD_FILE), or an OIDC ID token in HARBOR_TOKEN."
    " HTTPS_PROXY and NO_PROXY are obeyed."
)
_COMMANDS = {
    "Every day": (plan, apply, show, validate, why, rotate),
    "To begin with": (demo, simulator, init, export),
    "For tools": (schema, version),
}
_CONNECTING = (plan, apply, init, export, rotate)

app = typer.Typer(
    cls=helping.Group,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback(invoke_without_command=True)
def harborconf(
    context: typer.Context,
    show_version: Annotated[
        bool, typer.Option("--version", help="Print harborconf's version.")
    ] = False,
) -> None:
    """Harbor's configuration as code: declarative YAML, a plan, and apply.

    Exit code: 0 nothing to do, or done; 2 changes planned; 1 anything that is not well.
    """
    if show_version:
        version()
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(1)


for heading, commands in _COMMANDS.items():
    for command in commands:
        app.command(
            cls=helping.Command,
            rich_help_panel=heading,
            epilog=_CONNECTION if command in _CONNECTING else None,
        )(command)
