"""How to reach Harbor: from the environment and the options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harborconf.errors import UsageError
from harborconf.spec.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "/api/v2.0"


@dataclass(frozen=True, slots=True)
class Password:
    """A user's or a robot's name with its password or secret."""

    username: str
    secret: Secret


@dataclass(frozen=True, slots=True)
class Bearer:
    """An OIDC ID token."""

    token: Secret


Credential = Password | Bearer


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything needed to talk to one Harbor; `timeout` is seconds for one request."""

    url: str
    credential: Credential
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    insecure: bool = False
    timeout: float = 30.0
    concurrency: int = 16


def connection_from_environment(
    environ: Mapping[str, str],
    *,
    url: str | None = None,
    ca_file: Path | None = None,
    client_cert: Path | None = None,
    client_key: Path | None = None,
    insecure: bool = False,
    timeout: float = 30.0,
    concurrency: int = 16,
) -> Connection:
    """The connection that environment and options describe; HARBOR_URL wins over `url`.

    Raises:
        UsageError: something is missing or contradicts something else.
    """
    ca_file = ca_file or _path(environ, "HARBOR_CA_FILE")
    client_cert = client_cert or _path(environ, "HARBOR_CLIENT_CERT")
    client_key = client_key or _path(environ, "HARBOR_CLIENT_KEY")
    for file in (ca_file, client_cert, client_key):
        if file is not None and not file.is_file():
            message = f"there is no file {file}"
            raise UsageError(message)
    return Connection(
        normal_url(environ.get("HARBOR_URL") or url),
        _credential(environ),
        ca_file,
        client_cert,
        client_key,
        insecure,
        timeout,
        concurrency,
    )


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def normal_url(url: str | None) -> str:
    """The URL without a trailing slash or `/api/v2.0`.

    Raises:
        UsageError: there is none, or it is no http(s) URL, or it carries a password.
    """
    if not url:
        message = "where is Harbor? No URL is given"
        raise UsageError(
            message, advice="set HARBOR_URL, or write `harbor: {url: https://...}` in a file"
        )
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f"`{url if '@' not in url else '...'}` is no http or https URL"
        raise UsageError(message, advice="one looks like https://harbor.example.com")
    if parts.username or parts.password:
        message = "the URL holds a credential"
        raise UsageError(message, advice="give it in HARBOR_USERNAME and HARBOR_PASSWORD")
    return url.rstrip("/").removesuffix(API).rstrip("/")


def _credential(environ: Mapping[str, str]) -> Credential:
    password, file = environ.get("HARBOR_PASSWORD"), environ.get("HARBOR_PASSWORD_FILE")
    token, username = environ.get("HARBOR_TOKEN"), environ.get("HARBOR_USERNAME")
    if password and file:
        message = "HARBOR_PASSWORD and HARBOR_PASSWORD_FILE are both set"
        raise UsageError(message, advice="unset one of them")
    if token:
        if password or file:
            message = "HARBOR_TOKEN and a password are both set"
            raise UsageError(message, advice="unset one of them")
        return Bearer(Secret(token.strip()))
    if file:
        password = _read(Path(file))
    if not username or not password:
        missing = "HARBOR_USERNAME" if not username else "HARBOR_PASSWORD"
        message = f"who is asking? {missing} is not set"
        raise UsageError(
            message, advice="set HARBOR_USERNAME and HARBOR_PASSWORD (or HARBOR_PASSWORD_FILE)"
        )
    return Password(username, Secret(password))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        message = f"HARBOR_PASSWORD_FILE: {file} cannot be read: {reason}"
        raise UsageError(message) from error
