"""What belongs to a whole Harbor: desired, changed behind harborconf's back, and restored."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from threading import Thread
from typing import Any

import pytest

from contract.adapter import adapter
from contract.raw import Json, Raw
from contract.system_settings import ENDPOINT, FIRST, ROWS, SECOND, SECRETS, Row, rows
from contract.target import Target

ALONE = "HARBORCONF_TEST_ALONE"
"""Set where nobody else uses the real Harbor, so that all of it may be changed. `gently` leaves
alone what would hurt others, or could not be put back."""
GENTLY = "gently"

GC, PURGE = "/system/gc/schedule", "/system/purgeaudit/schedule"
SCAN_ALL, ALLOWLIST = "/system/scanAll/schedule", "/system/CVEAllowlist"
SETTINGS = "/configurations"
NEVER_EMPTY = ("ldap_url", "ldap_base_dn")


def require_alone(target: Target) -> None:
    """Skip where others use this Harbor as well."""
    if target.is_real and not os.environ.get(ALONE):
        pytest.skip(f"it would change a real Harbor for everybody who uses it; {ALONE} is not set")


@contextmanager
def restored(target: Target) -> Iterator[None]:
    """Afterwards the whole Harbor is as it was before."""
    raw = target.raw
    allowlist = raw.get(ALLOWLIST)
    jobs = {path: raw.send("GET", path).body for path in (GC, PURGE, SCAN_ALL)}
    settings = seen(raw, SETTINGS)
    try:
        yield
    finally:
        put_settings(raw, {"read_only": False})
        kept = {key: one for key, one in settings.items() if one or key not in NEVER_EMPTY}
        put_settings(raw, kept | dict.fromkeys(SECRETS, ""))
        body = {"items": allowlist["items"], "expires_at": allowlist.get("expires_at")}
        raw.write("PUT", ALLOWLIST, body)
        for path, job in jobs.items():
            if "errors" not in job:
                raw.write("PUT", path, _as_sent(job))


def put_settings(raw: Raw, body: Json) -> None:
    """PUT twice: a cache that somebody filled with old values in between is cleared."""
    raw.write("PUT", SETTINGS, body)
    raw.write("PUT", SETTINGS, body)


@contextmanager
def listening(target: Target) -> Iterator[tuple[str, str]]:
    """Two endpoints on loopback that take the audit log; empty where Harbor cannot reach them."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    for one in sockets:
        Thread(target=_take_all, args=(one,), daemon=True).start()
    found = tuple(f"127.0.0.1:{one.getsockname()[1]}" for one in sockets)
    try:
        if target.simulator is not None:
            target.simulator.state.reachable.update(found)
        elif target.raw.status("PUT", SETTINGS, {ENDPOINT: found[0]}) != HTTPStatus.OK:
            found = ("", "")
        put_settings(target.raw, {ENDPOINT: ""})
        yield found[0], found[1]
    finally:
        for one in sockets:
            one.close()


@contextmanager
def scanning(target: Target) -> Iterator[None]:
    """With a default scanner, one of our own where there is none."""
    if has_scanner(target):
        yield
        return
    with adapter() as scanner:
        body = {"name": f"hc-{secrets.token_hex(3)}", "url": f"{scanner.url}/system"}
        number = str(target.raw.write("POST", "/scanners", body).headers["Location"])
        path = f"/scanners/{number.rpartition('/')[2]}"
        target.raw.write("PATCH", path, {"is_default": True})
        try:
            yield
        finally:
            target.raw.write("PUT", SCAN_ALL, {"schedule": {"type": "None"}})
            target.raw.write("DELETE", path)


def _take_all(server: socket.socket) -> None:
    """Take every connection: Harbor waits for ever where none is taken, and locks its settings."""
    with suppress(OSError):
        while True:
            server.accept()[0].close()


def _as_sent(job: Json) -> Json:
    if not job:
        parameters = {"audit_retention_hour": 1, "include_event_types": ""}
        return {"schedule": {"type": "None"}, "parameters": parameters}
    schedule = {key: job["schedule"][key] for key in ("type", "cron")}
    return {"schedule": schedule, "parameters": parameters_of(job)}


