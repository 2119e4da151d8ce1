"""A Kubernetes cluster and who we are in it: from the pod, or from a kubeconfig.

One small client of our own, as four requests on one resource need no more. It waits, as
each call of a store has a thread, and no longer than TIMEOUT_SECONDS.
"""

from __future__ import annotations

import base64
import binascii
import http.client
import json
import ssl
import tempfile
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import yaml

from harborconf.errors import StoreError
from harborconf.spec.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_SECONDS = 10.0
POD = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_ADVICE = "nothing was sent to Harbor for it"
_WHERE = "set KUBECONFIG, or run in a pod with a service account"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API server answers: a status, and an object of its own."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cluster:
    """The way to one API server. A token in a file is read for each request: pods' are renewed."""

    server: str
    namespace: str
    tls: ssl.SSLContext | None = field(repr=False)
    token: Secret | None = None
    token_file: Path | None = None
    tls_name: str = ""

    def send(self, method: str, path: str, body: object = None, content_type: str = "") -> Answer:
        """One request.

        Raises:
            StoreError: nothing answers, or nothing that is an API server.
        """
        parts = urlsplit(self.server)
        assert parts.hostname is not None
        headers = {"Accept": "application/json"}
        token = self.token or (_token(self.token_file) if self.token_file else None)
        if token is not None:
            headers["Authorization"] = f"Bearer {token.reveal()}"
        if body is not None:
            headers["Content-Type"] = content_type or "application/json"
        connection = self._connection(parts.hostname, parts.port)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, parts.path.rstrip("/") + path, data, headers)
            reply = connection.getresponse()
            content = reply.read()
        except ssl.SSLError as error:
            reason = getattr(error, "verify_message", "") or error.reason or "no TLS"
            message = f"the certificate of Kubernetes at {self.server} is not trusted: {reason}"
            raise StoreError(message, advice=_ADVICE) from error
        except TimeoutError as error:
            message = f"Kubernetes at {self.server} did not answer within {TIMEOUT_SECONDS:.0f} s"
            raise StoreError(message, advice=_ADVICE) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            message = f"Kubernetes at {self.server} cannot be reached: {reason}"
            raise StoreError(message, advice=_ADVICE) from error
        finally:
            connection.close()
        try:
            found = json.loads(content or b"{}")
        except ValueError:
            found = None
        if not isinstance(found, dict):
            message = f"what answers at {self.server} is no Kubernetes API server"
            raise StoreError(message, advice=_ADVICE)
        return Answer(reply.status, found)

    def _connection(self, host: str, port: int | None) -> http.client.HTTPConnection:
        if self.tls is None:
            return http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        return _Tls(host, port, self.tls, self.tls_name or host)


class _Tls(http.client.HTTPSConnection):
    """TLS for a name that may be another than the one that is connected to."""

    def __init__(self, host: str, port: int | None, context: ssl.SSLContext, name: str) -> None:
        super().__init__(host, port, timeout=TIMEOUT_SECONDS, context=context)
        self._tls, self._name = context, name

    def connect(self) -> None:
        """Connect, and verify the certificate for the name."""
        http.client.HTTPConnection.connect(self)
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self._name)


def cluster_from(environ: Mapping[str, str], pod: Path = POD) -> Cluster:
    """The cluster of $KUBECONFIG, else the one around the pod, else that of ~/.kube/config.

    Raises:
        StoreError: there is none, or it asks for what is not done here.
    """
    named = [Path(path) for path in environ.get("KUBECONFIG", "").split(":") if path]
    if named:
        return _from_kubeconfig(named)
    if environ.get("KUBERNETES_SERVICE_HOST") and (pod / "token").exists():
        return _from_pod(environ, pod)
    usual = Path(environ.get("HOME", "")) / ".kube" / "config"
    if usual.exists():
        return _from_kubeconfig([usual])
    message = "a Secret of Kubernetes is named, and there is no cluster: no pod and no kubeconfig"
    raise StoreError(message, advice=_WHERE)


def _from_pod(environ: Mapping[str, str], pod: Path) -> Cluster:
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ.get("KUBERNETES_SERVICE_PORT", "443")
    host = f"[{host}]" if ":" in host else host
    try:
        namespace = (pod / "namespace").read_text("utf-8").strip()
        tls = ssl.create_default_context(cafile=pod / "ca.crt")
    except OSError as error:
        _refuse(f"the pod's service account cannot be read: {error.strerror or 'no certificate'}")
    return Cluster(f"https://{host}:{port}", namespace, tls, token_file=pod / "token")


