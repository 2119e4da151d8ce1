"""The commands, each in a file of its own that is imported when the command is run."""

from __future__ import annotations

from typing import Annotated

import typer

from harborconf.cli import help as helping
from harborconf.cli.version import version

_CONNECTION = (
    "Harbor is the one of HARBOR_URL, or of the files. Who asks stands in HARBOR_USERNAME and"
    " HARBOR_PASSWORD (or HARBOR_PASSWORD_FILE), or an OIDC ID token in HARBOR_TOKEN."
    " HTTPS_PROXY and NO_PROXY are obeyed."
)
_CONNECTING = ("plan", "apply", "init", "export", "rotate", "admin-password")
# The list is printed without a command being imported; a test compares it with what they say.
COMMANDS = {
    "Every day": {
        "plan": "Show, field by field, what apply would change.",
        "apply": "Show the plan, ask, and make Harbor as desired.",
        "show": "Show a saved plan, in any format.",
        "validate": "Check the files, without Harbor and without secrets.",
        "why": "Show which file and line sets a value, and what it wins over.",
        "fleet": "Compare the Harbors of a fleet.",
        "rotate": "Give a robot a new secret now, and put it into its store.",
        "admin-password": "Give the user in use a new password, and prove it.",
    },
    "To begin with": {
        "demo": "See the whole round, on a simulated Harbor.",
        "simulator": "Serve a Harbor in memory, until Ctrl-C.",
        "init": "Make a repository of what is live:"
        " files, schema, a workflow for GitHub, a README.",
        "export": "Write what is live as YAML, one file a project.",
    },
    "For tools": {
        "schema": "Print the JSON Schema of a file, of a fleet's file, of plans, or of a report.",
        "version": "Print harborconf's version.",
    },
}


class _Program(helping.Group):
    listed = COMMANDS
    epilogs = dict.fromkeys(_CONNECTING, _CONNECTION)


app = typer.Typer(
    cls=_Program,
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
