"""Webhooks, scanners and preheating: as desired, and each field changed by raw HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from contract.drift import Drift, Scene
from contract.raw import Json
from contract.target import Target

Change = Callable[[Scene, str], object]
HOOK, NIGHTLY = "hook", "nightly"
SCANNER, SPARE, PEERS, SPARE_PEERS = "scanner", "spare-scanner", "peers", "spare-peers"
INSTANCES = "/p2p/preheat/instances"
ENVIRON = {
    "HOOK": "Bearer Example1Word",
    "SCANNER": "Example1Word",
    "PEERS": "somebody:Example1Word",
}
"""The secrets that the configuration refers to."""


def tells_credentials(target: Target) -> bool:
    """Whether this Harbor tells the credentials of scanners and preheat instances."""
    return target.version < (2, 14, 4) or (2, 15) <= target.version < (2, 15, 1)


def untold(target: Target) -> set[tuple[str, str]]:
    """What no plan can tell."""
    kinds = set() if tells_credentials(target) else {"scanner", "preheat_instance"}
    return {(kind, "credential") for kind in kinds}


def can_drift(target: Target, drift: Drift) -> bool:
    """Whether this Harbor tells the field."""
    return drift.path != "credential" or tells_credentials(target)


def system(target: Target, adapter: str) -> str:
    """What stands at the top of a file; at `adapter` a scanner answers."""
    name = target.name
    return f"""
        scanners:
          {name(SCANNER)}:
            url: {adapter}/{name(SCANNER)}
            description: looks at images
            auth: bearer
            credential: {{env: SCANNER}}
            insecure: true
            internal_address: true
            disabled: false
          {name(SPARE)}: {{url: "{adapter}/{name(SPARE)}"}}
        system: {{default_scanner: {name(SPARE)}}}
        preheat_instances:
          {name(PEERS)}:
            vendor: dragonfly
            url: http://peers.example.com/{name(PEERS)}
            description: sends images ahead
            auth: basic
            credential: {{env: PEERS}}
            enabled: true
            default: true
            insecure: true
          {name(SPARE_PEERS)}:
            {{vendor: kraken, url: "http://peers.example.com/{name(SPARE_PEERS)}", enabled: true}}
    """


def scanning(target: Target) -> str:
    """What stands in the project's `scanning`."""
    return f"scanner: {target.name(SCANNER)}"


def own(target: Target) -> str:
    """What stands in the project."""
    return f"""
            webhooks:
              {target.name(HOOK)}:
                description: tells of pushes
                enabled: true
                events: [PUSH_ARTIFACT, SCANNING_FAILED]
                targets:
                  - url: https://hook.example.com/x?y=z
                    format: cloud_events
                    auth_header: {{env: HOOK}}
                    insecure: true
                  - {{url: https://slack.example.com/a, type: slack}}
            preheat:
              {target.name(NIGHTLY)}:
                instance: {target.name(PEERS)}
                description: every night
                enabled: true
                filters: {{repositories: [apps/**], tags: ["v*"], labels: [stable]}}
                trigger: daily
                scope: all_peers
                clusters: [1, 2]
    """


# ---- where they are ------------------------------------------------------------------


def webhook(scene: Scene) -> str:
    path = f"/projects/{scene.number}/webhook/policies"
    return f"{path}/{scene.find(path, scene.target.name(HOOK))['id']}"


def scanner(word: str) -> Callable[[Scene], str]:
    return lambda scene: f"/scanners/{scene.find('/scanners', scene.target.name(word))['uuid']}"


def instance(word: str) -> Callable[[Scene], str]:
    return lambda scene: f"{INSTANCES}/{scene.target.name(word)}"


def nightly(scene: Scene) -> str:
    project, name = scene.target.name("team"), scene.target.name(NIGHTLY)
    return f"/projects/{project}/preheat/policies/{name}"


def look(scene: Scene, drift: Drift) -> Json:
    """What Harbor tells of the resource that drifts."""
    raw = scene.target.raw
    match drift.kind:
        case "webhook":
            return raw.get(webhook(scene))
        case "scanner":
            return raw.get(scanner(drift.words)(scene))
        case "default_scanner":
            return [one["name"] for one in raw.all("/scanners") if one["is_default"]]
        case "project_scanner":
            return raw.get(f"/projects/{scene.number}/metadatas/projectScanner")
        case "preheat_instance":
            return {**raw.get(instance(drift.words)(scene)), "id": 0, "setup_timestamp": 0}
    return {**raw.get(nightly(scene)), "provider_id": 0}


# ---- the changes ---------------------------------------------------------------------


def _edit(place: Callable[[Scene], str], change: Callable[[Json], object]) -> Change:
    return lambda scene, _: scene.edit(place(scene), change)


def _webhook(change: Callable[[Json], object]) -> Change:
    return _edit(webhook, change)


def _target(**changed: Json) -> Change:
    """Change the first target, which is not Slack."""

    def change(body: Json) -> None:
        next(one for one in body["targets"] if one["type"] == "http").update(changed)

    return _webhook(change)


def _scanner(**changed: Json) -> Change:
    """The credential is sent along where Harbor needs it."""
    credential = {"access_credential": ENVIRON["SCANNER"]}
    return _edit(scanner(SCANNER), lambda body: body.update({**credential, **changed}))


