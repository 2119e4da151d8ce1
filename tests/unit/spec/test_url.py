"""URLs of other services."""

from __future__ import annotations

import pytest

from harborconf.spec.url import url_type, without_user
from harborconf.spec.value import Plain
from unit.refusals import refusal

URL = url_type(40)
BASE = url_type(40, base=True)


@pytest.mark.parametrize(
    ("written", "url", "base"),
    [
        ("https://example.com/a/", "https://example.com/a/", "https://example.com/a"),
        ("HTTP://Example.com:8080", "http://Example.com:8080", "http://Example.com:8080"),
        ("http://[::1]:80/x", "http://[::1]:80/x", "http://[::1]:80/x"),
    ],
)
def test_what_is_read(written: str, url: str, base: str) -> None:
    assert URL.read(Plain(written)) == url
    assert BASE.read(written) == base
    assert URL.read(URL.write(url)) == url


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("example.com", "begins with http:// or https://"),
        ("ftp://example.com", "begins with http:// or https://"),
        ("https://", "no host"),
        ("https://:80", "no host"),
        ("https://example.com:port", "a wrong port"),
        ("https://exa mple.com", "a space in it"),
        ("https://example.com/\n", "a space in it"),
        ("https://me:word@example.com", "a secret never stands in the YAML"),
        ("https://token@example.com", "a secret never stands in the YAML"),
        ("https://example.com/" + "a" * 21, "at most 40 characters of a URL, here are 41"),
        (["https://example.com"], "expected text, got a list"),
    ],
)
def test_what_is_refused(written: object, expected: str) -> None:
    message = refusal(URL.read, written)
    assert expected in message
    assert "me:" not in message


def test_a_query_is_kept_and_harbor_drops_it_from_a_base() -> None:
    assert URL.read("https://example.com/?a=b@c") == "https://example.com/?a=b@c"
    for url in ("https://example.com/?a=b", "https://example.com/#a"):
        assert "a query or a fragment, which Harbor drops" in refusal(BASE.read, url)


def test_a_password_in_a_live_url_is_hidden() -> None:
    assert without_user("https://me:w@rd@example.com") == "https://(hidden)@example.com"
    assert without_user("https://me:word@example.com/a@b") == "https://(hidden)@example.com/a@b"
    assert without_user("https://example.com/a@b") == "https://example.com/a@b"
