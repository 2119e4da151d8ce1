"""The fields of Harbor's own settings, under Harbor's own names."""

from __future__ import annotations

from typing import Annotated

from harborconf.kinds.audit_events import AUDIT_EVENTS
from harborconf.kinds.banner import BANNER, Banner, banner_from_api, banner_to_api
from harborconf.kinds.base import Codec, Section, field, word_codec
from harborconf.kinds.setting_values import (
    AUTH_MODE,
    CERTIFICATE,
    CREATORS,
    DAYS,
    ENDPOINT,
    LDAP_SCOPES,
    LOWERED,
    MINUTES,
    NAMES,
    PARAMETERS,
    PARAMETERS_CODEC,
    PREFIX,
    SCOPE,
    SCOPES,
    SECONDS,
    STRIPPED,
    URL,
    AuthMode,
    Creators,
    LdapScope,
    Parameters,
)
from harborconf.spec.lists import Words, words_from_api, words_to_api
from harborconf.spec.reference import SecretReference
from harborconf.spec.value import UNLIMITED, Flag, Size, Text

_LIST = Codec(words_to_api, words_from_api)
_EVENTS = Codec(
    words_to_api, lambda raw: words_from_api(raw.lower() if isinstance(raw, str) else raw)
)
_NOTHING: Words = frozenset()


class Basics(Section):
    """What concerns everybody."""

    auth_mode: Annotated[AuthMode, AUTH_MODE] = field(
        "auth_mode",
        codec=word_codec({mode: mode.value for mode in AuthMode}),
        default=AuthMode.DB,
        doc="Where users come from. It can change only while Harbor has no users but admin, who"
        " logs in to Harbor itself in every mode, as robots do.",
    )
    primary_auth_mode: Flag = field(
        "primary_auth_mode",
        default=False,
        doc="Whether the login page leads straight to the provider of `auth_mode`.",
    )
    self_registration: Flag = field(
        "self_registration",
        default=False,
        doc="Whether people may make users of the local database for themselves.",
    )
    project_creation_restriction: Annotated[Creators, CREATORS] = field(
        "project_creation_restriction",
        codec=word_codec({who: who.value for who in Creators}),
        default=Creators.EVERYONE,
        doc="Who may create projects: everyone, or adminonly.",
    )
    read_only: Flag = field(
        "read_only",
        default=False,
        doc="Whether nothing can be changed or pushed. It is switched off before everything"
        " else, and on after it.",
    )
    session_timeout: Annotated[int, MINUTES] = field(
        "session_timeout", default=60, doc="Minutes after which somebody has to log in again."
    )
    token_expiration: Annotated[int, MINUTES] = field(
        "token_expiration", default=30, doc="Minutes that a token for pulls and pushes is good."
    )
    robot_token_duration: Annotated[int, DAYS] = field(
        "robot_token_duration",
        default=30,
        doc="Days that Harbor's pages propose for a new robot.",
    )
    robot_name_prefix: Annotated[str, PREFIX] = field(
        "robot_name_prefix",
        default="robot$",
        doc="What the names of all robots begin with. Changing it changes every robot's name.",
    )
    notification_enable: Flag = field(
        "notification_enable", default=True, doc="Whether webhooks are sent at all."
    )
    quota_per_project_enable: Flag = field(
        "quota_per_project_enable", default=True, doc="Whether projects have quotas at all."
    )
    storage_per_project: Size = field(
        "storage_per_project",
        default=UNLIMITED,
        doc="The quota of a new project, for example 100GiB, or unlimited.",
    )
    scanner_skip_update_pulltime: Flag = field(
        "scanner_skip_update_pulltime",
        default=False,
        doc="Whether a scanner's pull does not count as a pull.",
    )
    banner_message: Annotated[Banner | str, BANNER] = field(
        "banner_message",
        codec=Codec(banner_to_api, banner_from_api),
        default="",
        doc="A message over every page: {message, type, closable, starts, ends}; empty for none.",
    )
    audit_log_forward_endpoint: Annotated[str, ENDPOINT] = field(
        "audit_log_forward_endpoint",
        default="",
        doc="A syslog server (TCP) that gets the audit log, as host:port; Harbor dials it first.",
    )
    skip_audit_log_database: Flag = field(
        "skip_audit_log_database",
        default=False,
        doc="Whether the audit log goes only to that server and not to the database.",
    )
    disabled_audit_log_event_types: Annotated[Words, AUDIT_EVENTS] = field(
        "disabled_audit_log_event_types",
        codec=_EVENTS,
        default=_NOTHING,
        doc="Events that are not logged.",
    )


