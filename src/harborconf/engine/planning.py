"""From a document and a live Harbor to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf import __version__
from harborconf.engine.diff import diff
from harborconf.engine.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harborconf.engine.read import LiveState
    from harborconf.engine.resolve import DesiredState
    from harborconf.kinds.resource import Workbench


def make_plan(
    desired: DesiredState,
    live: LiveState,
    bench: Workbench,
    *,
    digest: str = "",
    notices: Sequence[str] = (),
) -> Plan:
    """The plan that makes what is live as desired.

    Raises:
        DocumentError: something to be created lacks what Harbor needs, or a field does not
            exist in this Harbor.
    """
    found = diff(desired, live, bench)
    return Plan(
        url=bench.server.url,
        harbor_version=".".join(str(part) for part in bench.server.version),
        harborconf_version=__version__,
        digest=digest,
        changes=tuple(found.changes),
        extras=tuple(found.extras),
        unknown=tuple(found.unknown),
        notices=(*notices, *found.notices),
    )
