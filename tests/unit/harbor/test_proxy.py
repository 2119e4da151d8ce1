"""Which proxy the environment names for a URL."""

from __future__ import annotations

import pytest

from harborconf.errors import UsageError
from harborconf.harbor.proxy import proxy_for

HTTPS, HTTP = "https://harbor.example.com", "http://10.1.2.3:8080"
PROXIES = {"HTTPS_PROXY": "http://one:3128", "http_proxy": "two:3128"}


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        (HTTPS, {}, None),
        (HTTPS, PROXIES, "http://one:3128"),
        (HTTP, PROXIES, "http://two:3128"),
        (HTTPS, {"HTTP_PROXY": "http://two"}, None),
        (HTTPS, {"https_proxy": "https://low", "HTTPS_PROXY": "https://high"}, "https://low"),
        (HTTPS, {"https_proxy": "", "HTTPS_PROXY": ""}, None),
        ("http://localhost:8080", PROXIES, None),
        ("http://127.0.0.1:8080", PROXIES, None),
        ("http://[::1]:8080", PROXIES, None),
        (HTTPS, {**PROXIES, "NO_PROXY": "*"}, None),
        (HTTPS, {**PROXIES, "NO_PROXY": "harbor.example.com"}, None),
        (HTTPS, {**PROXIES, "NO_PROXY": "other, Example.com"}, None),
        (HTTPS, {**PROXIES, "NO_PROXY": ".example.com"}, None),
        (HTTPS, {**PROXIES, "NO_PROXY": "*.example.com"}, None),
        (HTTPS, {**PROXIES, "NO_PROXY": "ample.com,,"}, "http://one:3128"),
        (HTTPS, {**PROXIES, "no_proxy": "x", "NO_PROXY": "example.com"}, "http://one:3128"),
        (HTTPS, {**PROXIES, "NO_PROXY": "example.com:443"}, "http://one:3128"),
        (HTTP, {**PROXIES, "NO_PROXY": "10.1.2.3:8080"}, None),
        (HTTP, {**PROXIES, "NO_PROXY": "10.1.2.3:80"}, "http://two:3128"),
        (HTTP, {**PROXIES, "NO_PROXY": "10.0.0.0/8"}, None),
        (HTTP, {**PROXIES, "NO_PROXY": "10.1.2.3"}, None),
        (HTTP, {**PROXIES, "NO_PROXY": "192.168.0.0/16,fd00::/8"}, "http://two:3128"),
        ("http://[fd00::5]", {**PROXIES, "NO_PROXY": "fd00::/8"}, None),
    ],
)
def test_the_proxy_for_a_url(url: str, environ: dict[str, str], proxy: str | None) -> None:
    found = proxy_for(url, environ)
    assert (found and found.reveal()) == proxy


@pytest.mark.parametrize(
    ("proxy", "complaint"),
    [
        ("socks5://bob:Hidden-1234@proxy", "speaks neither http nor https"),
        ("http://bob:Hidden-1234@proxy:x", "is no URL"),
        ("http://bob:Hidden-1234@", "is no URL"),
        ("http://bob:Hidden/1234@proxy", "is no URL"),
        ("http://bob:Hidden-1234@[::1", "is no URL"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_without_its_password(
    proxy: str, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        proxy_for(HTTPS, {"HTTPS_PROXY": proxy})
    assert "Hidden" not in "".join([*caught.value.lines(), caught.value.advice])
