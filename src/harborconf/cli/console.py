"""Printing: results on standard output, everything else on standard error."""

from __future__ import annotations

import io
import signal
import sys
from typing import TYPE_CHECKING

from harborconf.cli import terminate
from harborconf.errors import RefusedError, UsageError
from harborconf.report.safe import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.text import Text


def print_anything() -> None:
    """Spell out what the terminal's encoding does not have, instead of failing at it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def console(*, stderr: bool = False) -> Console:
    """A console that knows terminals and NO_COLOR; long lines are left to the terminal."""
    from rich.console import Console  # noqa: PLC0415 - costs a tenth of a second

    return Console(stderr=stderr, soft_wrap=True, highlight=False, markup=False, emoji=False)


def show(lines: Iterable[Text], most: int | None = None) -> None:
    """Print styled lines on standard output; with `most`, the first so many and the last one."""
    out = console()
    every = list(lines)
    left = 0 if most is None else max(0, len(every) - most - 1)
    _print(out, every[: len(every) - left - 1])
    if left:
        out.print(f"... {left} lines more ...", style="dim")
    _print(out, every[-1:])


def _print(out: Console, lines: Iterable[Text]) -> None:
    """Print lines; without colours not by rich, which takes longer for a plan than making it."""
    if out.color_system is None:
        out.file.writelines(f"{line.plain}\n" for line in lines)
        out.file.flush()
        return
    for line in lines:
        out.print(line)


def write(text: str) -> None:
    """Print plain text on standard output."""
    sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Tell something on standard error."""
    sys.stderr.write(f"{safe(text)}\n")
    sys.stderr.flush()


def fail(lines: Sequence[str], advice: str = "") -> None:
    """Tell what is wrong, and what to do, on standard error."""
    out = console(stderr=True)
    for line in lines:
        out.print("error: ", style="bold red", end="")
        out.print(safe(line))
    if advice:
        out.print(f"       {safe(advice)}", style="dim")


def check_terminal() -> None:
    """Refuse to go on where nobody can be asked.

    Raises:
        UsageError: there is no terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        message = "there is no terminal to ask on"
        raise UsageError(message, advice="say --yes")


def confirm(question: str) -> None:
    """Ask on the terminal; anything but yes is no, and so is the end of input.

    Raises:
        RefusedError: the answer is no.
        KeyboardInterrupt: Ctrl-C. An event loop would keep it, as a termination, for later.
        SystemExit: a termination.
    """
    ending = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: terminate}
    before = {number: signal.signal(number, handler) for number, handler in ending.items()}
    try:
        answer = input(f"{safe(question)} [y/N] ")
    except EOFError:
        write("")
        answer = ""
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if answer.strip().lower() not in {"y", "yes"}:
        message = "declined: nothing was written"
        raise RefusedError(message)
