"""What people do to a Harbor by hand: the demo's drift, made over plain HTTP."""

from __future__ import annotations

import base64
import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from harborconf.kinds.member import USER
from harborconf.spec.address import Address
from harborconf.spec.value import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harborconf.engine.resolve import DesiredState
    from harborconf.kinds.resource import Desired

_REFUSED = 400
_ADMIN = 1


class Hand:
    """Asks Harbor as its administrator, without anything of harborconf's in between."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._netloc = urlsplit(url).netloc
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The reply's JSON."""
        connection = http.client.HTTPConnection(self._netloc, timeout=10)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, f"/api/v2.0{path}", content, self._headers)
            reply = connection.getresponse()
            text = reply.read()
        finally:
            connection.close()
        if reply.status >= _REFUSED:
            message = f"{method} {path}: {reply.status} {text.decode('utf-8', 'replace')}"
            raise RuntimeError(message)
        return json.loads(text or b"null")

    def project(self, name: str | None) -> int:
        """Harbor's number of a project."""
        found = self.ask("GET", f"/projects?page_size=100&name={quote(str(name))}")
        return next(int(one["project_id"]) for one in found if one["name"] == name)

    def robot(self, address: Address) -> Any:
        """Harbor's reply for a robot of a project."""
        number = self.project(address.project)
        found = self.ask("GET", f"/robots?page_size=100&q=Level=project,ProjectID={number}")
        full = f"{address.project}+{address.name}"
        return next(one for one in found if one["name"].endswith(full))


@dataclass(frozen=True, slots=True)
class Tampering:
    """One thing somebody does by hand, and the address at which a plan must tell of it."""

    told: str
    address: Address
    do: Callable[[Hand], object]


def tamperings(state: DesiredState) -> tuple[Tampering, ...]:
    """One of each sort that this configuration would notice, in as many projects as there are."""
    chosen: list[Tampering] = []
    for sort in _SORTS:
        candidates = [one for desired in state.resources for one in sort(state, desired)]
        used = {one.address.owner or one.address for one in chosen}
        fresh = [one for one in candidates if (one.address.owner or one.address) not in used]
        chosen += (fresh or candidates)[:1]
    return tuple(chosen)


def _stranger(state: DesiredState, project: Desired, *, pruned: bool) -> Iterator[Tampering]:
    name = project.address.name
    if project.address.kind != "project" or ((name, "member") in state.prune) is not pruned:
        return
    if not any((key.project, key.prefix) == (name, USER) for key in state.managed):
        return
    for user in reversed(state.resources):
        member = Address("member", f"{USER}{user.address.name}", name)
        if user.address.kind == "user" and not user.absent and member not in state.by_address:
            told = f"make {user.address.name} an administrator of {name}"
            yield Tampering(told, member, _membership(name, user.address.name))
            return


def _membership(project: str | None, user: str | None) -> Callable[[Hand], object]:
    body = {"role_id": _ADMIN, "member_user": {"username": user}}
    return lambda hand: hand.ask("POST", f"/projects/{hand.project(project)}/members", body)


def _pruned_member(state: DesiredState, desired: Desired) -> Iterator[Tampering]:
    return _stranger(state, desired, pruned=True)


def _extra_member(state: DesiredState, desired: Desired) -> Iterator[Tampering]:
    return _stranger(state, desired, pruned=False)


def _published(_: DesiredState, desired: Desired) -> Iterator[Tampering]:
    if desired.fields.get("public") is False:
        yield Tampering(
            f"make {desired.address.name} public",
            desired.address,
            _metadata(desired.address.name, public="true"),
        )


def _unscanned(_: DesiredState, desired: Desired) -> Iterator[Tampering]:
    if desired.fields.get("scanning.block.enabled"):
        yield Tampering(
            f"let vulnerable images out of {desired.address.name}",
            desired.address,
            _metadata(desired.address.name, prevent_vul="false"),
        )


def _metadata(name: str | None, **values: str) -> Callable[[Hand], object]:
    return lambda hand: hand.ask("PUT", f"/projects/{hand.project(name)}", {"metadata": values})