def _token(file: Path) -> Secret:
    try:
        return Secret(file.read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        message = f"the token for Kubernetes in {file} cannot be read: {reason}"
        raise StoreError(message, advice=_ADVICE) from error


# ---- kubeconfig ----------------------------------------------------------------------


def _from_kubeconfig(files: list[Path]) -> Cluster:
    """Files are joined as kubectl does: of what has one name, the first counts."""
    configs = [_load(file) for file in files if len(files) == 1 or file.exists()]
    current = next((one["current-context"] for one in configs if one.get("current-context")), "")
    context, folder = _named(configs, "contexts", "context", current)
    cluster, cluster_folder = _named(configs, "clusters", "cluster", context.get("cluster", ""))
    user, folder = _named(configs, "users", "user", context.get("user", ""))
    for key in ("exec", "auth-provider", "username", "password"):
        if user.get(key):
            _refuse(
                f"the kubeconfig's user wants `{key}`, which harborconf does not do",
                "it starts no programs for credentials: give it a token or a client certificate",
            )
    if cluster.get("insecure-skip-tls-verify") or cluster.get("proxy-url"):
        _refuse(
            "the kubeconfig's cluster wants `insecure-skip-tls-verify` or `proxy-url`",
            "secrets are sent to a server that is verified, and to nobody between",
        )
    server = str(cluster.get("server", "")).rstrip("/")
    parts = urlsplit(server)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        _refuse("the kubeconfig's cluster has no `server` that is an https URL")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        _refuse("the kubeconfig's server speaks http: secrets would be sent in clear")
    token_file = user.get("tokenFile")
    return Cluster(
        server,
        str(context.get("namespace") or "default"),
        _tls(cluster, cluster_folder, user, folder) if parts.scheme == "https" else None,
        Secret(str(user["token"])) if user.get("token") and not token_file else None,
        folder / str(token_file) if token_file else None,
        str(cluster.get("tls-server-name", "")),
    )


def _load(file: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(file.read_text("utf-8"))
    except OSError as error:
        _refuse(f"the kubeconfig {file} cannot be read: {error.strerror}")
    except (UnicodeDecodeError, yaml.YAMLError):
        found = None
    if not isinstance(found, dict):
        _refuse(f"the kubeconfig {file} is no YAML map")
    return {**found, "": file.parent}


def _named(
    configs: list[dict[str, Any]], section: str, key: str, name: str
) -> tuple[Mapping[str, Any], Path]:
    for config in configs:
        for one in config.get(section) or ():
            if isinstance(one, dict) and one.get("name") == name:
                return one.get(key) or {}, config[""]
    message = f"the kubeconfig names a {key} `{name}` and does not have it"
    raise StoreError(message, advice=_WHERE)


def _tls(
    cluster: Mapping[str, Any], cluster_folder: Path, user: Mapping[str, Any], folder: Path
) -> ssl.SSLContext:
    try:
        ca = _bytes(cluster, "certificate-authority", cluster_folder)
        context = ssl.create_default_context(cadata=ca.decode() if ca else None)
        certificate = _bytes(user, "client-certificate", folder)
        key = _bytes(user, "client-key", folder)
        if certificate and key:
            with tempfile.NamedTemporaryFile() as file:  # mode 0600; ssl takes files only
                file.write(certificate + b"\n" + key)
                file.flush()
                context.load_cert_chain(file.name, password=_locked)
    except (ssl.SSLError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no PEM"
        _refuse(f"a certificate of the kubeconfig cannot be used: {reason}")
    return context


def _bytes(config: Mapping[str, Any], name: str, folder: Path) -> bytes:
    if config.get(f"{name}-data"):
        try:
            return base64.b64decode(str(config[f"{name}-data"]), validate=True)
        except binascii.Error as error:
            raise ValueError(name) from error
    return (folder / str(config[name])).read_bytes() if config.get(name) else b""


def _locked() -> NoReturn:
    message = "its key is encrypted"
    raise ValueError(message)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse(message: str, advice: str = "") -> NoReturn:
    raise StoreError(message, advice=advice or _WHERE)
