"""Desired against live: what would change. No clock, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from harborconf.engine.mentions import contradictions, unknown
from harborconf.engine.plan import Action, Change, FieldChange, Unknown
from harborconf.engine.preflight import forbidden
from harborconf.engine.read import live_of
from harborconf.engine.resolve import SectionKey
from harborconf.errors import DocumentError, Problem
from harborconf.kinds.base import PREVIOUSLY, declared
from harborconf.kinds.catalog import BY_NAME, KINDS, ORDER, PROJECT
from harborconf.kinds.resource import Comparison, Verdict
from harborconf.spec.address import Address
from harborconf.spec.parts import Parts
from harborconf.spec.secret import HIDDEN, Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.engine.read import LiveState
    from harborconf.engine.resolve import DesiredState
    from harborconf.kinds.base import Declared, Kind
    from harborconf.kinds.resource import Desired, Live, Workbench


@dataclass(slots=True)
class Difference:
    """What comparing finds."""

    changes: list[Change] = field(default_factory=list)
    extras: list[Address] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def diff(desired: DesiredState, live: LiveState, bench: Workbench) -> Difference:
    """Compare everything desired with everything live.

    Of the workbench only who asks, what server it is and the time are used.

    Raises:
        DocumentError: something to be created lacks what Harbor needs, or a field does not
            exist in this Harbor.
    """
    now = tuple(BY_NAME[one.address.kind].as_of(one, bench.now) for one in desired.resources)
    comparing = _Comparing(replace(desired, resources=now), live, bench)
    comparing.run()
    found = comparing.found
    if found.problems:
        raise DocumentError(found.problems)
    found.changes.sort(key=order)
    found.extras.sort(key=str)
    return found


def order(change: Change) -> tuple[Any, ...]:
    """System first, then project by project; within, kinds in their order, then names."""
    address = change.address
    project = address.name if address.kind == PROJECT.name else address.project
    return (
        project is not None,
        project or "",
        address.kind != PROJECT.name,
        ORDER.index(address.kind),
        address.name or "",
    )


_NO_PROJECT = "its project does not exist, and `--kind` leaves the project out"


class _Comparing:
    def __init__(self, desired: DesiredState, live: LiveState, bench: Workbench) -> None:
        self.desired = desired
        self.live = live
        self.bench = bench
        self.found = Difference()
        self.known = desired.by_address
        self.assumed: dict[Address, Live] = {}
        # Projects whose resources are not compared; the reason, where each of them says it.
        self.closed: dict[str, str] = {}
        self.former: set[Address] = set()

    def run(self) -> None:
        self._projects()
        for resource in self.desired.resources:
            if resource.address.kind == PROJECT.name:
                continue
            if self._is_open(resource.address.project):
                self._resource(resource)
            elif reason := self.closed[str(resource.address.project)]:
                self._block(resource, reason)
        self._unlisted()
        self._unseen()
        for live in self.live.resources.values():
            if live.note and live.address in self.known:
                self.found.notices.append(f"{live.address}: {live.note}")
        for live in self.assumed.values():
            if (
                live.note
                and live.address not in self.known
                and not BY_NAME[live.address.kind].named
            ):
                self.found.notices.append(f"{live.address}: {live.note}")

    def _is_open(self, project: str | None) -> bool:
        return project is None or project not in self.closed

    # ---- projects --------------------------------------------------------------------

    def _projects(self) -> None:
        for address in {one.address.owner for one in self.desired.resources}:
            if address is not None and address not in self.known:
                name = str(address.name)
                if reason := self._unusable(name):
                    self.closed[name] = reason
                elif address not in self.live.resources:
                    self.closed[name] = _NO_PROJECT
        for resource in self.desired.resources:
            if resource.address.kind == PROJECT.name:
                self._project(resource)

    def _project(self, resource: Desired) -> None:
        name = str(resource.address.name)
        if reason := self._unusable(name):
            self.closed[name] = ""
            self._block(resource, reason)
            return
        self._resource(resource)
        if resource.absent:
            self.closed[name] = ""
        elif resource.address not in self.live.resources:
            self._assume(resource)

    def _unusable(self, name: str) -> str:
        """Why nothing in this project is touched, or nothing."""
        return self.desired.blocked.get(name) or self.live.failed.get(name, "")

    def _assume(self, project: Desired) -> None:
        """What Harbor will make along with the project counts as live."""
        for kind in KINDS:
            if kind.in_project:
                for live in kind.born(project, self.bench):
                    self.assumed[live.address] = live

    # ---- one resource ----------------------------------------------------------------

    def _resource(self, desired: Desired) -> None:
        address = desired.address
        kind = BY_NAME[address.kind]
        barred = self.live.barred.get((address.project, address.kind))
        if barred is not None:
            self._block(desired, barred)
            return
        live = self._renamed(desired) or self.assumed.get(address)
        if desired.absent is not None:
            if live is not None:
                observed = self.live.observed.get(address, {})
                goes = tuple(
                    FieldChange(path, one.reason, None)
                    for path, one in observed.items()
                    if one.reason
                )
                self._delete(live, "asked for by `absent`", desired, goes)
            return
        self._check_version(kind, desired)
        self.found.problems += contradictions(desired, self.known)
        self.found.problems += unknown(desired, self.known, self.live.resources, self.live.barred)
        if live is None:
            self._create(kind, desired)
        else:
            self._update(kind, desired, live)

    def _renamed(self, desired: Desired) -> Live | None:
        """What is live under the desired name, or under the name it had."""
        live = live_of(desired, self.live.resources)
        former = replace(desired.address, name=desired.fields.get(PREVIOUSLY))
        if former.name is None or former == desired.address:
            return live
        at = desired.origins[PREVIOUSLY]
        if former in self.known:
            message = f"{former} is written too, so it cannot become {desired.address}"
            self.found.problems.append(Problem(message, at, "keep one of them"))
        elif live is not None and live.address == former:
            self.former.add(former)
        elif former in self.live.resources:
            message = f"{desired.address} is live, and so is {former}, which it was before"
            advice = "remove `previously`; to delete the other, write it as `absent`"
            self.found.problems.append(Problem(message, at, advice))
        return live

    def _check_version(self, kind: Kind, desired: Desired) -> None:
        version = self.bench.server.version
        for item in declared(kind.model):
            if item.path in desired.fields and not item.exists_in(version):
                has = ".".join(str(part) for part in version)
                self.found.problems.append(
                    Problem(
                        f"`{item.path}` exists since Harbor {item.since}, this one is {has}",
                        desired.origins.get(item.path),
                        "remove it, or upgrade Harbor",
                    )
                )

    def _create(self, kind: Kind, desired: Desired) -> None:
        observed = self.live.observed.get(desired.address, {})
        missing = kind.missing(desired.fields)
        if missing:
            self.found.problems.append(
                Problem(
                    f"{desired.address} does not exist yet, and creating it needs"
                    f" {', '.join(missing)}",
                    desired.position,
                )
            )
            return
        fields = tuple(
            FieldChange(
                item.path,
                None,
                show(item, desired.fields[item.path]),
                reason=self._reason(desired, item, _told(observed.get(item.path))),
                position=desired.origins.get(item.path),
            )
            for item in declared(kind.model)
            if item.path in desired.fields and not item.local
        )
        for verdict, action in _OBSTACLES.items():
            reason = _reasons(observed, verdict)
            if reason:
                change = Change(desired.address, action, fields, reason, desired.position)
                self.found.changes.append(replace(change, desired=desired, wanted=Action.CREATE))
                return
        self._change(Action.CREATE, desired, None, fields)

    def _update(self, kind: Kind, desired: Desired, live: Live) -> None:
        observed = self.live.observed.get(desired.address, {})
        found = self._compared(kind, desired, live, observed)
        for verdict, action in _OBSTACLES.items():
            if verdict in found:
                reason = _reasons(observed, verdict)
                self._change(action, desired, live, tuple(found[verdict]), reason)
        fields = tuple(found.get(Verdict.DIFFERENT, ()))
        if fields and live.address in self.assumed and not kind.named:
            made = tuple(replace(one, before=None, added=None, removed=None) for one in fields)
            self._change(Action.CREATE, desired, None, made)
        elif fields:
            changed = frozenset(field.path for field in fields)
            reason = kind.locks_out(desired, live, changed, self.bench.who)
            action = Action.BLOCKED if reason else Action.UPDATE
            self._change(action, desired, live, fields, reason)

    def _compared(
        self, kind: Kind, desired: Desired, live: Live, observed: Mapping[str, Comparison]
    ) -> Mapping[Verdict, list[FieldChange]]:
        """The written fields that are not as desired, by verdict."""
        found: dict[Verdict, list[FieldChange]] = {}
        if live.address != desired.address:
            at = desired.origins[PREVIOUSLY]
            names = live.address.name, desired.address.name
            found[Verdict.DIFFERENT] = [
                FieldChange(PREVIOUSLY, *names, reason="it is renamed", position=at)
            ]
        for item in declared(kind.model):
            if item.path not in desired.fields or (item.local and item.path not in observed):
                continue
            comparison = _compare(kind, item, desired, live, observed)
            origin = desired.origins.get(item.path)
            match comparison.verdict:
                case Verdict.EQUAL:
                    pass
                case Verdict.UNKNOWN:
                    told = Unknown(desired.address, item.path, comparison.reason, origin)
                    self.found.unknown.append(told)
                case verdict:
                    reason = self._reason(desired, item, _told(comparison))
                    change = field_change(item, desired, live, reason)
                    found.setdefault(verdict, []).append(change)
        return found

    def _reason(self, desired: Desired, item: Declared, comparison: Comparison | None) -> str:
        """Why a field is to change: the policy that asks for it, and what comparing told."""
        origin = desired.origins.get(item.path)
        policy = "" if origin is None else self.desired.policies.get(origin, "")
        told = comparison.reason if comparison else ""
        return "; ".join(filter(None, (told, f"by {policy}" if policy else "")))

    def _change(
        self,
        action: Action,
        desired: Desired,
        live: Live | None,
        fields: tuple[FieldChange, ...] = (),
        reason: str = "",
    ) -> None:
        change = Change(
            desired.address, action, fields, reason, desired.position, desired=desired, live=live
        )
        writes = action in (Action.CREATE, Action.UPDATE)
        told = forbidden(desired.address, action, self.live, self.bench) if writes else ""
        self.found.changes.append(change.blocked(told) if told else change)

    def _block(self, desired: Desired, reason: str) -> None:
        self._change(Action.BLOCKED, desired, None, (), reason)

    def _delete(
        self,
        live: Live,
        reason: str,
        desired: Desired | None = None,
        goes: tuple[FieldChange, ...] = (),
    ) -> None:
        kind = BY_NAME[live.address.kind]
        at = desired.position if desired else None
        change = Change(live.address, Action.DELETE, goes, reason, at, desired, live)
        protected = live.address.is_protected(self.desired.protect)
        blocked = (
            ("it is protected" if protected else "")
            or kind.keeps(desired, live)
            or kind.locks_out(desired, live, frozenset(), self.bench.who)
            or forbidden(live.address, Action.DELETE, self.live, self.bench)
        )
        self.found.changes.append(change.blocked(blocked) if blocked else change)

    # ---- what is live and not desired ------------------------------------------------

    def _unlisted(self) -> None:
        for live in [*self.live.resources.values(), *self.assumed.values()]:
            address = live.address
            if address in self.known or address in self.former or not self._is_managed(address):
                continue
            if not self._is_open(address.project):
                continue
            if address in self.desired.left_alone:
                continue
            protected = address.is_protected(self.desired.protect)
            needed = BY_NAME[address.kind].locks_out(None, live, frozenset(), self.bench.who)
            if address in self.assumed and not protected and not needed:
                self._delete(live, live.note)
            elif not protected and (address.project, address.kind) in self.desired.prune:
                self._delete(live, "not desired, and `prune` names its kind")
            else:
                self.found.extras.append(address)

    def _unseen(self) -> None:
        """Managed sections of which nobody may know what is live: never the same as nothing."""
        managed = {(key.project, key.kind) for key in self.desired.managed}
        for project, kind in sorted(managed & set(self.live.barred), key=str):
            address, reason = Address(kind, None, project), self.live.barred[project, kind]
            if (project, kind) in self.desired.prune:
                reason = f"`prune` cannot know what to delete: {reason}"
                self.found.changes.append(Change(address, Action.BLOCKED, (), reason))
            else:
                self.found.notices.append(f"{address}: nobody can tell what is extra: {reason}")

    def _is_managed(self, address: Address) -> bool:
        """Whether the resource lives in a section that is written."""
        kind = BY_NAME[address.kind]
        places = kind.in_system if address.project is None else kind.in_project
        return (
            kind.named
            and kind is not PROJECT
            and any(
                SectionKey(address.project, kind.name, at.prefix) in self.desired.managed
                for at in places
                if str(address.name).startswith(at.prefix)
            )
        )


_OBSTACLES = {Verdict.BLOCKED: Action.BLOCKED, Verdict.PENDING: Action.PENDING}


def _told(comparison: Comparison | None) -> Comparison | None:
    """What is said at a field: what stands in its way is said once, beside the address."""
    return None if comparison and comparison.verdict in _OBSTACLES else comparison


def _reasons(observed: Mapping[str, Comparison], verdict: Verdict) -> str:
    found = (one.reason for one in observed.values() if one.verdict is verdict)
    return "; ".join(dict.fromkeys(found))


def _compare(
    kind: Kind,
    item: Declared,
    desired: Desired,
    live: Live,
    observed: Mapping[str, Comparison],
) -> Comparison:
    if item.path in observed:
        return observed[item.path]
    if item.write_only:
        return Comparison(Verdict.UNKNOWN, "Harbor never tells it")
    if item.path not in live.fields:
        if live.raw:
            return Comparison(Verdict.UNKNOWN, "Harbor does not tell it here")
        return Comparison(Verdict.DIFFERENT)
    same = kind.same(item.path, desired.fields[item.path], live.fields[item.path])
    return Comparison(Verdict.EQUAL if same else Verdict.DIFFERENT)


def field_change(item: Declared, desired: Desired, live: Live, reason: str) -> FieldChange:
    """One field of what is live, and as it is desired."""
    before, after = live.fields.get(item.path), desired.fields[item.path]
    added = removed = None
    if isinstance(before, frozenset) and isinstance(after, frozenset):
        added = show(item, after - before) if after - before else None
        removed = show(item, before - after) if before - after else None
    elif isinstance(before, Parts) and isinstance(after, Parts):
        added, removed = show(item, after.minus(before)), show(item, before.minus(after))
    return FieldChange(
        item.path,
        show(item, before),
        show(item, after),
        added,
        removed,
        reason,
        desired.origins.get(item.path),
    )


def show(item: Declared, value: Any) -> Any:
    """A value as YAML would say it; what Harbor has and YAML cannot say, as it is."""
    if value is None:
        return None
    if isinstance(value, Secret):
        return HIDDEN
    try:
        return _plain(item.type.write(value))
    except (AttributeError, TypeError, ValueError, OverflowError):
        return _plain(value)


def _plain(value: Any) -> Any:
    """A value of JSON's types only, so that a plan is the same after it has been saved."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str.__str__(value)
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case set() | frozenset():
            return sorted(map(_plain, value), key=repr)
        case _:
            return str(value)
