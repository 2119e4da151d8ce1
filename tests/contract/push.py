"""An image in a Harbor, put there as any Docker client does."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin, urlsplit

from contract.raw import Json, Raw

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"


def push(raw: Raw, repository: str, tag: str) -> None:
    """Push a tiny image, which is no other image, to `project/name`."""
    registry = _Registry(raw.url, repository, _token(raw, repository))
    layers = [registry.blob(_LAYER, f"{repository}:{tag}".encode())]
    config = registry.blob(_CONFIG, b'{"architecture":"amd64","os":"linux"}')
    manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": config, "layers": layers}
    content = json.dumps(manifest).encode()
    registry.send("PUT", f"/v2/{repository}/manifests/{tag}", content, _MANIFEST)


def _token(raw: Raw, repository: str) -> str:
    query = urlencode({"service": "harbor-registry", "scope": f"repository:{repository}:push,pull"})
    pair = base64.b64encode(f"{raw.username}:{raw.password}".encode()).decode()
    headers = {"Authorization": f"Basic {pair}"}
    _, content = _exchange(raw.url, "GET", f"/service/token?{query}", b"", headers)
    return str(json.loads(content)["token"])


@dataclass(frozen=True)
class _Registry:
    url: str
    repository: str
    token: str

    def send(self, method: str, path: str, content: bytes, kind: str) -> str:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        return _exchange(self.url, method, path, content, headers)[0]

    def blob(self, kind: str, content: bytes) -> Json:
        """Upload a blob; gives what a manifest says of it."""
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        octets = "application/octet-stream"
        place = self.send("POST", f"/v2/{self.repository}/blobs/uploads/", b"", octets)
        parts = urlsplit(urljoin(self.url, place))
        query = f"{parts.query}&{urlencode({'digest': digest})}"
        self.send("PUT", f"{parts.path}?{query}", content, octets)
        return {"mediaType": kind, "digest": digest, "size": len(content)}


def _exchange(
    url: str, method: str, path: str, content: bytes, headers: dict[str, str]
) -> tuple[str, bytes]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=60)
    try:
        connection.request(method, path, content, headers)
        reply = connection.getresponse()
        body = reply.read()
    finally:
        connection.close()
    assert reply.status < http.client.MULTIPLE_CHOICES, (method, path, reply.status, body)
    return reply.headers.get("Location", ""), body
