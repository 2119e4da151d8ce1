"""The commands, each from its own file."""

from __future__ import annotations

import typer

from harborconf.cli.apply import apply
from harborconf.cli.demo import demo
from harborconf.cli.export import export
from harborconf.cli.plan import plan
from harborconf.cli.schema import schema
from harborconf.cli.simulator import simulator
from harborconf.cli.validate import validate
from harborconf.cli.version import version
from harborconf.cli.why import why

app = typer.Typer(
    help="Harbor's configuration as code: declarative YAML, a plan, and apply.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (plan, apply, validate, export, why, schema, demo, simulator, version):
    app.command()(command)
