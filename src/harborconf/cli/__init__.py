"""The command line: one file a command. The only place that prints."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ERROR = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 is nothing to do, or done; 2 is changes planned; 130 is an interrupt; everything else
    that is not well is 1, wrong usage too.
    """
    import typer  # noqa: PLC0415 - `--version` and completion must not wait for more

    from harborconf.cli.app import app  # noqa: PLC0415
    from harborconf.cli.console import fail  # noqa: PLC0415
    from harborconf.errors import HarborconfError  # noqa: PLC0415

    code = ERROR
    try:
        code = int(app(args=arguments, prog_name="harborconf", standalone_mode=False) or 0)
    except HarborconfError as error:
        fail(error.lines(), error.advice)
    except typer.Exit as stop:
        code = stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except typer.TyperException as error:
        fail([_told(error)], "see harborconf --help")
    except BrokenPipeError:
        # The reader went away (`| head`): keep Python from flushing into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _told(error: Exception) -> str:
    """What is wrong with the command line, in typer's words."""
    told: str = getattr(error, "format_message", error.__str__)()
    return told
