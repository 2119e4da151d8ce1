"""Registries: their values, and what goes with a password."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from harborconf.kinds.base import from_reply
from harborconf.kinds.registry import (
    CERTIFICATE,
    REGISTRY_NAME,
    URL,
    CredentialType,
    Registry,
    RegistryFields,
    RegistryType,
)
from harborconf.kinds.resource import Desired, Live, Place, Step, Verdict
from harborconf.spec.address import Address
from harborconf.spec.reference import Env
from harborconf.spec.value import Plain
from unit.kinds.workbench import HERE, workbench
from unit.refusals import refusal

ADDRESS = Address("registry", "hub")
ENVIRON = {"TOKEN": "Example1Word"}
WHERE = "https://registry.example.com"
CREDENTIAL = {"credential.username": "bot", "credential.password": Env("TOKEN")}
DER = base64.encodebytes(b"\x30" + bytes(100)).decode().strip()
PEM = f"-----BEGIN CERTIFICATE-----\n{DER}\n-----END CERTIFICATE-----"


def live(**more: Any) -> Live:
    raw = {
        "id": 3,
        "name": "hub",
        "type": "docker-hub",
        "url": WHERE,
        "credential": {"type": "basic", "access_key": "bot", "access_secret": "*****"},
        **more,
    }
    return Live(ADDRESS, from_reply(RegistryFields, raw), raw)


def desired(**fields: Any) -> Desired:
    return Desired(ADDRESS, {key.replace("__", "."): value for key, value in fields.items()}, HERE)


def sent(action: str, want: Desired, have: Live | None = None) -> Any:
    """The body of the request."""
    bench, api = workbench(environ=ENVIRON)
    step = Step(action, ADDRESS, want, have, frozenset(want.fields))
    asyncio.run(Registry().run(bench, step))
    ((_, _, body),) = api.written
    return body


# ---- values --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "url"),
    [(f"{WHERE}/", WHERE), ("http://10.0.0.1:5000/a//", "http://10.0.0.1:5000/a")],
)
def test_a_url_is_read_as_harbor_stores_it(written: str, url: str) -> None:
    assert URL.read(Plain(written)) == url


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("registry.example.com", "begins with http:// or https://"),
        ("https://bot:Example1Word@registry.example.com", "holds no user and no password"),
        (f"{WHERE}?a=b", "which Harbor drops"),
        (f"{WHERE}/a%20b", "Harbor decodes `%`"),
        (f"{WHERE}/{'a' * 256}", "at most 256 characters"),
    ],
)
def test_a_url_that_harbor_would_change_is_refused(written: str, expected: str) -> None:
    text = refusal(URL.read, Plain(written))
    assert expected in text
    assert "Example1Word" not in text


@pytest.mark.parametrize(
    "written", [PEM, f"\n{PEM}\n\n", PEM.replace("\n", "\r\n"), f"a comment\n{PEM}\n{PEM}"]
)
def test_certificates_are_read(written: str) -> None:
    read = CERTIFICATE.read(written)
    assert "-----BEGIN CERTIFICATE-----\n" in read
    assert (read, read.strip()) == (read.replace("\r", ""), read)


@pytest.mark.parametrize(
    "written",
    [
        "MIIB",
        PEM.replace("CERTIFICATE", "PRIVATE KEY"),
        PEM.replace(DER, "????"),
        PEM.replace(DER, "AAAA"),
        PEM.replace("\n", " "),
    ],
)
def test_what_is_no_certificate_is_refused(written: str) -> None:
    assert "expected certificates in PEM" in refusal(CERTIFICATE.read, written)


def test_no_certificate_is_empty_text() -> None:
    assert CERTIFICATE.read("") == ""


@pytest.mark.parametrize(("name", "fits"), [("ü" * 32, True), ("ü" * 33, False), ("", False)])
def test_a_name_has_64_bytes(name: str, fits: bool) -> None:
    assert (Registry().check_name(name) is None) is fits
    if not fits:
        assert "1 to 64 bytes" in refusal(REGISTRY_NAME.read, name)


# ---- what goes together --------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({"credential__username": "", "credential__password": Env("X")}, ["credential.password"]),
        ({"credential__username": "", "type": RegistryType.GOOGLE_GCR}, ["credential.username"]),
        ({"credential__username": "", "type": RegistryType.HARBOR}, []),
        ({"credential__username": "bot", "credential__password": Env("X")}, []),
    ],
)
def test_half_a_credential_is_refused(fields: dict[str, Any], problems: list[str]) -> None:
    assert [path for path, _ in Registry().check(desired(**fields))] == problems


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({}, ["`type`", "`url`"]),
        ({"type": RegistryType.HARBOR, "url": WHERE}, []),
        ({"type": RegistryType.TENCENT_TCR, "url": WHERE}, ["`credential.username`"]),
        (
            {"type": RegistryType.HARBOR, "url": WHERE, "credential.username": "bot"},
            ["`credential.password`"],
        ),
        (
            {"type": RegistryType.HARBOR, "url": WHERE, "credential.password": Env("X")},
            ["`credential.username`"],
        ),
    ],
)
def test_what_making_one_needs(fields: dict[str, Any], missing: list[str]) -> None:
    assert Registry().missing(fields) == missing


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, Verdict.UNKNOWN),
        ({"description": "other", "insecure": True}, Verdict.UNKNOWN),
        ({"url": "https://other.example.com"}, Verdict.DIFFERENT),
        ({"credential.username": "other"}, Verdict.DIFFERENT),
        ({"credential.type": CredentialType.OAUTH}, Verdict.DIFFERENT),
    ],
)
def test_a_password_goes_along(changed: dict[str, Any], verdict: Verdict) -> None:
    bench, _ = workbench(environ=ENVIRON)
    want = Desired(ADDRESS, {**CREDENTIAL, **changed}, HERE)
    found = asyncio.run(Registry().observe(bench, want, live()))
    assert found["credential.password"].verdict is verdict


def test_an_empty_place_blocks() -> None:
    bench, _ = workbench(environ={})
    want = Desired(ADDRESS, {**CREDENTIAL}, HERE)
    for have in (None, live()):
        found = asyncio.run(Registry().observe(bench, want, have))
        assert found["credential.password"].verdict is Verdict.BLOCKED


# ---- what is sent --------------------------------------------------------------------


def test_a_new_one_has_a_credential_be_it_empty() -> None:
    made = desired(type=RegistryType.GITLAB, url=WHERE)
    assert sent("create", made) == {
        "name": "hub",
        "type": "gitlab",
        "url": WHERE,
        "credential": {},
    }


def test_only_what_changes_is_put_and_flat() -> None:
    want = Desired(ADDRESS, {**CREDENTIAL, "description": "d"}, HERE)
    assert sent("update", want, live()) == {
        "description": "d",
        "access_key": "bot",
        "access_secret": "Example1Word",
    }


def test_without_a_user_the_old_password_goes_too() -> None:
    assert sent("update", desired(credential__username=""), live()) == {
        "access_key": "",
        "access_secret": "",
    }


def test_one_that_harbor_cannot_reach_is_noted() -> None:
    replies = [{**live().raw, "status": status} for status in ("unhealthy", "healthy")]
    bench, _ = workbench({"/registries": replies})
    sick, well = asyncio.run(Registry().read(bench, Place()))
    assert "cannot reach" in sick.note
    assert well.note == ""


@pytest.mark.parametrize(
    ("fields", "changed", "risks"),
    [
        ({"insecure": True}, {"insecure"}, ["its certificate would not be verified"]),
        ({"insecure": False}, {"insecure"}, []),
        ({"url": "http://x.example.com"}, {"url"}, ["it would be talked to without encryption"]),
        ({"url": "https://x.example.com"}, {"url"}, []),
    ],
)
def test_risks(fields: dict[str, Any], changed: set[str], risks: list[str]) -> None:
    found = Registry().risks(Desired(ADDRESS, fields, HERE), live(), frozenset(changed))
    assert [(risk.guard, risk.message) for risk in found] == [("security", risk) for risk in risks]
