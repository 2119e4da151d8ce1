"""Harbor's own settings, under Harbor's own names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from typing import Annotated, Any, ClassVar

from harborconf.errors import HarborError, InvalidError, NotPermittedError, RefusedError
from harborconf.kinds.audit_events import AUDIT_EVENTS
from harborconf.kinds.banner import BANNER, Banner, banner_from_api, banner_to_api
from harborconf.kinds.base import (
    UNSET,
    At,
    Codec,
    Section,
    declared,
    field,
    payload,
    word_codec,
)
from harborconf.kinds.readback import confirm
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Server,
    Step,
    Verdict,
    Workbench,
    WriteBench,
)
from harborconf.kinds.setting_values import (
    CERTIFICATE,
    ENDPOINT,
    LDAP_SCOPES,
    LOWERED,
    PARAMETERS,
    PARAMETERS_CODEC,
    PREFIX,
    SCOPE,
    STRIPPED,
    URL,
    LdapScope,
    Parameters,
    number,
)
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.lists import Words, word_set, words_from_api, words_to_api
from harborconf.spec.reference import SecretReference
from harborconf.spec.secret import Secret
from harborconf.spec.value import UNLIMITED, Flag, Size, Text, words

_PATH = "/configurations"
READ_ONLY_OFF, READ_ONLY_ON = "switch read-only mode off", "switch read-only mode on"
_RENAME, _QUOTAS_OFF = "rename robots", "switch quotas off"
_READ_ONLY, _PREFIX, _QUOTAS = "read_only", "robot_name_prefix", "quota_per_project_enable"
_APART = {
    READ_ONLY_OFF: _READ_ONLY,
    READ_ONLY_ON: _READ_ONLY,
    _RENAME: _PREFIX,
    _QUOTAS_OFF: _QUOTAS,
}


class AuthMode(Enum):
    """Where users come from; Harbor's five."""

    DB = "db_auth"
    LDAP = "ldap_auth"
    UAA = "uaa_auth"
    HTTP = "http_auth"
    OIDC = "oidc_auth"


class Creators(Enum):
    """Who may create projects."""

    EVERYONE = "everyone"
    ADMINS = "adminonly"


AUTH_MODE = words("authentication mode", AuthMode)
CREATORS = words("circle of creators", Creators)
# Harbor keeps these in 32 bits, whatever it answers (2.13 to 2.15).
_LARGEST = 2**31 - 1
# 292 years. Harbor counts in nanoseconds, takes more and overflows: every token has expired then,
# and a session ends whenever (2.13 to 2.15).
_LONGEST = 2**63 // (60 * 10**9)
MINUTES = number("a number of minutes", 1, _LONGEST)
DAYS = number("a number of days", 1, _LARGEST)
SECONDS = number("a number of seconds", 0, _LARGEST)
NAMES = word_set("names")
SCOPES = word_set("scopes")
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
        doc="Where users come from. It can change only while Harbor has no users but admin.",
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


_UAA = "uaa_client_secret"
# A write-only secret is sent along when one of these changes.
_CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    "ldap_search_password": ("ldap_url", "ldap_search_dn"),
    "oidc_client_secret": ("oidc_endpoint", "oidc_client_id"),
}
_SECRETS = frozenset({_UAA, *_CREDENTIALS})
# What an authentication mode cannot do without.
_NEEDS: Mapping[AuthMode, tuple[str, ...]] = {
    AuthMode.DB: (),
    AuthMode.LDAP: ("ldap_url", "ldap_base_dn", "ldap_uid"),
    AuthMode.UAA: ("uaa_endpoint", "uaa_client_id"),
    AuthMode.HTTP: ("http_authproxy_endpoint",),
    AuthMode.OIDC: ("oidc_endpoint", "oidc_client_id", "oidc_scope"),
}
_NEVER_EMPTY = ("ldap_url", "ldap_base_dn", "ldap_uid")
_GROUP_FILTER = "ldap_group_search_filter"
_GROUP_ATTRIBUTES = ("ldap_group_attribute_name", "ldap_group_membership_attribute")
_ATTEMPTS = 3
_AUDIT = ("audit_log_forward_endpoint", "skip_audit_log_database")