class LdapSettings(Section):
    """Users and groups of LDAP."""

    ldap_url: Text = field(
        "ldap_url",
        default="",
        doc="The server, as ldap:// or ldaps://host:port. Once set it cannot be empty again.",
    )
    ldap_base_dn: Text = field(
        "ldap_base_dn",
        default="",
        doc="Where users are searched. Once set it cannot be empty again.",
    )
    ldap_uid: Text = field(
        "ldap_uid",
        default="cn",
        doc="The attribute that is the user name, such as uid, cn or sAMAccountName.",
    )
    ldap_filter: Text = field(
        "ldap_filter", default="", doc="A filter for users, such as (objectClass=person)."
    )
    ldap_scope: Annotated[LdapScope, SCOPE] = field(
        "ldap_scope",
        codec=word_codec(LDAP_SCOPES),
        default=LdapScope.SUBTREE,
        doc="How deep users are searched: base, one_level or subtree.",
    )
    ldap_search_dn: Text = field(
        "ldap_search_dn", default="", doc="Who searches; empty for an anonymous search."
    )
    ldap_search_password: SecretReference = field(
        "ldap_search_password",
        write_only=True,
        doc="Where that one's password lives. Sent when `ldap_url` or `ldap_search_dn` changes.",
    )
    ldap_timeout: Annotated[int, SECONDS] = field(
        "ldap_timeout", default=5, doc="Seconds after which the server is given up."
    )
    ldap_verify_cert: Flag = field(
        "ldap_verify_cert", default=True, doc="Whether the server's certificate is checked."
    )
    ldap_group_base_dn: Text = field(
        "ldap_group_base_dn", default="", doc="Where groups are searched."
    )
    ldap_group_search_filter: Text = field(
        "ldap_group_search_filter",
        default="",
        doc="A filter for groups; with one, the two attributes of groups must not be empty.",
    )
    ldap_group_attribute_name: Text = field(
        "ldap_group_attribute_name", default="", doc="The attribute that is a group's name."
    )
    ldap_group_membership_attribute: Text = field(
        "ldap_group_membership_attribute",
        default="memberof",
        doc="A user's attribute that names the groups.",
    )
    ldap_group_search_scope: Annotated[LdapScope, SCOPE] = field(
        "ldap_group_search_scope",
        codec=word_codec(LDAP_SCOPES),
        default=LdapScope.SUBTREE,
        doc="How deep groups are searched: base, one_level or subtree.",
    )
    ldap_group_admin_dn: Annotated[str, LOWERED] = field(
        "ldap_group_admin_dn",
        default="",
        doc="A group whose members administer Harbor, by its DN; in lower case, as Harbor has it.",
    )
    ldap_group_attach_parallel: Flag = field(
        "ldap_group_attach_parallel",
        default=False,
        doc="Whether a user's groups are looked up side by side at login.",
    )


