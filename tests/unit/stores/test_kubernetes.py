"""The way to a cluster, and what is no answer of its. What it answers is in the contract tests."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from apiserver import DOCKER, TOKEN, ApiServer, RefusedError, Stored, kubeconfig
from harborconf.errors import StoreError
from harborconf.spec.reference import Kubernetes, SecretType
from harborconf.spec.secret import Secret
from harborconf.stores.cluster import cluster_from
from harborconf.stores.kubernetes import KubernetesStore

MINE, OTHER = Secret("Hidden-Mine1"), Secret("Hidden-Other1")
PLACE = Kubernetes("ci")
PULL = Kubernetes("pull", type=SecretType.DOCKER)
HOST = "harbor.example.com"


def store_of(environ: dict[str, str]) -> KubernetesStore:
    return KubernetesStore(cluster_from(environ), HOST)


@pytest.fixture
def cluster() -> ApiServer:
    return ApiServer()


@pytest.fixture
def environ(cluster: ApiServer, tmp_path: Path) -> Iterator[dict[str, str]]:
    with cluster.serve() as url:
        file = tmp_path / "kubeconfig"
        file.write_text(kubeconfig(url))
        yield {"KUBECONFIG": str(file)}


@pytest.fixture
def stores(environ: dict[str, str]) -> KubernetesStore:
    return store_of(environ)


def refusal(call: Any) -> str:
    with pytest.raises(StoreError) as caught:
        call()
    told = " ".join([*caught.value.lines(), caught.value.advice])
    assert "Hidden" not in told
    return told


def test_what_goes_wrong_is_never_taken_for_an_empty_store(
    stores: KubernetesStore, cluster: ApiServer
) -> None:
    def refuse(status: int, reason: str) -> None:
        def before(*_: str) -> None:
            raise RefusedError(status, reason, [{"field": "data[x]", "message": MINE.reveal()}])

        cluster.before = before

    for status, complaint in ((500, "500 Odd of data"), (429, "429 Odd"), (401, "not believe")):
        refuse(status, "Odd")
        assert complaint in refusal(lambda: stores.peek(PLACE))
    cluster.before = lambda *_: None
    assert "there is no namespace none" in refusal(
        lambda: stores.keep(Kubernetes("ci", "none"), MINE)
    )
    cluster.tokens = set()
    assert "does not believe" in refusal(lambda: stores.peek(PLACE))


@pytest.mark.parametrize(
    ("kind", "data", "place", "complaint"),
    [
        (DOCKER, {}, PLACE, "is of type kubernetes.io/dockerconfigjson, not Opaque"),
        ("Opaque", {}, PULL, "is of type Opaque"),
        ("Opaque", {"secret": "/w=="}, PLACE, "its key `secret` is not text"),
        ("Opaque", {"secret": "*"}, PLACE, "its key `secret` is not text"),
        (DOCKER, {".dockerconfigjson": "eA=="}, PULL, "holds no Docker configuration"),
        (DOCKER, {".dockerconfigjson": "W10="}, PULL, "holds no Docker configuration"),
    ],
)
def test_what_cannot_be_understood_is_no_empty_store(
    kind: str,
    data: dict[str, str],
    place: Kubernetes,
    complaint: str,
    stores: KubernetesStore,
    cluster: ApiServer,
) -> None:
    cluster.secrets["default", place.name] = Stored(kind, data, 1)
    assert complaint in refusal(lambda: stores.peek(place))


# ---- the way to a cluster ------------------------------------------------------------


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_tls_with_a_client_certificate(cluster: ApiServer, tmp_path: Path) -> None:
    ca = trustme.CA()
    server, client = ca.issue_cert("kubernetes.internal"), ca.issue_cert("me.example.com")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.configure_cert(tls)
    ca.configure_trust(tls)
    tls.verify_mode = ssl.CERT_REQUIRED
    cluster.needs_token = False
    trust = {
        "certificate-authority-data": encoded(ca.cert_pem.bytes()),
        "tls-server-name": "kubernetes.internal",
    }
    key = client.private_key_pem.bytes()
    shown: dict[str, Any] = {
        "client-certificate-data": encoded(client.cert_chain_pems[0].bytes()),
        "client-key-data": encoded(key),
    }
    locked = load_pem_private_key(key, None).private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"x")
    )
    file = tmp_path / "kubeconfig"
    with cluster.serve(tls) as url:
        file.write_text(kubeconfig(url, trust, **shown))
        assert store_of({"KUBECONFIG": str(file)}).peek(PLACE) is None
        for other, told in (
            ({**trust, "tls-server-name": "other"}, "is not trusted"),
            ({}, "is not trusted"),
            ({"certificate-authority-data": "*"}, "cannot be used"),
            ({"certificate-authority": "none.pem"}, "No such file"),
        ):
            file.write_text(kubeconfig(url, other, **shown))
            assert told in refusal(lambda: store_of({"KUBECONFIG": str(file)}).peek(PLACE))
        file.write_text(kubeconfig(url, trust, **{**shown, "client-key-data": encoded(locked)}))
        assert "no PEM" in refusal(lambda: store_of({"KUBECONFIG": str(file)}).peek(PLACE))


def test_in_a_pod_the_token_is_read_each_time(cluster: ApiServer, tmp_path: Path) -> None:
    ca = trustme.CA()
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca.issue_cert("127.0.0.1").configure_cert(tls)
    for name, text in (("token", "old\n"), ("namespace", "team\n")):
        (tmp_path / name).write_text(text)
    ca.cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    with cluster.serve(tls) as url:
        host, port = url.removeprefix("https://").split(":")
        environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
        found = cluster_from(environ, tmp_path)
        assert found.namespace == "team"
        assert found.send("GET", "/api/v1/namespaces/team/secrets/ci").status == 401
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        assert found.send("GET", "/api/v1/namespaces/team/secrets/ci").status == 404
        (tmp_path / "token").unlink()
        assert "No such file" in refusal(lambda: found.send("GET", "/"))


def test_files_are_joined_and_relative_to_themselves(cluster: ApiServer, tmp_path: Path) -> None:
    with cluster.serve() as url:
        whole = json.loads(kubeconfig(url, tokenFile="token"))
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "token").write_text(TOKEN)
        (tmp_path / "sub" / "users").write_text(json.dumps({"users": whole.pop("users")}))
        whole["contexts"][0]["context"]["namespace"] = "team"
        (tmp_path / "rest").write_text(json.dumps(whole))
        paths = f"{tmp_path}/none:{tmp_path}/rest:{tmp_path}/sub/users"
        store_of({"KUBECONFIG": paths}).keep(PLACE, MINE)
    assert ("team", "ci") in cluster.secrets


def test_the_home_directorys_file_is_the_last_resort(cluster: ApiServer, tmp_path: Path) -> None:
    told = refusal(lambda: store_of({"HOME": str(tmp_path)}).peek(PLACE))
    assert "there is no cluster: no pod and no kubeconfig" in told
    (tmp_path / ".kube").mkdir()
    with cluster.serve() as url:
        (tmp_path / ".kube" / "config").write_text(kubeconfig(url))
        assert store_of({"HOME": str(tmp_path)}).peek(PLACE) is None


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[", "is no YAML map"),
        ("- a", "is no YAML map"),
        ("{}", "names a context ``"),
        (kubeconfig("https://a", exec={"command": "aws"}), "wants `exec`"),
        (kubeconfig("https://a", username="bob", password="Hidden-1"), "wants `username`"),
        (kubeconfig("https://a", {"insecure-skip-tls-verify": True}), "insecure-skip-tls"),
        (kubeconfig("https://a", {"proxy-url": "http://Hidden@x"}), "proxy-url"),
        (kubeconfig("http://kubernetes.example.com"), "speaks http"),
        (kubeconfig("https://joe:Hidden@kubernetes.example.com"), "no `server`"),
        (kubeconfig("kubernetes"), "no `server`"),
        (kubeconfig("http://127.0.0.1:1"), "cannot be reached: Connection refused"),
    ],
)
def test_what_cannot_be_done_is_refused(text: str, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(text)
    assert complaint in refusal(lambda: store_of({"KUBECONFIG": str(file)}).peek(PLACE))


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    environ = {"KUBECONFIG": str(tmp_path / "none")}
    assert "cannot be read" in refusal(lambda: store_of(environ).peek(PLACE))