def parameters_of(job: Json) -> dict[str, Json]:
    """The parameters of a job, which are text in the reply."""
    found: dict[str, Json] = json.loads(job.get("job_parameters") or "{}")
    return found


# ---- desired, and one change at a time -----------------------------------------------


DESIRED = """
    system:
      garbage_collection:
        schedule: "0 30 4 * * 6"
        delete_untagged: true
        workers: 3{delete_tag}
      audit_rotation:
        schedule: weekly
        retention: 90d
        event_types: [create_artifact, pull_artifact]
        dry_run: true
      {scan_all}
      cve_allowlist:
        - {{id: CVE-2024-3094, reason: not linked, owner: platform, expires: 2031-01-31}}
        - {{id: CVE-2021-44228, expires: 2031-01-31}}
      settings:
{settings}
"""


@dataclass(frozen=True)
class Scene:
    """What of a Harbor can be tried out."""

    target: Target
    endpoints: tuple[str, str]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The settings that can be changed here."""
        gently = self.target.is_real and os.environ.get(ALONE) == GENTLY
        return rows(gently=gently, answers=bool(self.endpoints[0]))

    def real(self, value: Any) -> Any:
        """A value with endpoints that answer in it."""
        if not isinstance(value, str):
            return value
        return value.replace(FIRST, self.endpoints[0]).replace(SECOND, self.endpoints[1])

    @property
    def desired(self) -> str:
        """A configuration with every field, none at Harbor's default where that can be."""
        since = (2, 15)
        tag = "\n        delete_tag: true" if self.target.version >= since else ""
        scan_all = "scan_all: {schedule: daily}" if has_scanner(self.target) else ""
        said = {row.key: self.real(row.yaml) for row in self.rows}
        said |= {key: f"{{env: {name}}}" for key, name in SECRETS.items()}
        settings = "\n".join(f"        {key}: {yaml}" for key, yaml in said.items())
        return DESIRED.format(delete_tag=tag, scan_all=scan_all, settings=settings)

    def has(self, one: Drift | Alone) -> bool:
        """Whether this Harbor has the field, and it can be tried out."""
        if one.where == SETTINGS:
            return any(row.key == one.path for row in self.rows)
        has_job = one.where != SCAN_ALL or has_scanner(self.target)
        return one.since <= self.target.version and has_job


def has_scanner(target: Target) -> bool:
    """Whether there is a default scanner; without one Harbor does not even tell the schedule."""
    return target.raw.status("GET", SCAN_ALL) == HTTPStatus.OK


Change = Callable[[Scene], object]


@dataclass(frozen=True)
class Drift:
    """One field of one kind, changed. `where` is what is read to see it."""

    kind: str
    api: str
    path: str
    where: str
    change: Change
    since: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """Its name in the matrix."""
        return f"{self.kind} {self.api}"


def seen(raw: Raw, path: str) -> dict[str, Any]:
    """What Harbor tells by its API's own names, without what moves by itself."""
    found = raw.get(path) or {}
    if path == SETTINGS:
        return {row.key: found[row.key]["value"] for row in ROWS}
    if path == ALLOWLIST:
        return {"ids": sorted(item["cve_id"] for item in found["items"])} | {
            "expires_at": found.get("expires_at")
        }
    return {"cron": (found.get("schedule") or {}).get("cron"), **parameters_of(found)}


def _job(path: str, **changed: Json) -> Change:
    """Change a parameter of a job, or its cron."""

    def put(scene: Scene) -> None:
        raw = scene.target.raw
        job = raw.get(path)
        schedule = {"type": "Custom", "cron": changed.get("cron", job["schedule"]["cron"])}
        parameters = parameters_of(job) | changed
        parameters.pop("cron", None)
        raw.write("PUT", path, {"schedule": schedule, "parameters": parameters})

    return put


def _allowlist(change: Callable[[Json], object]) -> Change:
    def put(scene: Scene) -> None:
        found = scene.target.raw.get(ALLOWLIST)
        change(found)
        body = {key: found[key] for key in ("items", "expires_at")}
        scene.target.raw.write("PUT", ALLOWLIST, body)

    return put


