"""Problems of files as GitHub's annotations, which stand at their lines in a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harborconf.errors import Problem
    from harborconf.position import Position


def of_problem(level: str, problem: Problem) -> str:
    """One problem, with its advice."""
    text = f"{problem.message} ({problem.advice})" if problem.advice else problem.message
    return annotation(level, text, problem.position)


def annotation(level: str, text: str, position: Position | None = None) -> str:
    """A workflow command: level is error, warning or notice."""
    where = ""
    if position:
        file = _data(position.file).replace(":", "%3A").replace(",", "%2C")
        where = f" file={file},line={position.line},col={position.column}"
    return f"::{level}{where}::{_data(text)}"


def _data(text: str) -> str:
    """What would end the command, or begin another, as GitHub spells it."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)