class Settings(Standing):
    """All settings together. Only those that are written are compared and changed."""

    name = "settings"
    doc = "Harbor's own settings, under Harbor's own names."
    model = SettingsFields
    untold = ("ldap_search_password", "oidc_client_secret")
    audited = frozenset({"update"})
    audited_as = "configuration"
    in_system: ClassVar[tuple[At, ...]] = (At(("system", "settings")),)

    def check(self, desired: Desired) -> Iterable[tuple[str, str]]:
        """What is wrong whatever Harbor has."""
        fields = desired.fields
        yield from _conflicts(fields, frozenset(fields), only=fields.keys())
        scope = fields.get("oidc_scope")
        if scope and "openid" not in scope:
            yield "oidc_scope", "without `openid` nobody can log in"

    def audit_name(self, address: Address, live: Live | None, server: Server) -> str:
        """The log has one name for all settings."""
        del address, live, server
        return self.audited_as

    async def read(self, bench: Workbench, place: Place) -> Sequence[Live]:
        """GET /configurations, for system administrators."""
        del place
        return [await _now(bench)]

    async def observe(
        self, bench: Workbench, desired: Desired, live: Live | None
    ) -> Mapping[str, Comparison]:
        """What stands in the way of what differs, and what can be said of secrets."""
        assert live is not None
        differs = {
            path
            for path in desired.fields.keys() - _SECRETS
            if path in live.fields and not self.same(path, desired.fields[path], live.fields[path])
        }
        found = {
            path: await _secret(bench, desired, live, path, differs)
            for path in sorted(_SECRETS & desired.fields.keys())
        }
        changed = differs | {
            path for path, one in found.items() if one.verdict is Verdict.DIFFERENT
        }
        after = {**live.fields, **desired.fields}
        reasons = dict(_conflicts(after, frozenset(differs)))
        reasons |= {path: reason for path in changed if (reason := _fixed(path, live))}
        blocked = {path: Comparison(Verdict.BLOCKED, one) for path, one in reasons.items()}
        return {**found, **blocked}

    def holds(self, live: Live, path: str) -> bool:
        """A secret is there only for those who use it."""
        user = {"ldap_search_password": "ldap_search_dn", "oidc_client_secret": "oidc_client_id"}
        return bool(live.fields.get(user[path]))

    def actions(self, step: Step) -> tuple[str, ...]:
        """Some settings are changed in steps of their own, before or after everything else."""
        return (
            *([READ_ONLY_OFF] if _switch(step) == READ_ONLY_OFF else ()),
            *(["update"] if _at_once(step) else ()),
            *_last(step),
        )

    def opening(self, step: Step) -> str:
        """Before it nothing can be written, no group be made, or no new project get a quota."""
        if _at_once(step) & {"auth_mode", _QUOTAS}:
            return "update"
        return READ_ONLY_OFF if _switch(step) == READ_ONLY_OFF else ""

    def closing(self, step: Step) -> str:
        """After it new projects get no quota, robots are called otherwise, nothing is written."""
        return next(iter(_last(step)), "")

    async def run(self, bench: WriteBench, step: Step) -> None:
        """Beside an update: what is changed in a step of its own."""
        if step.action in _APART:
            await self._put(bench, step, frozenset({_APART[step.action]}))
        else:
            await super().run(bench, step)

    async def update(self, bench: WriteBench, step: Step) -> None:
        """PUT what changes in one request, as Harbor checks some of it together."""
        await self._put(bench, step, _at_once(step))

    async def _put(self, bench: WriteBench, step: Step, changed: frozenset[str]) -> None:
        """PUT and read back, more than once if need be.

        Harbor (2.13 to 2.15) keeps settings in a cache for a minute, and clears it before what
        was written is committed: whoever asks in between fills it, and Harbor's memory, with the
        old values. The same PUT again clears it for good.
        """
        assert step.desired is not None
        assert step.live is not None
        wanted = step.desired.fields
        body = payload(SettingsFields, {path: wanted[path] for path in changed - _SECRETS})
        for path in changed & _SECRETS:
            secret = await bench.stores.peek(wanted[path])
            assert secret is not None
            body[path] = secret.reveal()
        for left in reversed(range(_ATTEMPTS)):
            try:
                await bench.api.put(_PATH, body)
                confirm(self, step.desired, changed - _SECRETS, await _now(bench))
            except RefusedError:
                if not left:
                    raise
            except InvalidError as error:
                if left and _is_about_before(error, body):
                    continue
                await _undo(bench, step.live, changed)
                error.advice = error.advice or _NOTHING_KEPT
                raise
            else:
                return