def _clear(scene: Scene) -> None:
    scene.target.raw.write("PUT", SCAN_ALL, {"schedule": {"type": "None"}})


def _setting(row: Row) -> Change:
    return lambda scene: put_settings(scene.target.raw, {row.key: scene.real(row.drift)})


def _drifts() -> Iterator[Drift]:
    gc, rotation, allowed = "garbage_collection", "audit_rotation", "cve_allowlist"
    cron = "0 0 7 * * *"
    yield Drift(gc, "schedule.type", "schedule", GC, _job(GC, cron="0 0 * * * *"))
    yield Drift(gc, "schedule.cron", "schedule", GC, _job(GC, cron=cron))
    for api, value in (("delete_untagged", False), ("workers", 2)):
        yield Drift(gc, f"parameters.{api}", api, GC, _job(GC, **{api: value}))
    tag = _job(GC, delete_tag=False)
    yield Drift(gc, "parameters.delete_tag", "delete_tag", GC, tag, since=(2, 15))
    yield Drift(rotation, "schedule.type", "schedule", PURGE, _job(PURGE, cron="0 0 0 * * *"))
    yield Drift(rotation, "schedule.cron", "schedule", PURGE, _job(PURGE, cron=cron))
    for api, path, new in (
        ("audit_retention_hour", "retention", 49),
        ("include_event_types", "event_types", "create_artifact,other"),
        ("dry_run", "dry_run", False),
    ):
        yield Drift(rotation, f"parameters.{api}", path, PURGE, _job(PURGE, **{api: new}))
    yield Drift("scan_all", "schedule.type", "schedule", SCAN_ALL, _clear)
    yield Drift("scan_all", "schedule.cron", "schedule", SCAN_ALL, _job(SCAN_ALL, cron=cron))
    for api, change in (
        ("items[].cve_id", lambda found: found["items"].append({"cve_id": "CVE-2000-1"})),
        ("expires_at", lambda found: found.update(expires_at=found["expires_at"] + 86_400)),
    ):
        yield Drift(allowed, api, "items", ALLOWLIST, _allowlist(change))
    for row in ROWS:
        yield Drift("settings", row.key, row.key, SETTINGS, _setting(row))


DRIFTS = tuple(_drifts())


# ---- one field written alone ---------------------------------------------------------


@dataclass(frozen=True)
class Alone:
    """One field: what YAML says of it, and what Harbor has afterwards at `where`."""

    kind: str
    path: str
    yaml: str
    where: str
    after: dict[str, Json]
    since: tuple[int, ...] = ()

    @property
    def id(self) -> str:
        """Its name."""
        return f"{self.kind} {self.path}"


FIELDS = (
    Alone("garbage_collection", "schedule", "daily", GC, {"cron": "0 0 0 * * *"}),
    Alone("garbage_collection", "delete_untagged", "false", GC, {"delete_untagged": False}),
    Alone("garbage_collection", "delete_tag", "false", GC, {"delete_tag": False}, (2, 15)),
    Alone("garbage_collection", "workers", "10", GC, {"workers": 10}),
    Alone("audit_rotation", "retention", "36h", PURGE, {"audit_retention_hour": 36}),
    Alone("audit_rotation", "event_types", "other", PURGE, {"include_event_types": "other"}),
    Alone("audit_rotation", "dry_run", "false", PURGE, {"dry_run": False}),
    Alone("scan_all", "schedule", "hourly", SCAN_ALL, {"cron": "0 0 * * * *"}),
    Alone("cve_allowlist", "items", "[CVE-1]", ALLOWLIST, {"ids": ["CVE-1"], "expires_at": None}),
    *(Alone("settings", row.key, row.alone, SETTINGS, {row.key: row.after}) for row in ROWS),
)
"""A schedule of audit log rotation is never written alone: Harbor wants the other fields too. A
secret that Harbor never tells is sent along with others."""
NEVER_ALONE = {("audit_rotation", "schedule"), *(("settings", key) for key in SECRETS)}
UNSEEN = {
    *(("settings", key, key) for key in SECRETS),
    # A group keeps its type for life; only one of LDAP has a name. Both are in test_groups.
    ("group", "group_type", "type"),
    ("group", "group_name", "name"),
}
