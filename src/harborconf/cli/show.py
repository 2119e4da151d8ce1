"""`harborconf show`: a plan that was saved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harborconf.cli import options, saved
from harborconf.cli.formats import print_plan


def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `plan --out` has written.")],
    format: options.Format = "text",  # noqa: A002 - the option's name
) -> None:
    """Show a saved plan, in any format.

    Neither Harbor nor the files are needed. A plan that was edited is refused.
    """
    options.check_format(format)
    print_plan(saved.load(file), format, whole=saved.command(file))
