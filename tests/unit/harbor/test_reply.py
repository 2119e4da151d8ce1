"""What an error reply is made into, and that no secret is repeated."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from harborconf.errors import (
    AuthenticationError,
    ConflictError,
    InvalidError,
    NotFoundError,
    NotHarborError,
    NotPermittedError,
    ReplyError,
    ServerError,
)
from harborconf.harbor.reply import Response, message_of, raise_for_status

PAGE = b"<!DOCTYPE html>\n<html><head><title>\n Sign in </title></head>Hidden-1234</html>"


def reply(status: int = 200, body: Any = b"", **headers: str) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Response(status, CIMultiDictProxy(named), content)


def refusal(status: int, *messages: str) -> Response:
    return reply(status, {"errors": [{"code": "X", "message": text} for text in messages]})


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidError),
        (403, NotPermittedError),
        (404, NotFoundError),
        (405, InvalidError),
        (409, ConflictError),
        (412, ConflictError),
        (422, InvalidError),
        (429, ServerError),
        (500, ServerError),
        (503, ServerError),
    ],
)
def test_each_status_has_its_error_with_harbors_own_message(
    status: int, kind: type[ReplyError]
) -> None:
    with pytest.raises(kind) as caught:
        raise_for_status(refusal(status, "one", "two"), "PUT", "/quotas/1")
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert caught.value.lines() == (f"PUT /quotas/1: {status} one; two",)


def test_401_names_both_that_it_is_said_of() -> None:
    with pytest.raises(AuthenticationError) as caught:
        raise_for_status(refusal(401, "unauthorized"), "GET", "/labels")
    assert "authentication, or Harbor's database" in caught.value.advice


def test_success_is_passed_on() -> None:
    response = reply(201)
    assert raise_for_status(response, "POST", "/labels") is response


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "(no message)"),
        (b"  oh\n dear  ", "oh dear"),
        (PAGE, '(an HTML page titled "Sign in": something before Harbor answered)'),
        (b"<html>", "(an HTML page: something before Harbor answered)"),
        (
            {"errors": [{"message": "validation failure list:\npage_size"}]},
            "validation failure list: page_size",
        ),
        ({"errors": "odd"}, '{"errors": "odd"}'),
        ([1], "[1]"),
        ({"errors": [{"message": "x" * 2000}]}, "x" * 500),
    ],
)
def test_the_message_of_an_error(body: Any, message: str) -> None:
    assert message_of(reply(502, body)) == message


def test_a_secret_that_harbor_repeats_is_blotted_out_before_the_message_is_cut() -> None:
    sent = frozenset({"Hidden-1234"})
    for text, message in (
        ("bob sent Hidden-1234", "bob sent ***"),
        (f"{'x' * 495}Hidden-1234", f"{'x' * 495}***"),
    ):
        response = replace(refusal(400, text), sent=sent)
        with pytest.raises(InvalidError) as caught:
            raise_for_status(response, "POST", "/registries")
        assert caught.value.message == message


def test_the_title_of_a_page_repeats_no_secret() -> None:
    page = b"<html><title>bob: Hidden-1234</title>"
    response = replace(reply(502, page), sent=frozenset({"Hidden-1234"}))
    assert 'titled "bob: ***"' in message_of(response)


def test_json() -> None:
    assert reply(200, {"a": 1}).json() == {"a": 1}
    assert not reply(200, b" \n").json()


@pytest.mark.parametrize(
    ("response", "complaint"),
    [
        (reply(200, PAGE), 'an HTML page titled "Sign in"'),
        (reply(200, b"Hidden-1234", Content_Type="text/plain"), "11 bytes of text/plain"),
        (reply(200, b"\xff\xfe\xff"), "3 bytes of an unnamed type"),
    ],
)
def test_what_is_not_json_is_described_and_not_repeated(response: Response, complaint: str) -> None:
    with pytest.raises(NotHarborError, match=complaint) as caught:
        response.json()
    assert caught.value.__cause__ is not None
    assert "Hidden" not in caught.value.message