def ends_read_only(steps: Iterable[Step]) -> bool:
    """Whether these steps can be run in read-only mode, where Harbor takes only settings."""
    found = list(steps)
    return any(step.action == READ_ONLY_OFF for step in found) or all(
        step.address.kind == Settings.name for step in found
    )


async def coming_setting(bench: Workbench, path: str, told_else: Any) -> Any:
    """A setting as this run leaves it; who may not read settings gets another value."""
    settings = bench.desired.get(Address(Settings.name))
    wanted = settings.fields.get(path) if settings else None
    if wanted is None and path == "auth_mode":
        return told_else
    try:
        told: Mapping[str, Any] = await bench.api.get(_PATH)
    except NotPermittedError:
        return told_else
    may_change = told[path].get("editable", True)
    return wanted if wanted is not None and may_change else told[path].get("value")


async def gives_quotas(bench: Workbench) -> bool:
    """Whether a project that this run makes gets a quota.

    Harbor (2.13 to 2.15) gives none while quotas are off, nor when they are on again. They are
    switched on before all else, and off after it.
    """
    if await coming_setting(bench, _QUOTAS, told_else=True):
        return True
    return bool((await bench.api.get(_PATH))[_QUOTAS]["value"])


async def _now(bench: Workbench) -> Live:
    return _live(await bench.api.get(_PATH))


def _live(reply: Mapping[str, Any]) -> Live:
    """What Harbor tells. A setting it does not name is left out; secrets stay out of `raw`."""
    fields: dict[str, Any] = {}
    for item in declared(SettingsFields):
        if item.write_only or not isinstance(reply.get(item.api), Mapping):
            continue
        value = reply[item.api].get("value")
        if item.path == _UAA:
            fields[item.path] = Secret(str(value or ""))
        elif value is not None:
            fields[item.path] = item.codec.from_api(value)
        elif item.default is not UNSET:
            fields[item.path] = item.default
    told = {api: one for api, one in reply.items() if isinstance(one, Mapping)}
    raw = {
        "editable": {api: one["editable"] for api, one in told.items() if "editable" in one},
        "values": {
            item.api: told[item.api]["value"]
            for item in declared(SettingsFields)
            if item.path not in _SECRETS and "value" in told.get(item.api, {})
        },
    }
    return Live(Address(Settings.name), fields, raw)


def _switch(step: Step) -> str:
    """Which way read-only mode is switched, or nothing."""
    if _READ_ONLY not in step.changed or step.desired is None:
        return ""
    return READ_ONLY_ON if step.desired.fields[_READ_ONLY] else READ_ONLY_OFF


def _last(step: Step) -> tuple[str, ...]:
    """The steps that come after everything else, in their order."""
    assert step.desired is not None
    is_off = _QUOTAS in step.changed and not step.desired.fields[_QUOTAS]
    return (
        *([_QUOTAS_OFF] if is_off else ()),
        *([_RENAME] if _PREFIX in step.changed else ()),
        *([READ_ONLY_ON] if _switch(step) == READ_ONLY_ON else ()),
    )


