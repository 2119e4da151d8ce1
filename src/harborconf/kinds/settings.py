"""Harbor's own settings, under Harbor's own names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from harborconf.errors import HarborError, InvalidError, NotPermittedError, RefusedError
from harborconf.kinds.base import UNSET, At, declared, payload
from harborconf.kinds.readback import confirm
from harborconf.kinds.resource import (
    Comparison,
    Desired,
    Live,
    Place,
    Server,
    Step,
    Verdict,
    Who,
    Workbench,
    WriteBench,
)
from harborconf.kinds.setting_fields import SettingsFields
from harborconf.kinds.setting_values import AuthMode
from harborconf.kinds.standing import Standing
from harborconf.spec.address import Address
from harborconf.spec.secret import Secret

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
# What the settings of an authentication mode's provider begin with.
_PROVIDERS: Mapping[Any, str] = {
    AuthMode.LDAP: "ldap_",
    AuthMode.UAA: "uaa_",
    AuthMode.HTTP: "http_authproxy_",
    AuthMode.OIDC: "oidc_",
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

    def locks_out(
        self, desired: Desired | None, live: Live, changed: frozenset[str], who: Who
    ) -> str:
        """Who logs in by a provider does not change how.

        The built-in administrator always logs in to Harbor itself, robots may not change settings,
        and with other users `auth_mode` stays (2.13 to 2.15).
        """
        del desired
        prefix = _PROVIDERS.get(live.fields.get("auth_mode"))
        if prefix is None or who.is_built_in:
            return ""
        paths = ", ".join(f"`{path}`" for path in sorted(changed) if path.startswith(prefix))
        if not paths:
            return ""
        return (
            f"{who.username} logs in by {paths}, and could not mend a mistake there:"
            " the administrator that came with Harbor can change it"
        )

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
