"""Who can still log in after settings of the authentication have changed."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from contract.adapter import NOBODY, reachable
from contract.system import ALONE, GENTLY, put_settings
from contract.target import WORD, Target
from contract.tool import Tool, blocked, said

PROVIDERS = {
    "ldap_auth": "ldap_url: ldap://127.0.0.1:1, ldap_base_dn: dc=example",
    "uaa_auth": f"uaa_endpoint: {NOBODY}, uaa_client_id: harbor",
    "http_auth": f"http_authproxy_endpoint: {NOBODY}",
    "oidc_auth": f"oidc_endpoint: {NOBODY}, oidc_client_id: harbor, oidc_scope: [openid]",
}


def settings(text: str) -> str:
    return f"system: {{settings: {{{text}}}}}"


@pytest.mark.parametrize("mode", PROVIDERS)
def test_the_administrator_that_came_with_harbor_logs_in_whatever_the_mode(
    own: Target, tmp_path: Path, mode: str
) -> None:
    """Of a provider that does not answer, too. Each run logs in anew."""
    if own.is_real and mode == "ldap_auth" and os.environ[ALONE] == GENTLY:
        pytest.skip("the settings of LDAP could not be emptied again")
    tool = Tool(own, tmp_path)
    tool.converge(settings(f"auth_mode: {mode}, primary_auth_mode: true, {PROVIDERS[mode]}"))
    assert own.raw.get("/systeminfo")["auth_mode"] == mode
    tool.converge("labels: {made-afterwards: {}}")
    tool.converge(settings("auth_mode: db_auth, primary_auth_mode: false"))


class _Proxy(BaseHTTPRequestHandler):
    """An authentication proxy that believes everybody who has the password WORD.

    What it gives as a session is the user name, which a review of that tells again.
    """

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        status, reply = 200, {}
        if self.path == "/review":
            told = {"authenticated": True, "user": {"username": json.loads(body)["spec"]["token"]}}
            kind = {"apiVersion": "authentication.k8s.io/v1beta1", "kind": "TokenReview"}
            reply = {**kind, "status": told}
        else:
            proof = self.headers["Authorization"].removeprefix("Basic ")
            name, _, word = base64.b64decode(proof).decode().partition(":")
            status, reply = (200, {"session_id": name}) if word == WORD else (401, {})
        content = json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Nobody reads it."""


@pytest.fixture
def alice(own: Target) -> Iterator[str]:
    """Who administers Harbor because its authentication proxy says so."""
    name = own.name("alice")
    with reachable(_Proxy) as url:
        provider = {
            "auth_mode": "http_auth",
            "http_authproxy_endpoint": f"{url}/login",
            "http_authproxy_tokenreview_endpoint": f"{url}/review",
            "http_authproxy_admin_usernames": name,
        }
        put_settings(own.raw, provider)
        if own.simulator is not None:  # which asks no proxy
            own.state.add_user(name, WORD, f"{name}@example.com")["admin_role_in_auth"] = True
        yield name
        for one in own.users():
            own.raw.write("DELETE", f"/users/{one['user_id']}")
        put_settings(own.raw, {"auth_mode": "db_auth", **dict.fromkeys(list(provider)[1:], "")})


def test_who_logs_in_by_a_provider_does_not_change_how(
    own: Target, tmp_path: Path, alice: str
) -> None:
    """What blocks it would: nobody but the administrator that came with Harbor could mend it."""
    tool = Tool(own, tmp_path)
    hers = tool.be(alice, WORD)
    assert said(hers.converge(settings("oidc_name: x"))) == ["update system/settings oidc_name"]
    text = settings(f"http_authproxy_endpoint: {NOBODY}, session_timeout: 90")
    assert blocked(hers.plan(text)) == {
        "system/settings": f"{alice} logs in by `http_authproxy_endpoint`, and could not mend a"
        " mistake there: the administrator that came with Harbor can change it"
    }
    tool.converge(text)
    if own.is_real:
        assert own.raw.be(alice, WORD).status("GET", "/users/current") == 401
