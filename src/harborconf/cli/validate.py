"""`harborconf validate`: check the files, without Harbor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harborconf.cli import options
from harborconf.cli.console import note, write
from harborconf.engine.lint import lint
from harborconf.engine.load import load
from harborconf.engine.mentions import contradictions, unknown
from harborconf.engine.resolve import resolve
from harborconf.errors import DocumentError
from harborconf.report.plain import counted
from harborconf.report.problems import of_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harborconf.engine.fleet import Target
    from harborconf.engine.load import Document
    from harborconf.errors import Problem

_FORMATS = ("text", "github")


def validate(
    paths: options.Paths = None,
    fleet: options.Fleet = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="text, or github: annotations at the lines of a pull request.",
            autocompletion=lambda: list(_FORMATS),
        ),
    ] = "text",
) -> None:
    """Check the files, without Harbor and without secrets.

    Every error is told at once, with file, line, column and what to do. What is named and in
    no file is a warning, as Harbor may have it; so is a rule of retention or immutable tags that
    cannot do what it seems to.
    """
    options.check_format(form, _FORMATS)
    try:
        if fleet:
            warnings, told = _check_each(options.targets_of(fleet, None, paths))
        else:
            warnings, told = _check(load(options.paths_of(paths)))
    except DocumentError as error:
        if form == "github":
            _annotate("error", error.problems)
        raise
    if form == "github":
        _annotate("warning", warnings)
    else:
        for problem in warnings:
            note(f"warning: {problem}")
    write(told)


def _check_each(targets: Sequence[Target]) -> tuple[list[Problem], str]:
    """The same of a fleet. What is wrong in files that many targets share is told once."""
    problems: dict[Problem, None] = {}
    warnings: dict[Problem, None] = {}
    files: set[str] = set()
    for target in targets:
        try:
            document = target.document()
            warnings |= dict.fromkeys(_check(document)[0])
            files.update(document.files)
        except DocumentError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise DocumentError(problems)
    told = f"{counted(len(targets), 'target')}, {counted(len(files), 'file')}: all is well."
    return list(warnings), told


def _check(document: Document) -> tuple[list[Problem], str]:
    """The warnings, and what is well."""
    state = resolve(document)
    known = state.by_address
    problems = [one for desired in state.resources for one in contradictions(desired, known)]
    if problems:
        raise DocumentError(problems)
    warnings = [one for desired in state.resources for one in unknown(desired, known)]
    warnings += lint(state)
    files = counted(len(document.files), "file")
    return warnings, f"{files}, {counted(len(state.resources), 'resource')}: all is well."


def _annotate(level: str, problems: Iterable[Problem]) -> None:
    for problem in problems:
        write(of_problem(level, problem))
