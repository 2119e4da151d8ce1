"""Robot accounts of a project or of the whole installation, and their secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from harborconf.errors import NotPermittedError, RefusedError
from harborconf.kinds import rotation
from harborconf.kinds.base import At, Kind, Section, field, from_reply, payload, section
from harborconf.kinds.credentials import generate, is_strong, too_weak, try_secret
from harborconf.kinds.permissions import (
    OWN,
    PERMISSIONS_CODEC,
    Permission,
    Permissions,
    allow_denied,
    check_grantable,
)
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Server,
    Step,
    Verdict,
    Who,
    Workbench,
    WriteBench,
)
from harborconf.kinds.rotation import Rotate
from harborconf.spec.address import Address
from harborconf.spec.reference import File, Kubernetes, SecretReference
from harborconf.spec.secret import Secret
from harborconf.spec.value import NEVER, Days, Flag, Text, shown

_MAX_NAME = 255
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_STORE, _SET, _DISABLE = "store secret", "set secret", "disable"


class RobotFields(Section):
    """One robot account."""

    description: Text = field("description", default="", doc="What the robot is for.")
    expires: Days = field(
        "duration",
        doc="How long it lives from its creation, like 90d, or never. Needed to create it.",
        required=True,
    )
    disabled: Flag = field("disable", default=False, doc="Whether the robot may not log in.")
    permissions: Permissions = field(
        "permissions",
        codec=PERMISSIONS_CODEC,
        required=True,
        doc="What it may do. A project's robot: {repository: [pull]}. A system robot:"
        " {system: {project: [list]}, projects: {'*': {repository: [pull]}}}.",
    )
    secret: SecretReference = field(
        "",
        write_only=True,
        doc="The one store of its secret. An empty file or Secret gets one that harborconf makes.",
    )
    rotate: Rotate = section(
        doc="When a new robot takes over. Its user name differs, and stands in the store too."
    )


class Robot(Kind):
    """A robot account."""

    name = "robot"
    doc = "A robot account: a machine's way into Harbor."
    model = RobotFields
    audited = frozenset({"create", "delete"})
    permission = "robot"
    in_project: ClassVar[tuple[At, ...]] = (At(("robots",)),)
    in_system: ClassVar[tuple[At, ...]] = (At(("robots",)),)
    can_prune = True

    def check_name(self, name: str) -> str | None:
        """Harbor 2.13 to 2.15."""
        if not _NAME.fullmatch(name):
            return (
                f"{shown(name)} is no robot name: lower-case letters and digits,"
                " with single `.`, `_` or `-` between (without Harbor's prefix)"
            )
        return None

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """A project's robot has no other project's permissions, a system robot names them."""
        permissions = desired.fields.get("permissions", frozenset())
        own = [one for one in permissions if one.namespace == OWN]
        most = _MAX_NAME - (len(f"{desired.address.project}+") if desired.address.project else 0)
        if len(str(desired.address.name)) > most:
            yield "", f"Harbor keeps at most {most} characters of a robot's name here"
        if desired.address.project is None and own:
            yield "permissions", "a system robot's permissions stand under `system` and `projects`"
        if desired.address.project is not None and len(own) < len(permissions):
            message = (
                "a project's robot has permissions in its own project only:"
                " write {repository: [pull]}, or make it a system robot"
            )
            yield "permissions", message
        yield from rotation.problems(desired.fields)

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /robots: the system's, or those of one project by its number."""
        query = "Level=system"
        if place.project is not None:
            query = f"Level=project,ProjectID={place.project_id}"
        replies = await bench.api.get("/robots", {"q": query, "page_size": 100})
        prefix = await _prefix(bench) if replies else ""
        return _families(place, replies, prefix, bench.now)

    def references(self, address: Address, fields: Mapping[str, Any]) -> Sequence[Address]:
        """Harbor gives permissions only in projects that it has."""
        del address
        named = {one.namespace for one in fields.get("permissions", ()) if one.kind == "project"}
        return [Address("project", name) for name in sorted(named - {OWN, "*"})]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """Look into the store, and ask Harbor what it grants and whether the secret works."""
        await check_grantable(bench, desired, live)
        reference = desired.fields.get("secret")
        if reference is None:
            return {}
        stored = await bench.stores.peek(reference)
        if stored is not None and not is_strong(stored):
            return {"secret": too_weak(reference)}
        if live is not None:
            return await _observed(bench, desired, stored, live)
        if stored is None:
            return {"secret": Comparison(Verdict.DIFFERENT, "a new secret will be made")}
        return {}

    def grants(self, fields: Mapping[str, Any]) -> frozenset[Any]:
        """Its permissions, unless it is disabled."""
        permissions: frozenset[Any] = fields.get("permissions", frozenset())
        return frozenset() if fields.get("disabled") else permissions

    def audit_name(self, address: Address, live: Live | None, server: Server) -> str:
        """Its full name; of one that is gone, with Harbor's usual prefix."""
        if live is not None:
            return str(live.raw["name"])
        project = f"{address.project}+" if address.project else ""
        return f"{server.robot_prefix}{project}{address.name}"

    def locks_out(
        self, desired: Desired | None, live: Live, changed: frozenset[str], who: Who
    ) -> str:
        """A robot that applies may change itself, but not so that it cannot apply again."""
        is_own = who.is_robot and live.raw.get("name") == who.username
        is_gone = desired is None or desired.absent is not None
        if is_own and (is_gone or changed & {"disabled", "permissions", "secret"}):
            return "it is the robot whose credential is in use"
        return ""

    def place_for(self, address: Address, path: str) -> File:
        """A file, which harborconf can fill. No project is called `_system`."""
        del path
        return File(f"secrets/{address.project or '_system'}/{address.name}")

    def actions(self, step: Step) -> tuple[str, ...]:
        """A creation stores the secret first and sets it once Harbor has the robot.

        Disabling comes last: nobody could try the secret of a robot that is disabled.
        """
        if step.action == "update":
            return _updates(step.changed)
        if step.action != "create" or step.desired is None:
            return (step.action,)
        has_secret = "secret" in step.desired.fields
        return (
            *([_STORE] if has_secret else []),
            "create",
            *([_SET] if has_secret else []),
            *([_DISABLE] if step.desired.fields.get("disabled") else []),
        )

    async def run(self, bench: WriteBench, step: Step) -> None:
        """Beside the usual steps: put a secret into its store, set it in Harbor, disable."""
        match step.action:
            case "store secret":
                await _kept(bench, step)
            case "set secret":
                made = bench.made[step.address]
                await _set_secret(bench, step, made)
                await _tell_name(bench, step, str(made["name"]))
            case "make successor":
                await _follow(bench, step)
            case "hand over":
                await _hand_over(bench, step)
            case "retire":
                assert step.desired is not None
                assert step.live is not None
                for robot in rotation.retired(step.desired.fields, _members(step.live), bench.now):
                    await bench.api.delete(f"/robots/{robot['id']}")
            case "disable":
                path = f"/robots/{bench.made[step.address]['id']}"
                live = await bench.api.get(path)
                await bench.api.put(path, {**live, "disable": True})
            case _:
                await super().run(bench, step)

    async def create(self, bench: WriteBench, step: Step) -> None:
        """POST. Harbor ignores a secret there, and `disable`."""
        assert step.desired is not None
        body = {"name": step.address.name, **_body(step, step.desired.fields)}
        bench.made[step.address] = (await bench.api.post("/robots", body)).json()

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT replaces the robot, so what is live is sent back with what changes.

        The secret comes first: nobody could try it once the robot is disabled.
        """
        assert step.desired is not None
        assert step.live is not None
        if "secret" in step.changed:
            await _set_secret(bench, step, step.live.raw)
            await _tell_name(bench, step, str(step.live.raw["name"]))
        changed = step.changed - {"secret", *_ROTATION}
        for raw in _members(step.live) if changed else ():
            body = _body(step, {path: step.desired.fields[path] for path in changed})
            base = rotation.unmarked(str(raw.get("description") or ""))[1]
            if base and "description" in body:
                body["description"] = rotation.marked(body["description"], base)
            allow_denied(body, raw)
            await bench.api.put(f"/robots/{raw['id']}", {**raw, **body})

    async def delete(self, bench: WriteBench, step: Step) -> None:
        """DELETE /robots/{id}, and those that it follows."""
        assert step.live is not None
        for robot in _members(step.live):
            await bench.api.delete(f"/robots/{robot['id']}")


def _body(step: Step, fields: Mapping[str, Any]) -> dict[str, Any]:
    project = step.address.project
    body = payload(RobotFields, fields)
    body["level"] = "system" if project is None else "project"
    for group in body.get("permissions", []):
        if group["namespace"] == OWN:
            group["namespace"] = project
    return body


_FOLLOW, _HAND_OVER, _RETIRE = "make successor", "hand over", "retire"
_ROTATION = frozenset({rotation.EVERY, rotation.BEFORE_EXPIRY, rotation.OVERLAP})


def _updates(changed: frozenset[str]) -> tuple[str, ...]:
    takes_over = changed & {rotation.EVERY, rotation.BEFORE_EXPIRY}
    return (
        *(["update"] if changed - _ROTATION else []),
        *([_FOLLOW, _HAND_OVER] if takes_over else []),
        *([_RETIRE] if rotation.OVERLAP in changed else []),
    )


def _members(live: Live) -> tuple[Mapping[str, Any], ...]:
    """Harbor's replies for the robots of one address, the newest last."""
    members: tuple[Mapping[str, Any], ...] = live.raw[_MEMBERS]
    return members


