"""Reading back what was written: Harbor answers 200 to what it does not keep, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harborconf.kinds.base import Kind
    from harborconf.kinds.resource import Desired, Live


def confirm(kind: Kind, desired: Desired, changed: Iterable[str], live: Live) -> None:
    """Make sure that Harbor now has what was written.

    Raises:
        RefusedError: it has not; names the fields.
    """
    lost = sorted(
        path
        for path in changed
        if path not in live.fields or not kind.same(path, desired.fields[path], live.fields[path])
    )
    if lost:
        message = f"Harbor answered 200 but did not keep {', '.join(lost)} of {desired.address}"
        raise RefusedError(message, advice="run plan to see what Harbor has now")
