"""Every setting: as desired, as somebody else changes it, and written alone."""

from __future__ import annotations

from dataclasses import dataclass

from contract.raw import Json

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
ENVIRON = {
    "LDAP": "Example4Word",
    "OIDC": "Example5Word",
    "UAA": "Example6Word",
    "OTHER": "Example7Word",
}
GIB = 2**30


@dataclass(frozen=True)
class Row:
    """One setting.

    Attributes:
        yaml: what is desired.
        kept: what Harbor has then.
        drift: what somebody else puts there.
        alone: what YAML says where it is written alone.
        after: what Harbor has then.
        hurts: why nobody else can use a Harbor meanwhile, or how it stays for ever.
    """

    key: str
    yaml: str
    kept: Json
    drift: Json
    alone: str
    after: Json
    hurts: str = ""


def flag(key: str, *, default: bool, hurts: str = "") -> Row:
    """A truth, desired as the server does not have it."""
    yaml, alone = str(not default).lower(), str(default).lower()
    return Row(key, yaml, not default, default, alone, default, hurts)


def text(key: str, kept: str, drift: str = "", after: str = "changed", hurts: str = "") -> Row:
    """A text."""
    return Row(key, f'"{kept}"', kept, drift, f'"{after}"', after, hurts)


ENDPOINT = "audit_log_forward_endpoint"
FIRST, SECOND = "<first>", "<second>"
"""Stand for two endpoints that answer."""
ONCE = "once set it cannot be empty again"
ROWS = (
    Row(
        "auth_mode",
        "db_auth",
        "db_auth",
        "uaa_auth",
        "ldap_auth",
        "ldap_auth",
        "it can change only while there are no users",
    ),
    flag("primary_auth_mode", default=False),
    flag("self_registration", default=False),
    Row(
        "project_creation_restriction",
        "adminonly",
        "adminonly",
        "everyone",
        "everyone",
        "everyone",
        "nobody but administrators can create projects",
    ),
    flag("read_only", default=True, hurts="nobody can write"),
    Row("session_timeout", "90", 90, 61, "120", 120),
    Row("token_expiration", "31", 31, 32, "153722867", 153722867),
    Row("robot_token_duration", "91", 91, 92, "1", 1),
    text("robot_name_prefix", "bot$", "robot$", "r+", hurts="robots are called otherwise"),
    flag("notification_enable", default=True, hurts="webhooks are not sent"),
    flag("quota_per_project_enable", default=True, hurts="new projects have no quota"),
    Row("storage_per_project", "100GiB", 100 * GIB, 1, "unlimited", -1, "projects get quotas"),
    flag("scanner_skip_update_pulltime", default=False),
    Row(
        "banner_message",
        '{message: "Übung: \\"ja\\"", type: info, closable: true, ends: 2031-01-31}',
        '{"closable": true, "message": "Übung: \\"ja\\"", "type": "info", "toDate": "2031-01-31"}',
        "",
        "{message: one, starts: 2031-01-31}",
        '{"closable": false, "message": "one", "type": "warning", "fromDate": "2031-01-31"}',
    ),
    text(ENDPOINT, FIRST, SECOND, SECOND),
    flag("skip_audit_log_database", default=False),
    Row(
        "disabled_audit_log_event_types",
        "[pull_artifact, create_user]",
        "create_user,pull_artifact",
        "create_user,nonsense",
        "login_user",
        "login_user",
    ),
    text("ldap_url", "ldaps://ldap.example.com", "ldap://other.example.com", hurts=ONCE),
    text("ldap_base_dn", "dc=example,dc=com", "dc=other,dc=com", hurts=ONCE),
    text("ldap_uid", "uid", "cn"),
    text("ldap_filter", "(objectClass=person)"),
    Row("ldap_scope", "one_level", 1, 0, "subtree", 2),
    text("ldap_search_dn", "cn=harbor,dc=example,dc=com"),
    Row("ldap_timeout", "7", 7, -1, "8", 8),
    flag("ldap_verify_cert", default=True),
    text("ldap_group_base_dn", "ou=groups,dc=example,dc=com"),
    text("ldap_group_search_filter", "(objectClass=groupOfNames)"),
    text("ldap_group_attribute_name", "cn", "ou", "uid"),
    text("ldap_group_membership_attribute", "isMemberOf", "memberof"),
    Row("ldap_group_search_scope", "base", 0, 2, "1", 1),
    Row(
        "ldap_group_admin_dn",
        '" CN=Admins,dc=example,dc=com "',
        "cn=admins,dc=example,dc=com",
        "",
        "CN=Ü",
        "cn=ü",
    ),
    flag("ldap_group_attach_parallel", default=False),
    text("oidc_name", "sso"),
    text("oidc_endpoint", "https://sso.example.com/realms/x", after="https://other.example.com"),
    text("oidc_client_id", "harbor"),
    Row(
        "oidc_scope",
        "[openid, email, profile]",
        "email,openid,profile",
        "openid",
        '"openid,offline_access"',
        "offline_access,openid",
    ),
    text("oidc_user_claim", "email"),
    text("oidc_groups_claim", "groups"),
    text("oidc_admin_group", "admins"),
    text("oidc_group_filter", "^harbor-.*$"),
    flag("oidc_verify_cert", default=True),
    flag("oidc_auto_onboard", default=False),
    Row(
        "oidc_extra_redirect_parms",
        '{prompt: login, "ü": "x y"}',
        '{"prompt":"login","ü":"x y"}',
        '{"prompt":"none","ü":"x y"}',
        "{}",
        "{}",
    ),
    flag("oidc_logout", default=False),
    text("uaa_endpoint", "https://uaa.example.com"),
    text("uaa_client_id", "harbor"),
    Row(
        "uaa_client_secret",
        "{env: UAA}",
        ENVIRON["UAA"],
        "Example8Word",
        "{env: OTHER}",
        ENVIRON["OTHER"],
    ),
    flag("uaa_verify_cert", default=False),
    text("http_authproxy_endpoint", "https://proxy.example.com", after="https://p.example.com"),
    text(
        "http_authproxy_tokenreview_endpoint",
        "https://proxy.example.com/review",
        after="https://p.example.com/review",
    ),
    Row("http_authproxy_admin_groups", "[b, a]", "a,b", " a,c", '""', ""),
    Row("http_authproxy_admin_usernames", "[x, y]", "x,y", "x", "[z]", "z"),
    flag("http_authproxy_verify_cert", default=True),
    flag("http_authproxy_skip_search", default=False),
    Row(
        "http_authproxy_server_certificate",
        f'"{CERTIFICATE}\\n"'.replace("\n", "\\n"),
        CERTIFICATE,
        "",
        '""',
        "",
    ),
)
SECRETS = {"ldap_search_password": "LDAP", "oidc_client_secret": "OIDC"}
"""Harbor never tells them, so nobody sees them drift; they are sent along with others."""


def rows(*, gently: bool, answers: bool) -> tuple[Row, ...]:
    """The settings that can be tried out; without endpoints that answer, fewer."""
    audit = (ENDPOINT, "skip_audit_log_database")
    return tuple(
        row for row in ROWS if not (gently and row.hurts) and (answers or row.key not in audit)
    )
