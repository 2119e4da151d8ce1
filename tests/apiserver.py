"""A stand-in for Kubernetes' API server: Secrets only, with the manners of its writes.

It answers as a real one (1.37) did: each manager's entry (its name and whether it applied or
updated) owns fields; applying another value to a field that another entry owns is a conflict
unless forced, and is told before an outdated version is; what a manager applied and leaves out
goes; applying what is not there makes it, whatever version is named. It is no API server.
"""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN, ADMIN = "Token-1234", "Token-of-the-admin"
APPLY, UPDATE = "Apply", "Update"
DOCKER = "kubernetes.io/dockerconfigjson"
Owner = tuple[str, str]


@dataclass
class Stored:
    """One Secret."""

    type: str
    data: dict[str, str]
    version: int
    owned: dict[Owner, set[str]] = field(default_factory=dict)
    immutable: bool = False

    def text(self, key: str) -> str:
        """What stands under a key."""
        return base64.b64decode(self.data[key]).decode()


class RefusedError(Exception):
    """A Status of failure."""

    def __init__(
        self,
        status: int,
        reason: str,
        causes: list[dict[str, str]] | None = None,
        message: str = "",
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.body = {
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "reason": reason,
            "code": status,
            "message": message or reason,
            "details": {"causes": causes or []},
        }


@dataclass
class ApiServer:
    """What the cluster holds, and what its only user may."""

    secrets: dict[tuple[str, str], Stored] = field(default_factory=dict)
    namespaces: set[str] = field(default_factory=lambda: {"default", "team"})
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    verbs: set[str] = field(default_factory=lambda: {"get", "create", "patch"})
    before: Callable[[str, str], None] = lambda *_: None
    seen: list[str] = field(default_factory=list)
    needs_token: bool = True
    writing: threading.Lock = field(default_factory=threading.Lock)
    _version: int = 0

    def edit(
        self, name: str, manager: str = "kubectl", namespace: str = "default", **data: str
    ) -> None:
        """What somebody else writes, the way of an update."""
        encoded = {key: base64.b64encode(text.encode()).decode() for key, text in data.items()}
        found = self.secrets.setdefault(
            (namespace, name), Stored("Opaque", {}, 0, {(manager, UPDATE): {"f:type"}})
        )
        changed = {f"f:{key}" for key, value in encoded.items() if found.data.get(key) != value}
        for fields in found.owned.values():
            fields.difference_update(changed)
        found.owned.setdefault((manager, UPDATE), set()).update(changed)
        found.data |= encoded
        found.version = self._next()

    def answer(
        self, method: str, url: str, headers: Any, content: bytes
    ) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        self.seen.append(f"{method} {url}")
        try:
            self.before(method, url)
            return self._handle(method, url, headers, json.loads(content or b"null"))
        except RefusedError as refused:
            return refused.status, refused.body

    def _handle(self, method: str, url: str, headers: Any, body: Any) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(url)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        if token != ADMIN:
            if self.needs_token and token not in self.tokens:
                raise RefusedError(401, "Unauthorized")
            verb = {"GET": "get", "POST": "create", "PATCH": "patch"}[method]
            if verb not in self.verbs:
                told = f'secrets is forbidden: User "u" cannot {verb} resource "secrets"'
                raise RefusedError(403, "Forbidden", message=told)
        _, _, _, _, namespace, kind, *name = parts.path.split("/")
        assert kind == "secrets"
        if method in {"GET", "DELETE"}:
            found = self.secrets.get((namespace, name[0]))
            if found is None:
                raise RefusedError(404, "NotFound")
            if method == "DELETE":
                del self.secrets[namespace, name[0]]
                return 200, {"kind": "Status", "status": "Success"}
            return 200, _shown(namespace, name[0], found)
        return self._write(method, namespace, query, headers, body)

    def _write(
        self, method: str, namespace: str, query: dict[str, str], headers: Any, body: Any
    ) -> tuple[int, dict[str, Any]]:
        if namespace not in self.namespaces:
            raise RefusedError(404, "NotFound")
        with self.writing:
            assert body["kind"] == "Secret"
            _check(body)
            if method == "POST":
                return self._create(namespace, body, query["fieldManager"])
            if method == "PUT":
                return self._update(namespace, body, query["fieldManager"])
            assert headers["Content-Type"] == "application/apply-patch+yaml"
            return self._apply(namespace, body, query)

    def _create(
        self, namespace: str, body: dict[str, Any], manager: str, how: str = UPDATE
    ) -> tuple[int, dict[str, Any]]:
        key = (namespace, body["metadata"]["name"])
        if key in self.secrets:
            raise RefusedError(409, "AlreadyExists")
        data = body.get("data") or {}
        whole = {"."} if data and how == UPDATE else set()
        owned = {(manager, how): {"f:type", *whole, *(f"f:{one}" for one in data)}}
        fixed = bool(body.get("immutable"))
        self.secrets[key] = Stored(body["type"], dict(data), self._next(), owned, fixed)
        return 201, _shown(*key, self.secrets[key])

    def _update(
        self, namespace: str, body: dict[str, Any], manager: str
    ) -> tuple[int, dict[str, Any]]:
        key = (namespace, body["metadata"]["name"])
        found, data = self.secrets[key], body.get("data") or {}
        if body["metadata"]["resourceVersion"] != str(found.version):
            raise RefusedError(409, "Conflict")
        changed = {f"f:{one}" for one, value in data.items() if found.data.get(one) != value}
        gone = {f"f:{one}" for one in found.data.keys() - data.keys()}
        for fields in found.owned.values():
            fields.difference_update(changed | gone)
        if changed:
            found.owned.setdefault((manager, UPDATE), set()).update(changed)
        if changed or gone:
            found.data, found.version = dict(data), self._next()
        return 200, _shown(*key, found)

    def _apply(
        self, namespace: str, body: dict[str, Any], query: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        key = (namespace, body["metadata"]["name"])
        found, wanted = self.secrets.get(key), body["metadata"].get("resourceVersion")
        me = (query["fieldManager"], APPLY)
        if found is None:
            return self._create(namespace, body, *me)
        applied = {f"f:{one}": value for one, value in body["data"].items()}
        live = {f"f:{one}": value for one, value in found.data.items()}
        conflicts = [
            (owner, name)
            for owner, fields in found.owned.items()
            for name, value in applied.items()
            if owner != me and name in fields and live.get(name) != value
        ]
        if conflicts and query.get("force") != "true":
            causes = [
                {
                    "reason": "FieldManagerConflict",
                    "message": f'conflict with "{owner[0]}" using v1',
                    "field": f".data.{name.removeprefix('f:')}",
                }
                for owner, name in conflicts
            ]
            raise RefusedError(409, "Conflict", causes)
        if wanted is not None and wanted != str(found.version):
            raise RefusedError(409, "Conflict")
        if body["type"] != found.type:
            raise RefusedError(422, "Invalid", [{"reason": "FieldValueInvalid", "field": "type"}])
        for owner, name in conflicts:
            found.owned[owner] -= {name, "."}
        left = found.owned.get(me, set()) - applied.keys() - {"f:type"}
        found.owned[me] = {*applied, "f:type"}
        for name in left:
            if not any(name in fields for fields in found.owned.values()):
                found.data.pop(name.removeprefix("f:"), None)
        changed = found.data | body["data"]
        if changed != found.data or conflicts or left:
            found.version = self._next()
        found.data = changed
        return 200, _shown(*key, found)

    def _next(self) -> int:
        self._version += 1
        return self._version

    @contextmanager
    def serve(self, tls: ssl.SSLContext | None = None) -> Iterator[str]:
        """On a free port of loopback; gives the URL."""
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            def any(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, body = cluster.answer(self.command, self.path, self.headers, content)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: object) -> None:
                pass

        for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.any)

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A client that does not trust us hangs up."""

        server = Quiet(("127.0.0.1", 0), Handler)
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def kubeconfig(server: str, cluster: dict[str, Any] | None = None, **user: Any) -> str:
    """A kubeconfig for it, by token if nothing else is said."""
    return json.dumps(
        {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
            "clusters": [{"name": "k", "cluster": {"server": server, **(cluster or {})}}],
            "users": [{"name": "u", "user": user or {"token": TOKEN}}],
        }
    )


def _check(body: dict[str, Any]) -> None:
    if body["type"] == DOCKER:
        try:
            json.loads(base64.b64decode(body["data"][".dockerconfigjson"]))
        except (KeyError, ValueError) as error:
            reason = "FieldValueRequired" if isinstance(error, KeyError) else "FieldValueInvalid"
            field = "data[.dockerconfigjson]"
            cause = {"reason": reason, "field": field, "message": str(body["data"])}
            raise RefusedError(422, "Invalid", [cause]) from error


def _shown(namespace: str, name: str, found: Stored) -> dict[str, Any]:
    fields = [
        {
            "manager": manager,
            "operation": operation,
            "fieldsType": "FieldsV1",
            "fieldsV1": {
                "f:data": {one: {} for one in sorted(owned - {"f:type"})},
                **({"f:type": {}} if "f:type" in owned else {}),
            },
        }
        for (manager, operation), owned in found.owned.items()
    ]
    return {
        "kind": "Secret",
        "apiVersion": "v1",
        "type": found.type,
        "metadata": {
            "name": name,
            "namespace": namespace,
            "resourceVersion": str(found.version),
            "managedFields": fields,
        },
        **({"data": found.data} if found.data else {}),
        **({"immutable": True} if found.immutable else {}),
    }
