"""Where users and groups come from, now and after this run."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from harborconf.kinds.setting_values import AuthMode
from harborconf.kinds.settings import coming_setting
from harborconf.spec.value import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.kinds.resource import Workbench


class GroupType(Enum):
    """Where a group comes from."""

    LDAP = "ldap"
    HTTP = "http"
    OIDC = "oidc"


GROUP_TYPES = {GroupType.LDAP: 1, GroupType.HTTP: 2, GroupType.OIDC: 3}
GROUP_TYPE = words("group type", GroupType)
# The groups that an authentication mode has.
GROUPS_OF: Mapping[str, GroupType] = {
    AuthMode.LDAP.value: GroupType.LDAP,
    AuthMode.HTTP.value: GroupType.HTTP,
    AuthMode.OIDC.value: GroupType.OIDC,
}
_BRINGING = "ldap_auth, http_auth, oidc_auth"


async def coming_mode(bench: Workbench) -> str:
    """The authentication mode that a plan leads to, as far as Harbor lets it change."""
    mode = await coming_setting(bench, "auth_mode", bench.server.auth_mode)
    return mode.value if isinstance(mode, AuthMode) else str(mode)


async def looks_up(bench: Workbench, mode: str) -> bool:
    """Whether Harbor finds users and groups that never were here, at their provider.

    OIDC has no such search, and an HTTP proxy only where it is told to believe in everybody
    (2.13 to 2.15).
    """
    if mode != AuthMode.HTTP.value:
        return mode != AuthMode.OIDC.value
    return bool(await coming_setting(bench, "http_authproxy_skip_search", told_else=True))


async def current_mode(bench: Workbench) -> str:
    """The authentication mode at this moment of an apply."""
    return str((await bench.api.get("/systeminfo"))["auth_mode"])


def wrong_type(wanted: GroupType | None, mode: str) -> str:
    """Why no new group of this type can be made in this mode, or nothing.

    Harbor (2.13 to 2.15) makes one of another type, or one that nobody can be in.
    """
    has = GROUPS_OF.get(mode)
    if has is None:
        return f"Harbor has no such group, and {mode} brings none; {_BRINGING} do"
    if wanted not in (None, has):
        return f"with {mode} there are groups of type {has.value} only"
    return ""
