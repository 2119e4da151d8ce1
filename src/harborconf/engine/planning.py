"""From a document and a live Harbor to a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from harborconf import __version__
from harborconf.engine.diff import diff
from harborconf.engine.guard import guarded, waiting
from harborconf.engine.lint import lint
from harborconf.engine.plan import Plan
from harborconf.engine.policies import Facts
from harborconf.engine.preview import preview
from harborconf.engine.read import Once, read_kind, read_live, understood
from harborconf.engine.resolve import has_policies, resolve
from harborconf.engine.review import part, restricted
from harborconf.engine.selection import Selection
from harborconf.kinds.catalog import PROJECT
from harborconf.kinds.resource import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harborconf.engine.load import Document
    from harborconf.engine.read import LiveState
    from harborconf.engine.resolve import DesiredState
    from harborconf.kinds.resource import Live, Workbench


EVERYTHING = Selection()


async def look(
    document: Document,
    bench: Workbench,
    selection: Selection = EVERYTHING,
    state: DesiredState | None = None,
    *,
    with_preview: bool = False,
) -> tuple[DesiredState, LiveState]:
    """What is desired, of live projects by policy too, and what is live of it.

    `state` is what the document desires without a Harbor, where that is known already.
    `with_preview` adds what retention would delete.

    Raises:
        HarborError: a list or a system read failed: nothing can be believed then.
        DocumentError: the document contradicts itself, or a store cannot be read.
        UsageError: the selection matches nothing.
    """
    once = Once(bench.api)
    bench = replace(bench, api=once)
    if has_policies(document):
        replies = await read_kind(PROJECT, bench, Place())
        state = resolve(document, tuple(_facts(project) for project in replies))
    elif state is None:
        state = resolve(document)
    desired = selection.of(state)
    live = await read_live(desired, bench, refresh_secrets=selection.refresh_secrets)
    if with_preview:
        with understood():
            previews = await preview(desired, live, replace(bench, api=once.last()))
        live = replace(live, previews=previews)
    return desired, live


def _facts(project: Live) -> Facts:
    return Facts(
        str(project.address.name),
        project.fields.get("public") is True,
        bool(project.raw.get("registry_id")),
    )


def make_plan(
    desired: DesiredState,
    live: LiveState,
    bench: Workbench,
    *,
    digest: str = "",
    notices: Sequence[str] = (),
    allowed: Sequence[str] = (),
    selection: Selection = EVERYTHING,
    reviewed: Plan | None = None,
) -> Plan:
    """The plan that makes what is live as desired. `allowed` names guards that are lifted.

    Of a plan that was reviewed only its changes are planned; guards look at no others.

    Raises:
        DocumentError: something to be created lacks what Harbor needs, or a field does not
            exist in this Harbor.
    """
    found = diff(desired, live, bench)
    chosen, others = part(waiting(found.changes), reviewed)
    changes, refusals = guarded(chosen, live.resources, live.observed, desired.limits, allowed)
    plan = Plan(
        url=bench.server.url,
        harbor_version=bench.server.text,
        harborconf_version=__version__,
        digest=digest,
        changes=changes,
        extras=tuple(found.extras),
        unknown=tuple(found.unknown),
        notices=(*notices, *found.notices, *(str(one) for one in lint(desired))),
        refusals=refusals,
        allowed=tuple(sorted(allowed)),
        selection=selection,
        elsewhere=tuple(others),
        previews=live.previews,
    )
    return plan if reviewed is None else restricted(plan, reviewed)
