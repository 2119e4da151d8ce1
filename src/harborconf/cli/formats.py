"""Plans and results in the format that was asked for, on standard output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.cli.console import show, write
from harborconf.report import html, json, markdown, text

if TYPE_CHECKING:
    from harborconf.engine.apply import Result
    from harborconf.engine.plan import Plan


def print_plan(plan: Plan, form: str, *, most: int | None = None, whole: str = "") -> None:
    """Print a plan.

    Args:
        plan: what to print.
        form: one of `options.FORMATS`.
        most: how many lines of text there are at most, beside the summary.
        whole: the command that shows all of it, where a format has to cut.
    """
    match form:
        case "json":
            write(json.render_plan(plan))
        case "markdown":
            write(markdown.render_plan(plan, whole))
        case "html":
            write(html.render_plan(plan))
        case _:
            show(text.render_plan(plan), most)


def print_run(plan: Plan, result: Result, form: str, *, whole: str = "") -> None:
    """Print what became of a plan; as text only that, as the plan has been shown before."""
    match form:
        case "json":
            write(json.render_run(plan, result))
        case "markdown":
            write(markdown.render_run(plan, result, whole))
        case "html":
            write(html.render_run(plan, result))
        case _ if plan.is_applicable:
            show(text.render_result(result))
        case _:
            pass