def _at_once(step: Step) -> frozenset[str]:
    """The settings that are changed in one request."""
    return step.changed - {_READ_ONLY} - {_APART[action] for action in _last(step)}


def _fixed(path: str, live: Live) -> str:
    """Why this setting cannot be changed at all, or nothing."""
    editable: Mapping[str, bool] = live.raw["editable"]
    if editable and not any(editable.values()):
        return "Harbor's settings are overwritten from outside (CONFIG_OVERWRITE_JSON)"
    if editable.get(path, True):
        return ""
    if path == "auth_mode":
        return "Harbor has users, and with users the authentication mode cannot change"
    return "Harbor says that it cannot be changed"


async def _secret(
    bench: Workbench, desired: Desired, live: Live, path: str, differs: Collection[str]
) -> Comparison:
    """What can be said of a secret. Harbor tells one of the three."""
    reference = desired.fields[path]
    secret = await bench.stores.peek(reference)
    if secret is None:
        return Comparison(Verdict.BLOCKED, f"{reference} is empty")
    if path == _UAA:
        same = secret == live.fields.get(path)
        return Comparison(Verdict.EQUAL if same else Verdict.DIFFERENT)
    moved = [f"`{one}`" for one in _CREDENTIALS[path] if one in differs]
    if moved:
        return Comparison(Verdict.DIFFERENT, f"sent along with {' and '.join(moved)}")
    return Comparison(Verdict.UNKNOWN, "Harbor never tells it")


def _conflicts(
    after: Mapping[str, Any], changed: frozenset[str], *, only: Collection[str] | None = None
) -> Iterable[tuple[str, str]]:
    """What Harbor refuses of some settings together, or takes although nobody could log in.

    With `only`, other settings than those are not known.
    """

    def is_empty(path: str) -> bool:
        return (only is None or path in only) and not after.get(path)

    for path in _NEVER_EMPTY:
        if only is None and path in changed and not str(after[path]).strip():
            yield path, "Harbor never takes it empty"
    missing = [f"`{path}`" for path in _GROUP_ATTRIBUTES if is_empty(path)]
    if after.get(_GROUP_FILTER) and missing:
        for path in changed & {_GROUP_FILTER, *_GROUP_ATTRIBUTES}:
            yield path, f"with `{_GROUP_FILTER}`, {' and '.join(missing)} must not be empty"
    if after.get("skip_audit_log_database") and is_empty("audit_log_forward_endpoint"):
        for path in changed & set(_AUDIT):
            yield path, "the audit log would go nowhere: it needs `audit_log_forward_endpoint`"
    mode = after.get("auth_mode")
    if "auth_mode" in changed and isinstance(mode, AuthMode):
        lacking = [f"`{path}`" for path in _NEEDS[mode] if is_empty(path)]
        if lacking:
            yield "auth_mode", f"nobody could log in: it needs {', '.join(lacking)}"


_NOTHING_KEPT = "Harbor takes all of a run's settings or none: mend this, then run again"


def _is_about_before(error: InvalidError, body: Mapping[str, Any]) -> bool:
    """Whether Harbor dialled the audit endpoint from before, read back in between by others."""
    endpoint = body.get("audit_log_forward_endpoint")
    if endpoint is None or "audit endpoint" not in error.message:
        return False
    return not endpoint or str(endpoint) not in error.message


async def _undo(bench: WriteBench, live: Live, changed: frozenset[str]) -> None:
    """Put back what a refused audit endpoint leaves behind, so that the next plan shows it.

    Harbor (2.13 to 2.15) dials the endpoint last. Its database then forgets everything of the
    request; its memory keeps and tells those settings that were never stored before.
    """
    if "audit_log_forward_endpoint" not in changed:
        return
    values: Mapping[str, Any] = live.raw["values"]
    with suppress(HarborError):
        await bench.api.put(_PATH, {path: values[path] for path in changed & values.keys()})
