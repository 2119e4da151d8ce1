"""Registries, replications and a proxy cache: as desired, and each field changed by raw HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from textwrap import indent

import trustme

from contract.drift import Drift, Scene
from contract.raw import Json
from contract.target import WORD, Target
from inventory import inventory

Change = Callable[[Scene, str], object]
CACHE, SPARE, HUB, IN, OUT = "cache", "spare", "hub", "in", "out"
# What no drift shows.
UNSEEN = {
    ("registry", "credential.access_secret", "credential.password"): "Harbor never tells it",
}


@cache
def certificate() -> str:
    """A certificate that nothing needs."""
    return trustme.CA().cert_pem.bytes().decode().strip()


def exists(target: Target, kind: str, api: str) -> bool:
    """Whether this Harbor has the field."""
    version = ".".join(map(str, target.version))
    found = next(one for one in inventory().entries if (one.kind, one.api) == (kind, api))
    return found.exists_in(version)


def can_drift(target: Target, drift: Drift) -> bool:
    """Whether this Harbor has the field, and something else to be there."""
    has_other = len(set(target.registries)) > 1
    is_url = (drift.kind, drift.api) == ("registry", "url")
    return exists(target, drift.kind, drift.api) and (has_other or not is_url)


def system(target: Target) -> str:
    """What stands at the top of a file. ADMIN holds the password of the administrator."""
    name, url = target.name, target.registries[0]
    trusted = ""
    if exists(target, "registry", "ca_certificate"):
        trusted = "ca_certificate: |\n" + indent(certificate(), " " * 16)
    single = ""
    if exists(target, "replication", "single_active_replication"):
        single = "single_active_replication: true"
    return f"""
        registries:
          {name(HUB)}:
            type: harbor
            url: {url}
            credential:
              username: {target.username}
              password: {{env: ADMIN}}
              type: basic
            insecure: true
            description: another Harbor
            {trusted}
          {name(SPARE)}: {{type: harbor, url: "{url}", insecure: true, credential: none}}
        replications:
          {name(IN)}:
            description: from elsewhere
            pull_from: {name(HUB)}
            filters:
              - {{repositories: [library/**]}}
              - {{tags: ["v*"]}}
              - {{labels: [stable, tested]}}
              - {{resource: image}}
            destination: {{namespace: {name("mirror")}, flatten: 1}}
            trigger: "0 30 2 * * *"
            enabled: false
            override: true
            speed: 10Mbps
            copy_by_chunk: true
            {single}
          {name(OUT)}:
            push_to: {name(HUB)}
            trigger: event_based
            enabled: false
            replicate_deletion: true
    """


def projects(target: Target) -> str:
    """What stands under `projects`."""
    connections = local = ""
    if exists(target, "project", "metadata.max_upstream_conn"):
        connections = "max_upstream_connections: 5"
    if exists(target, "project", "metadata.proxy_cache_local_on_not_found"):
        local = "local_on_not_found: true"
    return f"""
          {target.name(CACHE)}:
            proxy_cache:
              registry: {target.name(HUB)}
              speed: 512Kbps
              {connections}
              {local}
    """


# ---- made by hand --------------------------------------------------------------------


def fill(target: Target) -> None:
    """Two registries, a pull, a push and a proxy cache, with no value at its default."""
    raw, url = target.raw, target.registries[0]
    target.add_user("ann")
    own = {"type": "basic", "access_key": target.username, "access_secret": target.password}
    hub = raw.make(
        "/registries",
        {
            "name": target.name(HUB),
            "type": "harbor",
            "url": url,
            "insecure": True,
            "description": "a Harbor",
            "credential": own,
        },
    )
    raw.make("/registries", {"name": target.name(SPARE), "type": "harbor", "url": url})
    pull = {
        "name": target.name(IN),
        "description": "pulls",
        "src_registry": {"id": hub},
        "filters": [
            {"type": "name", "value": "library/**"},
            {"type": "tag", "value": "v*", "decoration": "excludes"},
        ],
        "dest_namespace": "mirror",
        "dest_namespace_replace_count": 1,
        "trigger": {"type": "scheduled", "trigger_settings": {"cron": "0 30 2 * * *"}},
        "override": True,
        "speed": 100,
        "copy_by_chunk": True,
        "single_active_replication": True,
    }
    push = {
        "name": target.name(OUT),
        "dest_registry": {"id": hub},
        "trigger": {"type": "event_based"},
    }
    for body in (pull, push):
        raw.make("/replication/policies", body)
    metadata = {
        "proxy_speed_kb": "512",
        "max_upstream_conn": "3",
        "proxy_cache_local_on_not_found": "false",
    }
    body = {"project_name": target.name(CACHE), "registry_id": hub, "metadata": metadata}
    raw.make("/projects", body)


# ---- the changes ---------------------------------------------------------------------


def registry(scene: Scene, word: str) -> Json:
    """A registry as Harbor tells it."""
    return scene.find("/registries", scene.target.name(word))


def replication(scene: Scene, word: str) -> Json:
    """A replication as Harbor tells it."""
    return scene.find("/replication/policies", scene.target.name(word))


def _put_registry(**changed: str | bool) -> Change:
    def change(scene: Scene, _: str) -> None:
        scene.target.raw.write("PUT", f"/registries/{registry(scene, HUB)['id']}", changed)

    return change


def _other_url(scene: Scene, _: str) -> None:
    body = {"url": scene.target.registries[1]}
    scene.target.raw.write("PUT", f"/registries/{registry(scene, HUB)['id']}", body)


def _other_user(scene: Scene, _: str) -> None:
    body = {"access_key": scene.target.name("alice"), "access_secret": WORD}
    scene.target.raw.write("PUT", f"/registries/{registry(scene, HUB)['id']}", body)


def _other_type(scene: Scene, _: str) -> None:
    """A registry keeps its type for life, so it is another one with its name."""
    found, raw = registry(scene, SPARE), scene.target.raw
    raw.write("DELETE", f"/registries/{found['id']}")
    raw.make("/registries", {**found, "type": "docker-registry"})


def _no_spare(scene: Scene) -> None:
    scene.target.raw.write("DELETE", f"/registries/{registry(scene, SPARE)['id']}")


def _edit(word: str, change: Callable[[Json], object]) -> Change:
    def edit(scene: Scene, _: str) -> None:
        path = f"/replication/policies/{replication(scene, word)['id']}"
        scene.edit(path, change)

    return edit


def _end(word: str, side: str) -> Change:
    """Another registry at one end."""

    def change(scene: Scene, _: str) -> None:
        path = f"/replication/policies/{replication(scene, word)['id']}"
        other = {"id": registry(scene, SPARE)["id"]}
        scene.edit(path, lambda body: body.update({side: other}))

    return change


def _filter(kind: str, **changed: object) -> Change:
    def change(policy: Json) -> None:
        next(one for one in policy["filters"] if one["type"] == kind).update(changed)

    return _edit(IN, change)


def _metadata(key: str, value: str) -> Change:
    def change(scene: Scene, _: str) -> None:
        found = scene.target.raw.project(scene.target.name(CACHE))
        assert found["metadata"].get(key) != value
        path = f"/projects/{found['project_id']}"
        scene.target.raw.write("PUT", path, {"metadata": {key: value}})

    return change


def _other_cache(scene: Scene, _: str) -> None:
    """A proxy cache keeps its registry for life."""
    raw, name = scene.target.raw, scene.target.name(CACHE)
    metadata = raw.project(name)["metadata"]
    _no_cache(scene)
    body = {"project_name": name, "registry_id": registry(scene, SPARE)["id"]}
    raw.make("/projects", {**body, "metadata": {**metadata, "retention_id": None}})


def _no_cache(scene: Scene) -> None:
    found = scene.target.raw.project(scene.target.name(CACHE))
    scene.target.raw.write("DELETE", f"/projects/{found['project_id']}")


def drifts() -> Iterator[Drift]:
    """Every field of the kinds here."""
    yield from _of_registries()
    yield from _of_replications()
    for api, path, value in (
        ("metadata.proxy_speed_kb", "speed", "-1"),
        ("metadata.max_upstream_conn", "max_upstream_connections", "7"),
        ("metadata.proxy_cache_local_on_not_found", "local_on_not_found", "false"),
    ):
        change = _metadata(api.partition(".")[2], value)
        yield Drift("project", api, f"proxy_cache.{path}", change, words=CACHE)
    yield Drift(
        "project",
        "registry_id",
        "proxy_cache.registry",
        _other_cache,
        words=CACHE,
        blocked=_no_cache,
    )


def _of_registries() -> Iterator[Drift]:
    password = "credential.password"
    for api, path, change, along in (
        ("url", "url", _other_url, password),
        ("credential.access_key", "credential.username", _other_user, password),
        ("credential.type", "credential.type", _put_registry(credential_type="oauth"), password),
        ("insecure", "insecure", _put_registry(insecure=False), ""),
        ("description", "description", _put_registry(description=""), ""),
        ("ca_certificate", "ca_certificate", _put_registry(ca_certificate=""), ""),
    ):
        yield Drift("registry", api, path, change, "system", HUB, along=along)
    yield Drift("registry", "type", "type", _other_type, "system", SPARE, blocked=_no_spare)


def _of_replications() -> Iterator[Drift]:
    def manual(policy: Json) -> None:
        policy["trigger"]["type"] = "manual"

    def later(policy: Json) -> None:
        policy["trigger"]["trigger_settings"]["cron"] = "0 30 3 * * *"

    def retype(policy: Json) -> None:
        image = next(one for one in policy["filters"] if one["type"] == "resource")
        image.update(type="name", value="image")

    for api, path, change in (
        ("description", "description", _edit(IN, lambda body: body.update(description="x"))),
        ("src_registry.id", "pull_from", _end(IN, "src_registry")),
        ("filters[].type", "filters", _edit(IN, retype)),
        ("filters[].value", "filters", _filter("label", value=["stable"])),
        ("filters[].decoration", "filters", _filter("tag", decoration="excludes")),
        ("dest_namespace", "destination.namespace", _put(dest_namespace="elsewhere/x")),
        (
            "dest_namespace_replace_count",
            "destination.flatten",
            _put(dest_namespace_replace_count=-1),
        ),
        ("trigger.type", "trigger", _edit(IN, manual)),
        ("trigger.trigger_settings.cron", "trigger", _edit(IN, later)),
        ("enabled", "enabled", _put(enabled=True)),
        ("override", "override", _put(override=False)),
        ("speed", "speed", _put(speed=0)),
        ("copy_by_chunk", "copy_by_chunk", _put(copy_by_chunk=False)),
        (
            "single_active_replication",
            "single_active_replication",
            _put(single_active_replication=False),
        ),
    ):
        yield Drift("replication", api, path, change, "system", IN)
    yield Drift(
        "replication", "dest_registry.id", "push_to", _end(OUT, "dest_registry"), "system", OUT
    )
    deletion = _edit(OUT, lambda body: body.update(deletion=False))
    yield Drift("replication", "deletion", "replicate_deletion", deletion, "system", OUT)


def _put(**changed: object) -> Change:
    return _edit(IN, lambda body: body.update(changed))


def look(scene: Scene, drift: Drift) -> Json:
    """What Harbor tells of the resource that drifts."""
    match drift.kind:
        case "registry":
            return registry(scene, drift.words)
        case "replication":
            return replication(scene, drift.words)
    return scene.target.raw.project(scene.target.name(drift.words))
