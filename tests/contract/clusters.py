"""Clusters of Kubernetes for tests: the stand-in, and a real one if a kubeconfig names it.

What tests look at and change goes over the same requests on both. harborconf may do there what
the chart's Role gives.
"""

from __future__ import annotations

import base64
import json
import os
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from apiserver import ADMIN, ApiServer, RefusedError, kubeconfig
from harborconf.stores.cluster import Cluster, cluster_from

KUBECONFIG = "HARBORCONF_TEST_KUBECONFIG"
REAL, STAND_IN = "real-cluster", "stand-in-cluster"
OPAQUE, DOCKER = "Opaque", "kubernetes.io/dockerconfigjson"
VERBS = ("get", "create", "patch")
NAMED = ("ci", "pull")
"""The Secrets that harborconf may read and write."""
_RBAC = "rbac.authorization.k8s.io"
_ME = "harborconf"
_OK = 300
_PATIENCE = 10


@dataclass
class Kube:
    """Two namespaces of one cluster; `environ` is that of harborconf."""

    admin: Cluster
    environ: Mapping[str, str]
    namespace: str
    other: str
    permit: Callable[[Sequence[str]], None]
    fill: Callable[[], None]
    """Let no room be left for another Secret."""

    def held(self, name: str, namespace: str = "") -> dict[str, str]:
        """What a Secret holds."""
        data = self._ask("GET", self._path(name, namespace)).get("data") or {}
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def managers(self, name: str, key: str) -> set[tuple[str, str]]:
        """Who has written a key, and how."""
        entries = self._ask("GET", self._path(name))["metadata"]["managedFields"]
        return {
            (entry["manager"], entry["operation"])
            for entry in entries
            if f"f:{key}" in entry["fieldsV1"].get("f:data", {})
        }

    def make(
        self,
        name: str,
        manager: str,
        held: Mapping[str, str],
        kind: str = OPAQUE,
        *,
        immutable: bool = False,
    ) -> None:
        """Somebody else makes a Secret."""
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "type": kind,
            "data": _encoded(held),
            "immutable": immutable,
        }
        self._ask("POST", f"{self._path()}?fieldManager={manager}", body)

    def edit(self, name: str, manager: str, held: Mapping[str, str]) -> None:
        """Somebody else makes a Secret hold this and nothing else."""
        live = self._ask("GET", self._path(name))
        body = {**live, "data": _encoded(held)}
        self._ask("PUT", f"{self._path(name)}?fieldManager={manager}", body)

    def remove(self, name: str) -> None:
        """Somebody deletes a Secret."""
        self._ask("DELETE", self._path(name))

    def _path(self, name: str = "", namespace: str = "") -> str:
        path = f"/api/v1/namespaces/{namespace or self.namespace}/secrets"
        return f"{path}/{name}" if name else path

    def _ask(self, method: str, path: str, body: object = None) -> Mapping[str, Any]:
        return asked(self.admin, method, path, body)


def asked(cluster: Cluster, method: str, path: str, body: object = None) -> Mapping[str, Any]:
    """A request that must be granted."""
    answer = cluster.send(method, path, body)
    assert answer.status < _OK, (method, path, answer)
    return answer.body


def clusters() -> list[str]:
    """Those there are."""
    return [STAND_IN, *([REAL] if os.environ.get(KUBECONFIG) else [])]


@contextmanager
def cluster(which: str, folder: Path) -> Iterator[Kube]:
    """A cluster for one test, with a kubeconfig in the folder."""
    folder.mkdir(exist_ok=True)
    file = folder / "kubeconfig"
    environ = {"KUBECONFIG": str(file)}
    if which == REAL:
        yield _real(file, environ)
        return
    server = ApiServer()

    def permit(verbs: Sequence[str]) -> None:
        server.verbs = set(verbs)

    def full(method: str, _: str) -> None:
        if method == "POST":
            raise RefusedError(
                403, "Forbidden", message='secrets "ci" is forbidden: exceeded quota'
            )

    with server.serve() as url:
        file.write_text(kubeconfig(url, token=ADMIN), encoding="utf-8")
        admin = cluster_from(environ)
        file.write_text(kubeconfig(url), encoding="utf-8")
        yield Kube(
            admin, environ, "default", "team", permit, partial(setattr, server, "before", full)
        )


