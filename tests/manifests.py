"""Kubernetes manifests as tests read them, and what each of ours has to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

Manifest = dict[str, Any]
CONTAINER_SECURITY = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
POD_SECURITY = {
    "runAsNonRoot": True,
    "runAsUser": 65532,
    "runAsGroup": 65532,
    "fsGroup": 65532,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def documents(text: str) -> list[Manifest]:
    return [one for one in yaml.safe_load_all(text) if one]


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    return [one for one in manifests if one["kind"] == kind]


def pod_spec(manifest: Manifest) -> Manifest | None:
    """What a pod of it is like, if it makes any."""
    spec: Manifest = manifest.get("spec") or {}
    match manifest["kind"]:
        case "Pod":
            return spec
        case "Job":
            spec = spec["template"]["spec"]
        case "CronJob":
            spec = spec["jobTemplate"]["spec"]["template"]["spec"]
        case _:
            return None
    return spec


def arguments(manifest: Manifest) -> list[str]:
    """What harborconf is given."""
    spec = pod_spec(manifest)
    assert spec is not None
    (container,) = spec["containers"]
    return [str(word) for word in container["args"]]


def faults(manifest: Manifest) -> Iterator[str]:
    """What a manifest of ours must not be."""
    if not manifest.get("apiVersion") or not manifest.get("metadata", {}).get("name"):
        yield "has no apiVersion, or no name"
    if manifest["kind"] == "CronJob":
        yield from _cron_job(manifest["spec"])
    if spec := pod_spec(manifest):
        yield from _pod(spec)
    if manifest["kind"] == "Role":
        for rule in manifest["rules"]:
            if rule["resources"] != ["secrets"] or "*" in rule["verbs"]:
                yield "has rights over more than Secrets"
            if "resourceNames" not in rule and rule["verbs"] != ["create"]:
                yield "has rights over Secrets that are not named"


def _cron_job(spec: Manifest) -> Iterator[str]:
    if spec["concurrencyPolicy"] != "Forbid":
        yield "lets two runs overlap"
    if not spec["timeZone"] or spec["startingDeadlineSeconds"] < 10:
        yield "has no time zone, or a deadline under which Kubernetes misses it"


def _pod(spec: Manifest) -> Iterator[str]:
    if spec["securityContext"] != POD_SECURITY:
        yield f"has the pod security {spec['securityContext']}"
    if spec["enableServiceLinks"] or spec["restartPolicy"] != "Never":
        yield "has variables of services, or restarts in place"
    volumes = {one["name"] for one in spec["volumes"]}
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        if container["securityContext"] != CONTAINER_SECURITY:
            yield f"{container['name']} has the security {container['securityContext']}"
        if not {"requests", "limits"} <= set(container["resources"]):
            yield f"{container['name']} has no resources"
        mounted = {one["name"] for one in container["volumeMounts"]}
        if not mounted <= volumes or "tmp" not in mounted:
            yield f"{container['name']} mounts {mounted} of {volumes}"
        for variable in container.get("env", []):
            if variable["name"].endswith("PASSWORD") and "valueFrom" not in variable:
                yield f"{variable['name']} stands in the manifest"
