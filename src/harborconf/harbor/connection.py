"""How to reach Harbor: from the environment and the options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from harborconf.errors import UsageError
from harborconf.harbor.proxy import proxy_for
from harborconf.spec.secret import TRIMMED, Secret, trimmed

if TYPE_CHECKING:
    from collections.abc import Mapping

API = "/api/v2.0"
TIMEOUT_SECONDS = 30.0
CONCURRENCY = 32


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
    """Everything needed to talk to one Harbor.

    `url` has neither a trailing slash nor `/api/v2.0`. `timeout` is the most seconds one
    request may take, `concurrency` the most that are under way at once, `max_rps` the most that
    begin in a second. `ca_file` is trusted beside the system's CAs. `proxy` is a URL; it is
    secret as it may hold a password.
    """

    url: str
    credential: Credential
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    insecure: bool = False
    timeout: float = TIMEOUT_SECONDS
    concurrency: int = CONCURRENCY
    proxy: Secret | None = None
    max_rps: float | None = None
    notices: tuple[str, ...] = ()

    @property
    def password(self) -> Secret | None:
        """The password that is shown, if it is one."""
        return self.credential.secret if isinstance(self.credential, Password) else None


def connection_from_environment(
    environ: Mapping[str, str],
    *,
    url: str | None = None,
    ca_file: Path | None = None,
    client_cert: Path | None = None,
    client_key: Path | None = None,
    insecure: bool = False,
    timeout: float = TIMEOUT_SECONDS,
    concurrency: int = CONCURRENCY,
    max_rps: float | None = None,
) -> Connection:
    """The connection that environment and options describe.

    HARBOR_URL wins over `url`, which comes from the document; every other option wins over
    its variable.

    Raises:
        UsageError: something is missing or contradicts something else.
    """
    target = normal_url(environ.get("HARBOR_URL") or url)
    ca_file = ca_file or _path(environ, "HARBOR_CA_FILE")
    client_cert = client_cert or _path(environ, "HARBOR_CLIENT_CERT")
    client_key = client_key or _path(environ, "HARBOR_CLIENT_KEY")
    for file in (ca_file, client_cert, client_key):
        if file is not None and not file.is_file():
            _refuse(f"there is no file {file}", "it is named as CA, client certificate or its key")
    if client_key and not client_cert:
        _refuse("a client key is given without its certificate", "set HARBOR_CLIENT_CERT too")
    if timeout <= 0:
        _refuse("the timeout must be more than 0 seconds")
    if concurrency < 1:
        _refuse("the concurrency must be at least 1")
    if max_rps is not None and max_rps <= 0:
        _refuse("the requests a second must be more than 0")
    names = ("HARBOR_USERNAME", "HARBOR_PASSWORD")
    odd = [name for name in names if trimmed(environ.get(name, "")) != environ.get(name, "")]
    return Connection(
        target,
        _credential(environ),
        ca_file,
        client_cert,
        client_key,
        insecure,
        timeout,
        concurrency,
        proxy_for(target, environ),
        max_rps,
        tuple(f"{name} {TRIMMED}" for name in odd),
    )


def normal_url(url: str | None) -> str:
    """The URL without a trailing slash or `/api/v2.0`.

    Raises:
        UsageError: there is none, or it is no http(s) URL, or it carries a password.
    """
    if not url or not url.strip():
        _refuse(
            "where is Harbor? No URL is given",
            "set HARBOR_URL, or write `harbor: {url: https://...}` in a file",
        )
    example = "one looks like https://harbor.example.com"
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        _refuse("Harbor's URL is not a URL", example)
    if "@" in parts.netloc:
        _refuse("Harbor's URL holds a credential", "give it in HARBOR_USERNAME and HARBOR_PASSWORD")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        _refuse(f"`{url if '@' not in url else '...'}` is no http or https URL", example)
    if parts.query or parts.fragment:
        _refuse("Harbor's URL goes on after a `?` or `#`", example)
    path = parts.path.rstrip("/").removesuffix(API).rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def _credential(environ: Mapping[str, str]) -> Credential:
    password, file = (
        trimmed(environ.get("HARBOR_PASSWORD", "")),
        environ.get("HARBOR_PASSWORD_FILE"),
    )
    if password and file:
        _refuse("HARBOR_PASSWORD and HARBOR_PASSWORD_FILE are both set", "unset one of them")
    if environ.get("HARBOR_TOKEN"):
        if password or file:
            _refuse("HARBOR_TOKEN and a password are both set", "unset one of them")
        return Bearer(_token(environ["HARBOR_TOKEN"]))
    if file:
        password = trimmed(_read(Path(file)))
    username = trimmed(environ.get("HARBOR_USERNAME", ""))
    if not username or not password:
        missing = "HARBOR_USERNAME is not set" if not username else "no password is given"
        _refuse(
            f"who is asking? {missing}",
            "set HARBOR_USERNAME and HARBOR_PASSWORD (or HARBOR_PASSWORD_FILE)",
        )
    if ":" in username:
        _refuse("HARBOR_USERNAME holds a colon, which no Harbor user name does")
    return Password(username, Secret(password))


def _token(text: str) -> Secret:
    token = text.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        _refuse("HARBOR_TOKEN is no ID token: those are one word of letters and digits")
    return Secret(token)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        message = f"HARBOR_PASSWORD_FILE: {file} cannot be read: {reason}"
        raise UsageError(message) from error


def _refuse(message: str, advice: str = "") -> NoReturn:
    raise UsageError(message, advice=advice)
