"""Who can still log in after settings of the authentication have changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from contract.adapter import NOBODY
from contract.ldap import ldap_server
from contract.system import ALONE, GENTLY, put_settings
from contract.target import WORD, Target
from contract.tool import Tool, blocked, said

PROVIDERS = {
    "ldap_auth": "ldap_url: ldap://127.0.0.1:1, ldap_base_dn: dc=example",
    "uaa_auth": f"uaa_endpoint: {NOBODY}, uaa_client_id: harbor",
    "http_auth": f"http_authproxy_endpoint: {NOBODY}",
    "oidc_auth": f"oidc_endpoint: {NOBODY}, oidc_client_id: harbor, oidc_scope: [openid]",
}


def skip_what_stays(target: Target) -> None:
    """Leave out what could not be put back."""
    if target.is_real and os.environ[ALONE] == GENTLY:
        pytest.skip("the settings of LDAP could not be emptied again")


def settings(text: str) -> str:
    return f"system: {{settings: {{{text}}}}}"


@pytest.mark.parametrize("mode", PROVIDERS)
def test_the_administrator_that_came_with_harbor_logs_in_whatever_the_mode(
    own: Target, tmp_path: Path, mode: str
) -> None:
    """Of a provider that does not answer, too. Each run logs in anew."""
    if mode == "ldap_auth":
        skip_what_stays(own)
    tool = Tool(own, tmp_path)
    tool.converge(settings(f"auth_mode: {mode}, primary_auth_mode: true, {PROVIDERS[mode]}"))
    assert own.raw.get("/systeminfo")["auth_mode"] == mode
    tool.converge("labels: {made-afterwards: {}}")
    tool.converge(settings("auth_mode: db_auth, primary_auth_mode: false"))


ADMINS = "cn=admins,dc=example"


@pytest.fixture
def alice(own: Target) -> Iterator[str]:
    """Who administers Harbor because a group of LDAP does."""
    skip_what_stays(own)
    name = own.name("alice")
    with ldap_server(name, WORD, ADMINS) as url:
        mode = {
            "auth_mode": "ldap_auth",
            "ldap_url": url,
            "ldap_base_dn": "dc=example",
            "ldap_uid": "uid",
            "ldap_search_dn": "cn=harbor,dc=example",
            "ldap_search_password": WORD,
            "ldap_group_membership_attribute": "memberof",
            "ldap_group_admin_dn": ADMINS,
        }
        put_settings(own.raw, mode)
        if own.simulator is not None:  # which asks no LDAP
            own.state.add_user(name, WORD, f"{name}@example.com")["admin_role_in_auth"] = True
        yield name
        for one in own.users():
            own.raw.write("DELETE", f"/users/{one['user_id']}")
        put_settings(own.raw, {"auth_mode": "db_auth"})


def test_who_logs_in_by_a_provider_does_not_change_how(
    own: Target, tmp_path: Path, alice: str
) -> None:
    """What blocks it would: nobody but the administrator that came with Harbor could mend it."""
    tool = Tool(own, tmp_path)
    hers = tool.be(alice, WORD)
    assert said(hers.converge(settings("oidc_name: x"))) == ["update system/settings oidc_name"]
    text = settings("ldap_url: ldap://127.0.0.1:1, session_timeout: 90")
    assert blocked(hers.plan(text)) == {
        "system/settings": f"{alice} logs in by `ldap_url`, and could not mend a mistake there:"
        " the administrator that came with Harbor can change it"
    }
    tool.converge(text)
    if own.is_real:
        assert own.raw.be(alice, WORD).status("GET", "/users/current") == HTTPStatus.UNAUTHORIZED
