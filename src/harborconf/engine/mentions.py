"""Resources that fields of others name: they must be in Harbor, or be made."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from harborconf.errors import Problem
from harborconf.kinds.catalog import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from harborconf.kinds.resource import Desired
    from harborconf.spec.address import Address


def contradictions(desired: Desired, known: Mapping[Address, Desired]) -> Iterator[Problem]:
    """What is named here and `absent` elsewhere in the files."""
    for path, named in _mentioned(desired):
        if (wanted := known.get(named)) is not None and wanted.absent:
            message = f"`{path}` names {named}, which is `absent`"
            yield Problem(message, desired.origins.get(path), "keep one of them")


def unknown(
    desired: Desired,
    known: Mapping[Address, Desired],
    live: Collection[Address] | None = None,
    barred: Collection[tuple[str | None, str]] = (),
) -> Iterator[Problem]:
    """What is named here and neither desired nor live; what may not be read counts as live.

    Without `live` nobody has asked Harbor yet.
    """
    for path, named in _mentioned(desired):
        if named in known or named in (live or ()) or (named.project, named.kind) in barred:
            continue
        where = (
            "stands in no file" if live is None else "Harbor does not have and nothing here makes"
        )
        message = f"`{path}` names {named}, which {where}"
        advice = _likely(named, [*known, *(live or ())])
        yield Problem(message, desired.origins.get(path), advice)


def _mentioned(desired: Desired) -> list[tuple[str, Address]]:
    if desired.absent:
        return []
    return list(BY_NAME[desired.address.kind].mentions(desired.fields).items())


def _likely(named: Address, known: Collection[Address]) -> str:
    """Which resource of that kind may have been meant."""
    names = {
        str(one.name) for one in known if (one.kind, one.project) == (named.kind, named.project)
    }
    close = get_close_matches(str(named.name), sorted(names), n=1)
    return f"did you mean `{close[0]}`?" if close else "describe it, or correct the name"
