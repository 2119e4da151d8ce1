"""What environment and options describe, and what they may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harborconf.errors import UsageError
from harborconf.harbor.connection import (
    Bearer,
    Password,
    connection_from_environment,
    normal_url,
)
from harborconf.spec.secret import Secret

USER = {"HARBOR_USERNAME": "admin", "HARBOR_PASSWORD": "Right-1234"}
BASE = {"HARBOR_URL": "https://harbor.example.com", **USER}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://harbor.example.com", "https://harbor.example.com"),
        ("https://harbor.example.com/", "https://harbor.example.com"),
        ("https://harbor.example.com/api/v2.0", "https://harbor.example.com"),
        ("https://harbor.example.com/api/v2.0/", "https://harbor.example.com"),
        ("HTTPS://harbor.example.com:8443", "https://harbor.example.com:8443"),
        ("  http://harbor  ", "http://harbor"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://example.com/harbor/", "https://example.com/harbor"),
    ],
)
def test_a_url_is_made_normal(written: str, normal: str) -> None:
    assert normal_url(written) == normal


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        (None, "No URL is given"),
        ("", "No URL is given"),
        ("   ", "No URL is given"),
        ("harbor.example.com", "no http or https URL"),
        ("ftp://harbor.example.com", "no http or https URL"),
        ("https://", "no http or https URL"),
        ("https://harbor:port", "not a URL"),
        ("http://[::1", "not a URL"),
        ("https://bob:Hidden-1234@harbor.example.com", "holds a credential"),
        ("ftp://bob:Hidden-1234@harbor.example.com", "holds a credential"),
        ("https://harbor.example.com?x=1", "goes on after"),
        ("https://harbor.example.com/#/projects", "goes on after"),
    ],
)
def test_a_bad_url_is_refused_without_repeating_a_password(
    written: str | None, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint) as caught:
        normal_url(written)
    assert "Hidden" not in caught.value.message + caught.value.advice


def test_the_environments_url_wins_over_the_documents() -> None:
    assert connection_from_environment(BASE, url="https://other").url == BASE["HARBOR_URL"]
    assert connection_from_environment(USER, url="https://other").url == "https://other"


def test_a_user_with_a_password() -> None:
    made = connection_from_environment(BASE)
    assert made.credential == Password("admin", Secret("Right-1234"))
    assert (made.timeout, made.concurrency, made.insecure) == (30.0, 32, False)
    assert "Right" not in repr(made)


def test_a_token() -> None:
    made = connection_from_environment({"HARBOR_URL": "https://h", "HARBOR_TOKEN": " a.b.c\n"})
    assert made.credential == Bearer(Secret("a.b.c"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), (" s \n", " s ")],
)
def test_one_trailing_newline_of_a_password_file_is_no_part_of_it(
    tmp_path: Path, written: str, meant: str
) -> None:
    file = tmp_path / "password"
    file.write_bytes(written.encode())
    environ = {
        "HARBOR_URL": "https://h",
        "HARBOR_USERNAME": "admin",
        "HARBOR_PASSWORD_FILE": str(file),
    }
    assert connection_from_environment(environ).credential == Password("admin", Secret(meant))


def test_a_newline_at_the_end_of_a_variable_is_taken_off_and_told() -> None:
    environ = {"HARBOR_URL": "https://h", "HARBOR_USERNAME": "admin", "HARBOR_PASSWORD": "secret\n"}
    made = connection_from_environment(environ)
    assert made.credential == Password("admin", Secret("secret"))
    assert made.notices == ("HARBOR_PASSWORD ends in a newline, which is taken off",)


@pytest.mark.parametrize(
    ("changes", "options", "complaint"),
    [
        ({"HARBOR_PASSWORD_FILE": "/x"}, {}, "both set"),
        ({"HARBOR_TOKEN": "a.b.c"}, {}, "HARBOR_TOKEN and a password"),
        ({"HARBOR_USERNAME": ""}, {}, "HARBOR_USERNAME is not set"),
        ({"HARBOR_PASSWORD": ""}, {}, "no password is given"),
        ({"HARBOR_USERNAME": "a:b"}, {}, "colon"),
        ({"HARBOR_PASSWORD": "", "HARBOR_TOKEN": "two words"}, {}, "no ID token"),
        ({"HARBOR_PASSWORD": "", "HARBOR_TOKEN": "a\nb"}, {}, "no ID token"),
        ({"HARBOR_PASSWORD": "", "HARBOR_PASSWORD_FILE": "/none"}, {}, "/none cannot be read: No"),
        ({"HARBOR_CA_FILE": "/none/ca.pem"}, {}, "there is no file /none/ca.pem"),
        ({}, {"client_key": Path(__file__)}, "without its certificate"),
        ({}, {"timeout": 0}, "timeout"),
        ({}, {"concurrency": 0}, "concurrency"),
        ({}, {"max_rps": 0.0}, "requests a second"),
        ({"https_proxy": "socks5://proxy"}, {}, "neither http nor https"),
    ],
)
def test_what_cannot_be_is_refused(
    changes: dict[str, str], options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint):
        connection_from_environment({**BASE, **changes}, **options)


def test_a_password_file_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"\xff\xfe")
    environ = {**BASE, "HARBOR_PASSWORD": "", "HARBOR_PASSWORD_FILE": str(file)}
    with pytest.raises(UsageError, match="it is not text"):
        connection_from_environment(environ)


def test_options_win_over_their_variables(tmp_path: Path) -> None:
    named, option = tmp_path / "named.pem", tmp_path / "option.pem"
    named.touch()
    option.touch()
    environ = {
        **BASE,
        "HARBOR_CA_FILE": str(named),
        "HARBOR_CLIENT_CERT": str(named),
        "HARBOR_CLIENT_KEY": str(named),
    }
    made = connection_from_environment(environ, ca_file=option)
    assert (made.ca_file, made.client_cert, made.client_key) == (option, named, named)