def _real(file: Path, environ: Mapping[str, str]) -> Kube:
    """New namespaces of a real cluster, and a service account with the chart's Role in both."""
    source = os.environ[KUBECONFIG]
    admin = cluster_from({"KUBECONFIG": source})
    here = f"harborconf-{uuid.uuid4().hex[:8]}"
    other = f"{here}-other"
    for namespace in (here, other):
        asked(admin, "POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    accounts = f"/api/v1/namespaces/{here}/serviceaccounts"
    asked(admin, "POST", accounts, {"metadata": {"name": _ME}})
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    token = asked(admin, "POST", f"{accounts}/{_ME}/token", request)["status"]["token"]

    def counts(verbs: Sequence[str], namespace: str) -> None:
        """Wait until the role is the one that requests are held against."""
        wait_for(
            lambda: {verb for verb in VERBS if _may(admin, here, verb, namespace)} == set(verbs)
        )

    for namespace in (here, other):
        rbac = f"/apis/{_RBAC}/v1/namespaces/{namespace}"
        asked(admin, "POST", f"{rbac}/roles", _role(VERBS))
        asked(admin, "POST", f"{rbac}/rolebindings", _binding(here))
        counts(VERBS, namespace)

    def permit(verbs: Sequence[str]) -> None:
        asked(admin, "PUT", f"/apis/{_RBAC}/v1/namespaces/{here}/roles/{_ME}", _role(verbs))
        counts(verbs, here)

    def fill() -> None:
        none = {"count/secrets": "0"}
        space = f"/api/v1/namespaces/{here}"
        quota = {"metadata": {"name": "none"}, "spec": {"hard": none}}
        made = asked(admin, "POST", f"{space}/resourcequotas", quota)
        status = {**made, "status": {"hard": none, "used": none}}
        asked(admin, "PUT", f"{space}/resourcequotas/none/status", status)
        trial = {"metadata": {"name": "trial"}}
        wait_for(lambda: admin.send("POST", f"{space}/secrets?dryRun=All", trial).status > _OK)

    text = kubeconfig(admin.server, {"certificate-authority-data": _authority(source)}, token=token)
    whole = json.loads(text)
    whole["contexts"][0]["context"]["namespace"] = here
    file.write_text(json.dumps(whole), encoding="utf-8")
    return Kube(admin, environ, here, other, permit, fill)


def wait_for(is_so: Callable[[], bool]) -> None:
    """What an API server is told counts a moment later."""
    until = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def _may(admin: Cluster, account: str, verb: str, namespace: str) -> bool:
    place = {"namespace": namespace, "verb": verb, "resource": "secrets"}
    named = {} if verb == "create" else {"name": NAMED[0]}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": f"system:serviceaccount:{account}:{_ME}",
            "resourceAttributes": {**place, **named},
        },
    }
    path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    return bool(asked(admin, "POST", path, review)["status"]["allowed"])


def _role(verbs: Sequence[str]) -> dict[str, Any]:
    """As the chart has it: get and patch by name, and create, which cannot be limited so."""
    by_name = [verb for verb in verbs if verb != "create"]
    rules: list[dict[str, Any]] = [
        {"apiGroups": [""], "resources": ["secrets"], "resourceNames": NAMED, "verbs": by_name}
    ]
    if "create" in verbs:
        rules.append({"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]})
    return {"metadata": {"name": _ME}, "rules": [rule for rule in rules if rule["verbs"]]}


def _binding(namespace: str) -> dict[str, Any]:
    return {
        "metadata": {"name": _ME},
        "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": _ME},
        "subjects": [{"kind": "ServiceAccount", "name": _ME, "namespace": namespace}],
    }


def _authority(source: str) -> str:
    """The certificate authority that a kubeconfig names."""
    cluster = yaml.safe_load(Path(source).read_text("utf-8"))["clusters"][0]["cluster"]
    if "certificate-authority-data" in cluster:
        return str(cluster["certificate-authority-data"])
    content = (Path(source).parent / cluster["certificate-authority"]).read_bytes()
    return base64.b64encode(content).decode()


def _encoded(held: Mapping[str, str]) -> dict[str, str]:
    return {key: base64.b64encode(text.encode()).decode() for key, text in held.items()}
