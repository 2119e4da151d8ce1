"""What is secret in a request, and that it is found however it is escaped."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from harborconf.harbor.redaction import BLOT, blotted, secrets_in, secrets_in_headers

GO = str.maketrans({"&": "\\u0026", "<": "\\u003c", ">": "\\u003e"})
SECRET = 'Hidden "1" \\ 2/3&4<5>é\'6'


def test_secrets_are_known_by_their_keys() -> None:
    sent = {
        "username": "bob",
        "password": "Hidden-1234",
        "targets": [{"auth_header": "Hidden-5678", "address": "shown"}],
        "credential": {"access_secret": "Hidden-9", "access_key": "shown"},
        "secrets": ["Hidden-0", 5, None],
        "token": "no",
    }
    assert list(secrets_in(sent)) == ["Hidden-1234", "Hidden-5678", "Hidden-9", "Hidden-0"]
    assert list(secrets_in(None)) == []


@pytest.mark.parametrize(
    ("headers", "secrets"),
    [
        ({}, []),
        ({"Accept": "application/json"}, []),
        ({"authorization": "Bearer Hidden-1"}, ["Hidden-1"]),
        ({"Authorization": "Basic Ym9iOmE6Yg=="}, ["Ym9iOmE6Yg==", "a:b"]),
        ({"Authorization": "Basic odd"}, ["odd"]),
        ({"Cookie": "sid=one; _gorilla_csrf=two"}, ["one", "two"]),
        ({"X-Harbor-CSRF-Token": "three"}, ["three"]),
    ],
)
def test_secrets_in_headers(headers: dict[str, str], secrets: list[str]) -> None:
    assert list(secrets_in_headers(headers)) == secrets


@pytest.mark.parametrize(
    "escape",
    [
        str,
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        lambda text: json.dumps(json.dumps(text)),
        lambda text: json.dumps(text).translate(GO),
        quote,
        lambda text: quote(text, safe=""),
        quote_plus,
        html.escape,
        repr,
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: base64.b64encode(f"b:{text}".encode()).decode(),
        lambda text: base64.urlsafe_b64encode(f"bo:{text};".encode()).decode(),
    ],
)
def test_every_form_is_blotted_out(escape: Callable[[str], str]) -> None:
    shown = escape(SECRET)
    found = blotted(f"before {shown} after", [SECRET])
    assert BLOT in found
    assert found.startswith("before ")
    assert found.endswith(" after")
    left = found.removeprefix("before ").removesuffix(" after").replace(BLOT, "")
    assert len(left) <= 8, left  # quotes, or what else stood in the same piece of base64


def test_what_is_no_secret_stays() -> None:
    assert blotted("bob", []) == blotted("bob", [""]) == "bob"
