"""Secrets in Secrets of Kubernetes: made once, applied ever after under a name of our own.

Facts about Kubernetes (1.22 and newer): a POST is refused with 409 where the object is there, so
of two runs one makes it. A server-side apply removes what its manager applied before and leaves
out now, so each key has a manager of its own. It is refused with 409 where another manager owns
a field, and where a `resourceVersion` is sent that is no longer the object's; of both it tells the
owner. What a manager has made by POST is owned by another entry of its name, which only `force`
takes over.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from harborconf.errors import StoreError
from harborconf.spec.reference import DEFAULT_KEY, Kubernetes, SecretType
from harborconf.spec.secret import TRIMMED, Secret, trimmed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harborconf.stores.cluster import Answer, Cluster

MANAGER = "harborconf"
_DOCKER_KEY = ".dockerconfigjson"
_TYPES = {SecretType.OPAQUE: "Opaque", SecretType.DOCKER: "kubernetes.io/dockerconfigjson"}
_APPLY = "application/apply-patch+yaml"
_ATTEMPTS = 3
OK, CREATED, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT = 200, 201, 401, 403, 404, 409
_VERBS = {"GET": "get", "POST": "create", "PATCH": "patch"}
_NOTHING = "nothing was sent to Harbor for it"


class KubernetesStore:
    """Secrets of one cluster; `registry` is the host that pull secrets are for."""

    def __init__(
        self, cluster: Cluster, registry: str, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._cluster = cluster
        self._registry = registry
        self._tell = tell

    def peek(self, reference: Kubernetes) -> Secret | None:
        """The secret there, or None where there is no Secret, or nothing under its key.

        Raises:
            StoreError: it cannot be read.
        """
        text = self._told(reference, self._get(reference))[1]
        return Secret(text) if text else None

    def username(self, reference: Kubernetes) -> str | None:
        """The user name beside the secret, or None.

        Raises:
            StoreError: it cannot be read.
        """
        return self._told(reference, self._get(reference))[0] or None

    def keep(self, reference: Kubernetes, secret: Secret) -> Secret:
        """Put a secret there if there is none; if another run was faster, its secret wins.

        Raises:
            StoreError: it cannot be written.
        """
        for _ in range(_ATTEMPTS):
            live = self._get(reference)
            told = self._told(reference, live)[1]
            if told:
                return Secret(told)
            if self._write(reference, live, secret, ""):
                return secret
        raise _changing(reference)

    def replace(self, reference: Kubernetes, secret: Secret, username: str = "") -> None:
        """Put a secret in the place of another, and its user name, in one request.

        Raises:
            StoreError: it cannot be written.
        """
        for _ in range(_ATTEMPTS):
            live = self._get(reference)
            name = username or self._told(reference, live)[0]
            if self._write(reference, live, secret, name):
                return
        raise _changing(reference)

    def _path(self, reference: Kubernetes, *, own: bool = True) -> str:
        namespace = reference.namespace or self._cluster.namespace
        path = f"/api/v1/namespaces/{quote(namespace)}/secrets"
        return f"{path}/{quote(reference.name)}" if own else path

    def _get(self, reference: Kubernetes) -> Mapping[str, Any] | None:
        answer = self._cluster.send("GET", self._path(reference))
        if answer.status == NOT_FOUND and answer.body.get("kind") == "Status":
            return None
        if answer.status != OK or answer.body.get("kind") != "Secret":
            self._refused(reference, "GET", answer)
        return answer.body

    def _write(
        self, reference: Kubernetes, live: Mapping[str, Any] | None, secret: Secret, username: str
    ) -> bool:
        """Whether it was written; not where somebody else has changed the Secret meanwhile."""
        if live and live.get("immutable"):
            message = f"{reference} is immutable: Kubernetes lets nobody change it"
            raise StoreError(message, advice="make it anew without `immutable`, or name another")
        data = self._data(reference, live, secret, username)
        body: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": reference.name},
            "type": _TYPES[reference.type],
            "data": {key: base64.b64encode(text.encode()).decode() for key, text in data.items()},
        }
        manager = MANAGER if reference.key == DEFAULT_KEY else f"{MANAGER}.{reference.key}"[:128]
        if live is None:
            path = f"{self._path(reference, own=False)}?fieldManager={quote(manager)}"
            method, answer = "POST", self._cluster.send("POST", path, body)
        else:
            body["metadata"]["resourceVersion"] = _version(live)
            is_free = _owners(live, data) == {manager} or _is_placeholder(reference, live)
            force = "&force=true" if is_free else ""
            path = f"{self._path(reference)}?fieldManager={quote(manager)}{force}"
            method, answer = "PATCH", self._cluster.send("PATCH", path, body, _APPLY)
        if answer.status in {OK, CREATED}:
            return True
        if answer.status != CONFLICT:
            self._refused(reference, method, answer)
        is_owned = any(one.get("reason") == "FieldManagerConflict" for one in _causes(answer))
        if is_owned and _version(self._get(reference)) == _version(live):
            owners = ", ".join(sorted(_owners(live or {}, data) - {manager})) or "another manager"
            message = f"{reference} is written by {owners}: harborconf does not take it over"
            raise StoreError(
                message, advice="let only one of them write it, remove it there, or name another"
            )
        return False

    def _told(self, reference: Kubernetes, live: Mapping[str, Any] | None) -> tuple[str, str]:
        """User name and secret as they stand there, empty where they do not."""
        if live is None:
            return "", ""
        if live.get("type") != _TYPES[reference.type]:
            message = f"{reference} is of type {live.get('type')}, not {_TYPES[reference.type]}"
            raise StoreError(message, advice="a Secret's type is fixed: name another, or its type")
        if reference.type is SecretType.OPAQUE:
            username = _text(reference, live, reference.username_key)
            secret = _text(reference, live, reference.key)
            if trimmed(secret) != secret:
                self._tell(f"{reference} {TRIMMED}")
            return username.strip(), trimmed(secret)
        entry = _auths(reference, live).get(self._registry) or {}
        return str(entry.get("username", "")), str(entry.get("password", ""))

    def _data(
        self, reference: Kubernetes, live: Mapping[str, Any] | None, secret: Secret, username: str
    ) -> dict[str, str]:
        if reference.type is SecretType.OPAQUE:
            told = {reference.username_key: username} if username else {}
            return {**told, reference.key: secret.reveal()}
        pair = base64.b64encode(f"{username}:{secret.reveal()}".encode()).decode()
        entry = {"username": username, "password": secret.reveal(), "auth": pair}
        auths = {**_auths(reference, live or {}), self._registry: entry}
        return {_DOCKER_KEY: json.dumps({"auths": auths}, sort_keys=True)}

    def _refused(self, reference: Kubernetes, method: str, answer: Answer) -> NoReturn:
        """Never in the server's words: they may repeat what was sent."""
        verb, advice = _VERBS[method], _NOTHING
        namespace = reference.namespace or self._cluster.namespace
        match answer.status:
            case 401:
                message = f"Kubernetes does not believe who wants to {verb} {reference}"
                advice = "check the token or client certificate; a pod's is renewed by itself"
            case 403 if f"cannot {verb} resource" not in str(answer.body.get("message")):
                message = f"the cluster forbids to {verb} {reference}, not for want of a role"
                advice = "it may be a quota, a policy, or a namespace that is being deleted"
            case 403:
                message = f"Kubernetes does not let harborconf {verb} {reference}"
                named = "" if method == "POST" else f", resourceNames: [{reference.name}]"
                rule = f'{{apiGroups: [""], resources: [secrets], verbs: [{verb}]{named}}}'
                advice = f"a Role in the namespace {namespace} needs the rule {rule}"
            case 404:
                message = f"{reference} cannot be written: there is no namespace {namespace}"
            case status:
                reason = answer.body.get("reason") or "no reason told"
                fields = ", ".join(str(one.get("field")) for one in _causes(answer))
                about = f" of {fields}" if fields else ""
                message = f"Kubernetes could not {verb} {reference}: {status} {reason}{about}"
        raise StoreError(message, advice=advice)


