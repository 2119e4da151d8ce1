"""Certificates: whose are trusted, which is shown, and what is said of bad ones."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from harborconf.errors import HarborError, TlsError
from harborconf.harbor.transport import Transport
from harborconf.spec.secret import Secret
from unit.harbor.fake import Sleeps, answer, connection, serving

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tls") / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    return file


def server_context(cert: trustme.LeafCert, client_ca: trustme.CA | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    cert.configure_cert(context)
    if client_ca:
        client_ca.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def hello(_: web.BaseRequest) -> web.StreamResponse:
    return answer(200, "hello")


async def ask(url: str, **options: Any) -> Any:
    transport = Transport(connection(url, **options), sleep=Sleeps())
    try:
        return (await transport.send("GET", "/x")).json()
    finally:
        await transport.close()


def asked(context: ssl.SSLContext | None, *, scheme: str = "https", **options: Any) -> Any:
    async def run() -> Any:
        async with serving(hello, context) as url:
            return await ask(f"{scheme}:{url.partition(':')[2]}", **options)

    return asyncio.run(run())


def test_a_ca_of_ones_own_is_trusted(ca: trustme.CA, ca_file: Path) -> None:
    context = server_context(ca.issue_cert("127.0.0.1"))
    assert asked(context, ca_file=ca_file) == "hello"


def test_an_unknown_ca_is_not(ca: trustme.CA) -> None:
    context = server_context(ca.issue_cert("127.0.0.1"))
    with pytest.raises(TlsError, match=r"is not trusted: unable to get local issuer") as caught:
        asked(context)
    assert "--ca-file" in caught.value.advice
    assert caught.value.__cause__ is not None


def test_without_verification_when_told_so(ca: trustme.CA) -> None:
    context = server_context(ca.issue_cert("elsewhere.example.com"))
    assert asked(context, insecure=True) == "hello"


def test_an_expired_certificate_is_called_so(ca: trustme.CA, ca_file: Path) -> None:
    expired = ca.issue_cert("127.0.0.1", not_before=LONG_AGO, not_after=LONG_AGO)
    with pytest.raises(TlsError, match="certificate has expired"):
        asked(server_context(expired), ca_file=ca_file)


def test_a_certificate_of_another_host(ca: trustme.CA, ca_file: Path) -> None:
    context = server_context(ca.issue_cert("harbor.example.com"))
    with pytest.raises(TlsError, match="IP address mismatch"):
        asked(context, ca_file=ca_file)


def test_plain_http_where_tls_was_meant() -> None:
    with pytest.raises(TlsError, match="no TLS connection") as caught:
        asked(None)
    assert "http://" in caught.value.advice


def test_tls_where_plain_http_was_meant(ca: trustme.CA) -> None:
    with pytest.raises(HarborError):
        asked(server_context(ca.issue_cert("127.0.0.1")), scheme="http")


def test_a_client_certificate_is_shown(ca: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    client, cert, key = ca.issue_cert("bob@example.com"), tmp_path / "cert", tmp_path / "key"
    client.cert_chain_pems[0].write_to_path(str(cert))
    client.private_key_pem.write_to_path(str(key))
    context = server_context(ca.issue_cert("127.0.0.1"), client_ca=ca)
    options: dict[str, Any] = {"ca_file": ca_file, "client_cert": cert, "client_key": key}
    assert asked(context, **options) == "hello"
    with pytest.raises(HarborError) as caught:
        asked(context, ca_file=ca_file)
    assert "HARBOR_CLIENT_CERT" in caught.value.advice


def test_an_encrypted_key_is_refused_and_not_asked_for(ca: trustme.CA, tmp_path: Path) -> None:
    client, cert, key = ca.issue_cert("bob@example.com"), tmp_path / "cert", tmp_path / "key"
    client.cert_chain_pems[0].write_to_path(str(cert))
    secret = load_pem_private_key(client.private_key_pem.bytes(), None)
    key.write_bytes(
        secret.private_bytes(
            Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"phrase")
        )
    )
    with pytest.raises(TlsError, match="the client key is encrypted"):
        asked(None, client_cert=cert, client_key=key)


@pytest.mark.parametrize("option", ["ca_file", "client_cert"])
def test_a_file_that_is_no_certificate(option: str, tmp_path: Path) -> None:
    file = tmp_path / "file.pem"
    file.write_text("Hidden-1234")
    with pytest.raises(TlsError, match=r"file\.pem cannot be used") as caught:
        asked(None, **dict[str, Any]({option: file}))
    assert "Hidden" not in caught.value.message


def test_https_goes_through_a_proxy(ca: trustme.CA, ca_file: Path) -> None:
    tunnels: list[bytes] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        tunnels.append(head.splitlines()[0])
        host, _, port = head.split()[1].decode().partition(":")
        inner_reader, inner_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def run() -> None:
        proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
        named = Secret(f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
        context = server_context(ca.issue_cert("127.0.0.1"))
        async with proxy, serving(hello, context) as url:
            assert await ask(url, ca_file=ca_file, proxy=named) == "hello"
            assert tunnels == [f"CONNECT {url.removeprefix('https://')} HTTP/1.1".encode()]
            await asyncio.sleep(0.01)  # the tunnel notices that both ends closed

    asyncio.run(run())