def _unlimited(_: DesiredState, desired: Desired) -> Iterator[Tampering]:
    def do(hand: Hand) -> None:
        number = hand.project(desired.address.project)
        (quota,) = hand.ask("GET", f"/quotas?reference=project&reference_id={number}")
        hand.ask("PUT", f"/quotas/{quota['id']}", {"hard": {"storage": UNLIMITED}})

    if desired.address.kind == "quota" and desired.fields["storage"] != UNLIMITED:
        yield Tampering(f"lift the quota of {desired.address.project}", desired.address, do)


def _narrowed(_: DesiredState, desired: Desired) -> Iterator[Tampering]:
    def do(hand: Hand) -> None:
        robot = hand.robot(desired.address)
        access = robot["permissions"][0]["access"]
        access.remove(min(access, key=lambda one: (one["resource"], one["action"])))
        hand.ask("PUT", f"/robots/{robot['id']}", robot)

    if desired.address.project and len(desired.fields.get("permissions", ())) > 1:
        told = f"take a permission from robot {desired.address.name} of {desired.address.project}"
        yield Tampering(told, desired.address, do)


def _rotated(_: DesiredState, desired: Desired) -> Iterator[Tampering]:
    def do(hand: Hand) -> None:
        robot = hand.robot(desired.address)
        hand.ask("PATCH", f"/robots/{robot['id']}", {"secret": "Made1ByHand"})

    if desired.address.project and "secret" in desired.fields and desired.fields.get("permissions"):
        told = f"give robot {desired.address.name} of {desired.address.project} another secret"
        yield Tampering(told, desired.address, do)


def _relaxed(_: DesiredState, desired: Desired) -> Iterator[Tampering]:
    def do(hand: Hand) -> None:
        project = hand.ask("GET", f"/projects/{hand.project(desired.address.project)}")
        path = f"/retentions/{project['metadata']['retention_id']}"
        policy = hand.ask("GET", path)
        hand.ask("PUT", path, {**policy, "rules": policy["rules"][1:]})

    if desired.address.kind == "retention" and desired.fields.get("rules"):
        told = f"remove a retention rule of {desired.address.project}"
        yield Tampering(told, desired.address, do)


def _loosened(_: DesiredState, desired: Desired) -> Iterator[Tampering]:
    def do(hand: Hand) -> None:
        path = f"/projects/{hand.project(desired.address.project)}/immutabletagrules"
        first, *_ = hand.ask("GET", path)
        hand.ask("DELETE", f"{path}/{first['id']}")

    if desired.address.kind == "immutable_tags" and desired.fields["rules"]:
        told = f"let tags of {desired.address.project} be overwritten"
        yield Tampering(told, desired.address, do)


def _relabelled(_: DesiredState, desired: Desired) -> Iterator[Tampering]:
    def do(hand: Hand) -> None:
        number = hand.project(desired.address.project)
        labels = hand.ask("GET", f"/labels?scope=p&project_id={number}&page_size=100")
        label = next(one for one in labels if one["name"] == desired.address.name)
        hand.ask("DELETE", f"/labels/{label['id']}")

    if desired.address.kind == "label" and desired.address.project and not desired.absent:
        told = f"delete the label {desired.address.name} of {desired.address.project}"
        yield Tampering(told, desired.address, do)


def _paused(_: DesiredState, desired: Desired) -> Iterator[Tampering]:
    def do(hand: Hand) -> None:
        found = hand.ask("GET", "/replication/policies?page_size=100")
        policy = next(one for one in found if one["name"] == desired.address.name)
        hand.ask("PUT", f"/replication/policies/{policy['id']}", {**policy, "enabled": False})

    if desired.address.kind == "replication" and desired.fields.get("enabled"):
        told = f"switch the replication {desired.address.name} off"
        yield Tampering(told, desired.address, do)


_SORTS = (
    _pruned_member,
    _extra_member,
    _unscanned,
    _published,
    _unlimited,
    _narrowed,
    _rotated,
    _relaxed,
    _loosened,
    _relabelled,
    _paused,
)
