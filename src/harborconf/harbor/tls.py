"""Which certificates are trusted, and which is shown."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, NoReturn

from harborconf.errors import TlsError

if TYPE_CHECKING:
    from harborconf.harbor.connection import Connection


def tls_context(connection: Connection) -> ssl.SSLContext | bool:
    """The system's trust and the given CA; without verification only when asked for.

    True is aiohttp's own context with the system's trust, which takes 20 ms to load: where
    nothing is asked for, it is not loaded again.

    Raises:
        TlsError: a certificate file cannot be used.
    """
    if not (connection.ca_file or connection.client_cert or connection.insecure):
        return True
    context = ssl.create_default_context()
    file = connection.ca_file
    try:
        if file is not None:
            context.load_verify_locations(file)
        file = connection.client_cert
        if file is not None:
            context.load_cert_chain(file, connection.client_key, password=_locked)
    except (ssl.SSLError, OSError) as error:
        reason = getattr(error, "reason", None) or error.strerror or str(error)
        message = f"{file} cannot be used: {reason.replace('_', ' ').lower()}"
        raise TlsError(
            message, advice="it must be PEM; a client key must fit its certificate"
        ) from error
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _locked() -> NoReturn:
    """OpenSSL would ask on the terminal, and so hang a run that has none."""
    message = "the client key is encrypted"
    raise TlsError(message, advice="give one without a pass phrase")