class OidcSettings(Section):
    """Users and groups of an OIDC provider."""

    oidc_name: Text = field("oidc_name", default="", doc="What the login page calls the provider.")
    oidc_endpoint: Annotated[str, URL] = field(
        "oidc_endpoint", default="", doc="The provider's address, exactly as its issuer says."
    )
    oidc_client_id: Text = field("oidc_client_id", default="", doc="Harbor's name at the provider.")
    oidc_client_secret: SecretReference = field(
        "oidc_client_secret",
        write_only=True,
        doc="Where Harbor's secret at the provider lives. Sent when `oidc_endpoint` or"
        " `oidc_client_id` changes.",
    )
    oidc_scope: Annotated[Words, SCOPES] = field(
        "oidc_scope",
        codec=_LIST,
        default=_NOTHING,
        doc="What is asked of the provider: [openid, email, profile, offline_access].",
    )
    oidc_user_claim: Text = field(
        "oidc_user_claim", default="", doc="The claim that is the user name; empty for `name`."
    )
    oidc_groups_claim: Text = field(
        "oidc_groups_claim", default="", doc="The claim that lists a user's groups."
    )
    oidc_admin_group: Text = field(
        "oidc_admin_group", default="", doc="A group whose members administer Harbor."
    )
    oidc_group_filter: Text = field(
        "oidc_group_filter",
        default="",
        doc="A regular expression (Go's); other groups of the claim are left out.",
    )
    oidc_verify_cert: Flag = field(
        "oidc_verify_cert", default=True, doc="Whether the provider's certificate is checked."
    )
    oidc_auto_onboard: Flag = field(
        "oidc_auto_onboard",
        default=False,
        doc="Whether users get the name of `oidc_user_claim` without being asked for one.",
    )
    oidc_extra_redirect_parms: Annotated[Parameters, PARAMETERS] = field(
        "oidc_extra_redirect_parms",
        codec=PARAMETERS_CODEC,
        default=frozenset(),
        doc="Parameters added when a user is sent to the provider: {prompt: login}.",
    )
    oidc_logout: Flag = field(
        "oidc_logout",
        default=False,
        doc="Whether leaving Harbor ends the session at the provider too.",
    )


class OtherProviders(Section):
    """Users of UAA and of an HTTP authentication proxy."""

    uaa_endpoint: Text = field("uaa_endpoint", default="", doc="The address of UAA.")
    uaa_client_id: Text = field("uaa_client_id", default="", doc="Harbor's name at UAA.")
    uaa_client_secret: SecretReference = field(
        "uaa_client_secret",
        doc="Where Harbor's secret at UAA lives. Harbor tells it, so it is compared.",
    )
    uaa_verify_cert: Flag = field(
        "uaa_verify_cert", default=False, doc="Whether the certificate of UAA is checked."
    )
    http_authproxy_endpoint: Annotated[str, URL] = field(
        "http_authproxy_endpoint", default="", doc="The address of the authentication proxy."
    )
    http_authproxy_tokenreview_endpoint: Annotated[str, URL] = field(
        "http_authproxy_tokenreview_endpoint",
        default="",
        doc="Where the proxy's tokens are reviewed.",
    )
    http_authproxy_admin_groups: Annotated[Words, NAMES] = field(
        "http_authproxy_admin_groups",
        codec=_LIST,
        default=_NOTHING,
        doc="Groups whose members administer Harbor.",
    )
    http_authproxy_admin_usernames: Annotated[Words, NAMES] = field(
        "http_authproxy_admin_usernames",
        codec=_LIST,
        default=_NOTHING,
        doc="Users who administer Harbor.",
    )
    http_authproxy_verify_cert: Flag = field(
        "http_authproxy_verify_cert",
        default=True,
        doc="Whether the proxy's certificate is checked.",
    )
    http_authproxy_skip_search: Flag = field(
        "http_authproxy_skip_search",
        default=False,
        doc="Whether any user and group can be a member without being looked up.",
    )
    http_authproxy_server_certificate: Annotated[str, CERTIFICATE] = field(
        "http_authproxy_server_certificate",
        codec=STRIPPED,
        default="",
        doc="The proxy's certificate (PEM), where Harbor does not know its issuer.",
    )


# pydantic puts the fields of the last base first.
class SettingsFields(OtherProviders, OidcSettings, LdapSettings, Basics):
    """Every setting that Harbor's API takes, equal in 2.13 to 2.15."""
