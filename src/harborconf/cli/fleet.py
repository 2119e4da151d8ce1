"""`harborconf fleet`: what is asked of a fleet as such. Its commands have files of their own."""

from __future__ import annotations

from typing import ClassVar

import typer

from harborconf.cli import help as helping


class _Commands(helping.Group):
    prefix = "fleet_"
    listed: ClassVar = {"Commands": {"diff": "Show how two live Harbors of a fleet differ."}}
    epilogs: ClassVar = {
        "diff": "Who asks stands in the fleet's file, else in HARBOR_USERNAME and HARBOR_PASSWORD"
        " (or HARBOR_PASSWORD_FILE). HTTPS_PROXY and NO_PROXY are obeyed."
    }


fleet = typer.Typer(
    cls=_Commands, rich_markup_mode=None, add_completion=False, invoke_without_command=True
)


@fleet.callback()
def _fleet(context: typer.Context) -> None:
    """Compare the Harbors of a fleet.

    What is done on all of them is done by plan, apply and validate with --fleet.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(1)
