"""`harborconf why`: which file and line sets a value."""

from __future__ import annotations

from typing import Annotated

import typer

from harborconf.cli import options
from harborconf.cli.console import write
from harborconf.engine.load import load
from harborconf.engine.policies import Facts
from harborconf.engine.resolve import resolve
from harborconf.engine.why import why as settings_of
from harborconf.errors import UsageError
from harborconf.kinds.catalog import PROJECT
from harborconf.report.plain import inline
from harborconf.spec.address import parse


def why(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS[#FIELD]", help="What plan prints, and a field.")
    ],
    paths: options.Paths = None,
    fleet: options.Fleet = None,
    target: options.Targets = None,
) -> None:
    """Show which file and line sets a value, and what it wins over.

    An ADDRESS is what plan prints: project/team-a, project/team-a/robot/ci, user/alice. One
    field of it stands after a #: project/team-a#scanning.on_push. Of a fleet it shows each
    overlay of one --target that says something of it.
    """
    try:
        found, path = parse(address)
    except ValueError as error:
        raise UsageError(str(error)) from error
    chosen = options.targets_of(fleet, target, paths)
    if len(chosen) > 1:
        message = f"{len(chosen)} targets are chosen, and each has overlays of its own"
        raise UsageError(message, advice="name one with --target")
    document = chosen[0].document() if chosen else load(options.paths_of(paths))
    state = resolve(document)
    project = found.project or (found.name if found.kind == PROJECT.name else None)
    if project and project not in state.layers:
        state = resolve(document, [Facts(project)])  # a live project that policies may reach
    desired = state.by_address.get(found)
    settings = settings_of(state, found, path)
    if desired is None and not settings:
        message = f"the files do not mention {found}"
        raise UsageError(message, advice="addresses look like project/team-a/robot/ci")
    if desired is not None and desired.absent:
        write(f"{found} is `absent`  {desired.position}")
        return
    if not settings:
        write(f"no file sets {found.field(path)}; it is not managed")
    for setting in settings:
        lost = "" if setting.wins else "  (overridden)"
        value = "null (not managed)" if setting.value is None else inline(setting.value)
        what = setting.path or str(found)
        write(f"{what}: {value}  {setting.position}  {setting.layer}{lost}")