def _elsewhere(scene: Scene, _: str) -> None:
    body = {"url": f"{scene.adapter}/elsewhere", "access_credential": ENVIRON["SCANNER"]}
    scene.edit(scanner(SCANNER)(scene), lambda found: found.update(body))


def _other_default(scene: Scene, _: str) -> None:
    scene.target.raw.write("PATCH", scanner(SCANNER)(scene), {"is_default": True})


def _other_choice(scene: Scene, _: str) -> None:
    uuid = scanner(SPARE)(scene).rpartition("/")[2]
    scene.target.raw.write("PUT", f"/projects/{scene.number}/scanner", {"uuid": uuid})


def _instance(word: str, **changed: Json) -> Change:
    return _edit(instance(word), lambda body: body.update(changed))


def _other_vendor(scene: Scene, _: str) -> None:
    """An instance keeps its vendor for life, so it is another one with its name."""
    body = scene.target.raw.get(instance(SPARE_PEERS)(scene))
    _no_spare(scene)
    scene.target.raw.write("POST", INSTANCES, {**body, "id": 0, "vendor": "dragonfly"})


def _no_spare(scene: Scene) -> None:
    scene.target.raw.write("DELETE", instance(SPARE_PEERS)(scene))


def _policy(**changed: Json) -> Change:
    texts = {key: json.dumps(one) for key, one in changed.items() if isinstance(one, list | dict)}
    return _edit(nightly, lambda body: body.update({**changed, **texts}))


def _other_instance(scene: Scene, _: str) -> None:
    number = scene.target.raw.get(instance(SPARE_PEERS)(scene))["id"]
    scene.edit(nightly(scene), lambda body: body.update(provider_id=number))


def drifts() -> Iterator[Drift]:
    """Every field of the kinds here."""
    yield from _of_webhooks()
    yield from _of_scanners()
    yield from _of_instances()
    extra = {"scope": "all_peers", "cluster_ids": [1, 2]}
    for api, path, change in (
        ("description", "description", _policy(description="")),
        ("provider_id", "instance", _other_instance),
        ("filters", "filters", _policy(filters=[{"type": "repository", "value": "**"}])),
        ("trigger", "trigger", _policy(trigger={"type": "manual"})),
        ("enabled", "enabled", _policy(enabled=False)),
        ("extra_attrs", "scope", _policy(extra_attrs={**extra, "scope": "all_seed_peers"})),
        ("extra_attrs.cluster_ids", "clusters", _policy(extra_attrs={**extra, "cluster_ids": []})),
    ):
        yield Drift("preheat", api, path, change, words=NIGHTLY)


def _of_webhooks() -> Iterator[Drift]:
    def to_slack(body: Json) -> None:
        target = next(one for one in body["targets"] if one["type"] == "http")
        target.update(type="slack", payload_format="")

    for api, path, change in (
        ("description", "description", _webhook(lambda body: body.update(description=""))),
        ("enabled", "enabled", _webhook(lambda body: body.update(enabled=False))),
        ("event_types[]", "events", _webhook(lambda body: body["event_types"].pop())),
        ("targets[].type", "targets", _webhook(to_slack)),
        ("targets[].address", "targets", _target(address="https://other.example.com")),
        ("targets[].auth_header", "targets", _target(auth_header="Bearer other")),
        ("targets[].skip_cert_verify", "targets", _target(skip_cert_verify=False)),
        ("targets[].payload_format", "targets", _target(payload_format="Default")),
    ):
        yield Drift("webhook", api, path, change, words=HOOK)


def _of_scanners() -> Iterator[Drift]:
    basic = {"auth": "Basic", "access_credential": "somebody:else"}
    for api, path, change, along in (
        ("description", "description", _scanner(description=""), ""),
        ("url", "url", _elsewhere, ""),
        ("auth", "auth", _scanner(**basic), "credential"),
        ("access_credential", "credential", _scanner(access_credential="other"), ""),
        ("skip_certVerify", "insecure", _scanner(skip_certVerify=False), ""),
        ("use_internal_addr", "internal_address", _scanner(use_internal_addr=False), ""),
        ("disabled", "disabled", _scanner(disabled=True), ""),
    ):
        yield Drift("scanner", api, path, change, "system", SCANNER, along=along)
    yield Drift("default_scanner", "is_default", "name", _other_default, "system")
    yield Drift("project_scanner", "uuid", "name", _other_choice)


def _of_instances() -> Iterator[Drift]:
    oauth = {"auth_mode": "OAUTH", "auth_info": {"token": "other"}}
    for api, path, change, along in (
        ("description", "description", _instance(PEERS, description=""), ""),
        ("endpoint", "url", _instance(PEERS, endpoint="http://other.example.com"), ""),
        ("auth_mode", "auth", _instance(PEERS, **oauth), "credential"),
        ("auth_info.*", "credential", _instance(PEERS, auth_info={"somebody": "else"}), ""),
        ("default", "default", _instance(PEERS, default=False), ""),
        ("insecure", "insecure", _instance(PEERS, insecure=False), ""),
    ):
        yield Drift("preheat_instance", api, path, change, "system", PEERS, along=along)
    for api, change, blocked in (
        ("enabled", _instance(SPARE_PEERS, enabled=False), None),
        ("vendor", _other_vendor, _no_spare),
    ):
        yield Drift("preheat_instance", api, api, change, "system", SPARE_PEERS, blocked=blocked)