_MEMBERS, _TAKEN = "harborconf:members", "harborconf:taken"


def _families(
    place: Place, replies: Sequence[Mapping[str, Any]], prefix: str, now: float
) -> list[Live]:
    """One live robot an address: the newest of those that follow one another."""
    named = {_short(place, str(reply["name"]), prefix): reply for reply in replies}
    families: dict[str, list[Mapping[str, Any]]] = {}
    for name, reply in named.items():
        base = rotation.unmarked(str(reply.get("description") or ""))[1]
        families.setdefault(base or name, []).append(reply)
    found = []
    for name, robots in families.items():
        members = rotation.in_order(robots) if len(robots) > 1 else tuple(robots)
        found.append(_live(place, name, members, tuple(named), now))
    return found


def _short(place: Place, name: str, prefix: str) -> str:
    name = name.removeprefix(prefix)
    return name if place.project is None else name.removeprefix(f"{place.project}+")


async def _follow(bench: WriteBench, step: Step) -> None:
    """Make the next robot, unless an earlier run was ended right after that."""
    assert step.desired is not None
    assert step.live is not None
    if rotation.due(step.desired.fields, step.live.raw, bench.now) is None:
        return
    base = str(step.address.name)
    fields = {**step.live.fields, **step.desired.fields}
    body = {"name": rotation.next_name(base, step.live.raw[_TAKEN]), **_body(step, fields)}
    body["description"] = rotation.marked(str(body.get("description") or ""), base)
    bench.made[step.address] = (await bench.api.post("/robots", body)).json()