def _changing(reference: Kubernetes) -> StoreError:
    message = f"{reference} is changed by somebody else all the time"
    return StoreError(message, advice="run again")


def _text(reference: Kubernetes, live: Mapping[str, Any], key: str) -> str:
    try:
        return base64.b64decode((live.get("data") or {}).get(key, ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        message = f"{reference} cannot be read: its key `{key}` is not text"
        raise StoreError(message, advice=_NOTHING) from error


def _auths(reference: Kubernetes, live: Mapping[str, Any]) -> dict[str, Any]:
    text = _text(reference, live, _DOCKER_KEY)
    try:
        auths = json.loads(text or "{}").get("auths") or {}
    except (ValueError, AttributeError):
        auths = None
    if not isinstance(auths, dict) or not all(isinstance(one, dict) for one in auths.values()):
        message = f"{reference} cannot be read: it holds no Docker configuration"
        raise StoreError(message, advice=_NOTHING)
    return auths


def _is_placeholder(reference: Kubernetes, live: Mapping[str, Any]) -> bool:
    """Whether it was made to be filled: Kubernetes takes no pull secret without its key."""
    return reference.type is SecretType.DOCKER and not _auths(reference, live)


def _version(live: Mapping[str, Any] | None) -> str:
    return str(live["metadata"]["resourceVersion"]) if live else ""


def _causes(answer: Answer) -> list[Mapping[str, Any]]:
    return list((answer.body.get("details") or {}).get("causes") or ())


def _owners(live: Mapping[str, Any], keys: Mapping[str, str]) -> set[str]:
    """Who has written these keys of the data, as Kubernetes keeps account of it."""
    found = set()
    for entry in live.get("metadata", {}).get("managedFields") or ():
        fields = (entry.get("fieldsV1") or {}).get("f:data") or {}
        if any(f"f:{key}" in fields for key in keys):
            found.add(str(entry.get("manager")))
    return found
