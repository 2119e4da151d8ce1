"""The command line: one file a command. The only place that prints."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

ERROR = 1
INTERRUPTED = 130
# A run keeps nearly all that it makes: looking for garbage every 700 objects, as Python does,
# takes a quarter of its CPU and finds none.
_GARBAGE = (50_000, 20, 50)
# Pydantic would look through all that is installed for plugins, which harborconf has no use for.
_NO_PLUGINS = ("PYDANTIC_DISABLE_PLUGINS", "__all__")
# Set to anything, it lets a bug of harborconf show its traceback.
DEBUG = "HARBORCONF_DEBUG"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    0 is nothing to do, or done; 2 is changes planned; 130 is an interrupt, 143 (raised) a
    termination; everything else that is not well is 1, wrong usage too.
    """
    with suppress(ValueError):  # not in the main thread
        # As the first process of a container, a program without a handler is not ended by it.
        signal.signal(signal.SIGTERM, terminate)
    gc.set_threshold(*_GARBAGE)
    atexit.register(gc.freeze)  # at its end Python would look for garbage in all there is
    os.environ.setdefault(*_NO_PLUGINS)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED


def terminate(number: int, _frame: object) -> NoReturn:
    """End the program, as a signal's handler."""
    sys.exit(128 + number)


def _run(arguments: Sequence[str] | None) -> int:
    import typer  # noqa: PLC0415 - `--version` and completion must not wait for more

    from harborconf.cli.app import app  # noqa: PLC0415
    from harborconf.cli.console import fail, print_anything  # noqa: PLC0415
    from harborconf.errors import HarborconfError, place_of  # noqa: PLC0415

    print_anything()
    code = ERROR
    try:
        code = int(app(args=arguments, prog_name="harborconf", standalone_mode=False) or 0)
    except HarborconfError as error:
        fail(error.lines(), error.advice)
    except typer.Abort:
        code = INTERRUPTED
    except typer.TyperException as error:
        fail([_told(error)], f"see {_command_of(error)} --help")
    except BrokenPipeError:
        # The reader went away (`| head`): keep Python from flushing into the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        fail([f"{error.filename or 'the system'}: {error.strerror or error}"])
    except Exception as error:  # no traceback reaches a user
        if os.environ.get(DEBUG):
            raise
        fail([f"this is a bug in harborconf: {place_of(error)}"], _REPORT)
    return code


_REPORT = f"please report it with what {DEBUG}=1 prints; look through that for secrets first"


def _told(error: Any) -> str:
    """What is wrong with the command line, in typer's words."""
    return str(getattr(error, "format_message", error.__str__)()).rstrip(".")


def _command_of(error: Any) -> str:
    context = getattr(error, "ctx", None)
    return "harborconf" if context is None else str(context.command_path)