async def renew_secret(bench: WriteBench, desired: Desired, live: Live) -> None:
    """Give a robot a new secret in place.

    The store is written first: whatever ends this, the next apply sets what the store holds.

    Raises:
        StoreError: the store cannot be written; nothing was sent then.
        RefusedError: Harbor does not accept the secret afterwards.
    """
    secret, name = generate(), str(live.raw["name"])
    told = name if _tells_name(desired) else ""
    await bench.stores.replace(desired.fields["secret"], secret, told)
    await bench.api.patch(f"/robots/{live.raw['id']}", {"secret": secret.reveal()})
    if not live.raw.get("disable") and await bench.api.accepts(name, secret) is False:
        message = f"Harbor does not accept the new secret of {live.address}"
        raise RefusedError(message, advice="harborconf apply sets it once more")


async def _hand_over(bench: WriteBench, step: Step) -> None:
    """Give the newest robot a secret first, so that what the store tells always works."""
    assert step.desired is not None
    assert step.live is not None
    newest = bench.made.get(step.address, step.live.raw)
    secret = generate()
    await bench.api.patch(f"/robots/{newest['id']}", {"secret": secret.reveal()})
    await bench.stores.replace(step.desired.fields["secret"], secret, str(newest["name"]))


def _live(
    place: Place,
    name: str,
    members: tuple[Mapping[str, Any], ...],
    taken: tuple[str, ...],
    now: float,
) -> Live:
    newest = members[-1]
    fields = from_reply(RobotFields, newest)
    fields["description"] = rotation.unmarked(str(fields["description"]))[0]
    fields["permissions"] = frozenset(
        Permission(one.kind, OWN, one.resource, one.action)
        if one.kind == "project" and one.namespace == place.project
        else one
        for one in fields["permissions"]
    )
    expires_at = int(newest.get("expires_at") or NEVER)
    note = "" if expires_at == NEVER or expires_at > now else "the robot has expired"
    raw = {**newest, _MEMBERS: members, _TAKEN: taken}
    return Live(Address("robot", name, place.project), fields, raw, note)


async def _observed(
    bench: Workbench, desired: Desired, stored: Secret | None, live: Live
) -> Mapping[str, Comparison]:
    """Whether the secret in the store works, and whether another robot's turn has come."""
    reference = desired.fields["secret"]
    if stored is None:
        reason = (
            f"{reference} is empty, and filling it would replace a secret in use:"
            f" put the secret there, or harborconf rotate {live.address}"
        )
        return {"secret": Comparison(Verdict.BLOCKED, reason)}
    turn = rotation.due(desired.fields, live.raw, bench.now)
    older = _members(live)[:-1]
    for robot in older if _ROTATION & desired.fields.keys() else ():
        usable = rotation.is_usable(robot, bench.now)
        if usable and await bench.api.accepts(str(robot["name"]), stored):
            path = turn[0] if turn else _trigger(desired)
            reason = f"the store still tells {robot['name']}: {live.raw['name']} takes over"
            return {path: Comparison(Verdict.DIFFERENT, reason)}
    found: dict[str, Comparison] = {}
    if turn is not None:
        found[turn[0]] = Comparison(Verdict.DIFFERENT, f"{turn[1]}: a new robot takes over")
    elif not rotation.is_usable(live.raw, bench.now):
        why = "expired" if live.note else "disabled"
        found["secret"] = Comparison(Verdict.UNKNOWN, f"the robot is {why}")
    else:
        found["secret"] = await _tried(bench, desired, str(live.raw["name"]), stored)
    gone = rotation.retired(desired.fields, _members(live), bench.now)
    if gone and rotation.OVERLAP in desired.fields:
        names = ", ".join(str(robot["name"]) for robot in gone)
        found[rotation.OVERLAP] = Comparison(Verdict.DIFFERENT, f"{names} has had its time")
    return found


async def _tried(bench: Workbench, desired: Desired, name: str, stored: Secret) -> Comparison:
    """Whether Harbor accepts what the store holds, and whether the store tells whose it is."""
    tried = await try_secret(bench, name, stored)
    reference = desired.fields["secret"]
    is_known = not _tells_name(desired) or await bench.stores.username(reference) == name
    if tried.verdict is Verdict.EQUAL and not is_known:
        return Comparison(Verdict.DIFFERENT, f"{reference} does not tell the user name {name}")
    return tried


def _tells_name(desired: Desired) -> bool:
    """Whether the user name stands beside the secret: where it changes, or pulls need it."""
    is_pulled_with = isinstance(desired.fields["secret"], Kubernetes)
    return is_pulled_with or bool(_ROTATION & desired.fields.keys())


async def _tell_name(bench: WriteBench, step: Step, name: str) -> None:
    """Put the robot's user name beside its secret, if it is not there."""
    assert step.desired is not None
    reference = step.desired.fields["secret"]
    if _tells_name(step.desired) and await bench.stores.username(reference) != name:
        secret = await bench.stores.peek(reference)
        assert secret is not None
        await bench.stores.replace(reference, secret, name)


def _trigger(desired: Desired) -> str:
    return rotation.EVERY if rotation.EVERY in desired.fields else rotation.BEFORE_EXPIRY


async def _prefix(bench: Workbench) -> str:
    """The prefix of robots' names, a setting; who may not read it gets Harbor's default."""
    try:
        settings = await bench.api.get("/configurations")
    except NotPermittedError:
        return bench.server.robot_prefix
    return str(settings["robot_name_prefix"]["value"])


async def _kept(bench: WriteBench, step: Step) -> None:
    """Fill the store before Harbor knows the robot, so that no secret is ever lost."""
    assert step.desired is not None
    reference = step.desired.fields["secret"]
    if await bench.stores.peek(reference) is None:
        await bench.stores.keep(reference, generate())


async def _set_secret(bench: WriteBench, step: Step, raw: Mapping[str, Any]) -> None:
    """PATCH the store's secret into Harbor. It does not move the robot's expiry."""
    assert step.desired is not None
    reference = step.desired.fields["secret"]
    secret = await bench.stores.peek(reference)
    if secret is None:
        message = f"{reference} became empty while harborconf ran"
        raise RefusedError(message, advice="run again: the robot waits for its secret")
    await bench.api.patch(f"/robots/{raw['id']}", {"secret": secret.reveal()})
