"""One change at a time behind harborconf's back, for every field that the inventory covers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.raw import Json
from contract.target import WORD, Target

OTHER = "Another2Word"
"""A password that somebody else sets."""
GIB = 2**30
# What moves whenever something is written, and the numbers of what is made anew.
VOLATILE = {"update_time", "next_scheduled_time"}
HTTP_GROUP, OIDC_GROUP = 2, 3


def desired(
    target: Target, system: str = "", projects: str = "", own: str = "", scanning: str = ""
) -> str:
    """A configuration with every field there is, none at Harbor's default where that can be.

    `system`, `projects`, `own` and `scanning` are what further kinds add at the top, under
    `projects`, to the one project and to its scanning.
    """
    team, name = target.name("team"), target.name
    return f"""
        users:
          {name("alice")}:
            email: {name("alice")}@example.com
            name: Alice Example
            comment: drifts
            admin: true
            password: {{env: ALICE}}
        labels:
          {name("release")}: {{color: "#00AB9A", description: for everybody}}
        robots:
          {name("fleet")}:
            description: everywhere
            expires: 90d
            disabled: false
            permissions:
              system: {{project: [list]}}
              projects: {{"*": {{repository: [pull]}}}}
            secret: {{file: fleet}}
        projects:
          {team}:
            public: false
            quota: 10GiB
            scanning:
              on_push: true
              sbom: true
              block: {{enabled: true, severity: high}}
              {scanning}
            signing: {{cosign: true, notation: true}}
            cve_allowlist:
              - {{id: CVE-2024-3094, reason: not linked, owner: platform, expires: 2031-01-31}}
              - {{id: CVE-2021-44228, expires: 2031-01-31}}
            members:
              users: {{{name("alice")}: developer}}
              groups: {{{name("devs")}: {{role: guest, type: http}}}}
            robots:
              {name("ci")}:
                description: one project
                expires: 30d
                disabled: false
                permissions: {{repository: [pull, push]}}
                secret: {{file: ci}}
            labels:
              {name("stage")}: {{color: "#FF0000", description: of a project}}
            retention:
              schedule: daily
              rules:
                - keep: {{most_recently_pushed: 10}}
                  repositories: [apps/**]
                  tags: ["v*"]
                  untagged: false
                - keep: {{most_recently_pulled: 5}}
                - keep: {{pushed_within: 30d}}
                - keep: {{pulled_within: 7d}}
                  disabled: true
            immutable_tags:
              - {{repositories: [apps/**], tags: ["v*"]}}
              - {{repositories: [base/**], tags: [stable], disabled: true}}
{own}
{projects}
{system}
    """


@dataclass(frozen=True)
class Scene:
    """A Harbor as desired. Everything here is found and changed by raw HTTP.

    `adapter` is where scanners answer.
    """

    target: Target
    folder: Path
    adapter: str = ""

    def find(self, path: str, name: str, key: str = "name", **query: str) -> Json:
        """The one item of a list that is called so."""
        found = [item for item in self.target.raw.all(path, **query) if item[key] == name]
        assert len(found) == 1, (path, name, found)
        return found[0]

    @property
    def project(self) -> Json:
        return self.target.raw.project(self.target.name("team"))

    @property
    def number(self) -> int:
        return int(self.project["project_id"])

    def edit(self, path: str, change: Callable[[Json], object]) -> None:
        """Read something, change it in place, and put it."""
        body = self.target.raw.get(path)
        before = deepcopy(body)
        change(body)
        assert body != before, "nothing was changed"
        self.target.raw.write("PUT", path, body)

    # ---- where each kind is ----------------------------------------------------------

    def quota(self) -> str:
        query = {"reference": "project", "reference_id": str(self.number)}
        return f"/quotas/{self.target.raw.all('/quotas', **query)[0]['id']}"

    def member(self, word: str) -> str:
        path = f"/projects/{self.number}/members"
        return f"{path}/{self.find(path, self.target.name(word), 'entity_name')['id']}"

    def user(self) -> str:
        name = self.target.name("alice")
        return f"/users/{self.find('/users', name, 'username', q=f'username={name}')['user_id']}"

    def robot(self, where: str) -> str:
        if where == "system":
            name, query = f"robot${self.target.name('fleet')}", "Level=system"
        else:
            team = self.target.name("team")
            name, query = f"robot${team}+{self.target.name('ci')}", "Level=project"
            query += f",ProjectID={self.number}"
        return f"/robots/{self.find('/robots', name, q=query)['id']}"

    def label(self, where: str) -> str:
        if where == "system":
            found = self.find("/labels", self.target.name("release"), scope="g")
        else:
            query = {"scope": "p", "project_id": str(self.number)}
            found = self.find("/labels", self.target.name("stage"), **query)
        return f"/labels/{found['id']}"

    def retention(self) -> str:
        return f"/retentions/{self.project['metadata']['retention_id']}"

    def rules(self) -> str:
        return f"/projects/{self.number}/immutabletagrules"


@dataclass(frozen=True)
class Drift:
    """One field of one kind, changed.

    `change` is told the scene and where: `project` or `system`. `words` are what the resource is
    called in the desired configuration, if it has a name. `blocked` takes away what apply cannot
    put back, so that it can be made anew. `along` is a field that is sent with the one that
    drifts.
    """

    kind: str
    api: str
    path: str
    change: Callable[[Scene, str], object]
    where: str = "project"
    words: str = ""
    variant: str = ""
    blocked: Callable[[Scene], object] | None = None
    along: str = ""
    disables: bool = False

    @property
    def id(self) -> str:
        """Its name in the matrix."""
        parts = [self.kind, self.api, self.words, self.variant]
        if self.kind in {"robot", "label"}:
            parts.insert(1, self.where)
        return " ".join(part for part in parts if part)

    def address(self, target: Target) -> str:
        """The resource that drifts, as harborconf calls it."""
        team = f"project/{target.name('team')}"
        if self.kind == "project":
            return f"project/{target.name(self.words or 'team')}"
        prefix, _, word = self.words.rpartition(":")
        name = f"{prefix}:{target.name(word)}" if prefix else target.name(word)
        part = f"{self.kind}/{name}" if word else self.kind
        if self.where == "system":
            return part if word else f"system/{part}"
        return f"{team}/{part}"


# ---- the changes ---------------------------------------------------------------------


def _metadata(key: str, value: str) -> Callable[[Scene, str], object]:
    def change(scene: Scene, _: str) -> None:
        assert scene.project["metadata"].get(key) != value
        body = {"metadata": {key: value}}
        scene.target.raw.write("PUT", f"/projects/{scene.number}", body)

    return change


def _allowlist(change: Callable[[Json], object]) -> Callable[[Scene, str], object]:
    def put(scene: Scene, _: str) -> None:
        allowlist = scene.project["cve_allowlist"]
        change(allowlist)
        body = {"cve_allowlist": {key: allowlist[key] for key in ("items", "expires_at")}}
        scene.target.raw.write("PUT", f"/projects/{scene.number}", body)

    return put


def _quota(scene: Scene, _: str) -> None:
    scene.target.raw.write("PUT", scene.quota(), {"hard": {"storage": 7 * GIB}})


def _role(word: str, role: int) -> Callable[[Scene, str], object]:
    def change(scene: Scene, _: str) -> None:
        scene.target.raw.write("PUT", scene.member(word), {"role_id": role})

    return change


def _group_type(scene: Scene, _: str) -> None:
    """A group keeps its type for life, so it is another one with its name."""
    name, raw = scene.target.name("devs"), scene.target.raw
    raw.write("DELETE", scene.member("devs"))
    raw.write("DELETE", f"/usergroups/{scene.find('/usergroups', name, 'group_name')['id']}")
    number = raw.make("/usergroups", {"group_name": name, "group_type": OIDC_GROUP})
    body = {"role_id": 3, "member_group": {"id": number}}
    raw.write("POST", f"/projects/{scene.number}/members", body)


def _no_group(scene: Scene) -> None:
    """The group with its own type, which only somebody else can give it back."""
    name, raw = scene.target.name("devs"), scene.target.raw
    raw.write("DELETE", scene.member("devs"))
    raw.write("DELETE", f"/usergroups/{scene.find('/usergroups', name, 'group_name')['id']}")
    raw.write("POST", "/usergroups", {"group_name": name, "group_type": HTTP_GROUP})


def _robot(change: Callable[[Json], object]) -> Callable[[Scene, str], object]:
    return lambda scene, where: scene.edit(scene.robot(where), change)


def _permission(kind: str, **changed: str) -> Callable[[Json], object]:
    """Change the robot's permission of a kind."""

    def change(robot: Json) -> None:
        group = next(one for one in robot["permissions"] if one["kind"] == kind)
        for key, value in changed.items():
            (group if key in group else group["access"][0])[key] = value

    return change


def _to_project(robot: Json) -> None:
    """The permission of the system becomes one of a project, as far as the project robot goes."""
    group = next(one for one in robot["permissions"] if one["kind"] == "system")
    group.update(kind="project", namespace="*", access=[{"resource": "label", "action": "list"}])


def _robot_secret(scene: Scene, where: str) -> None:
    scene.target.raw.write("PATCH", scene.robot(where), {"secret": OTHER})


def _label(**changed: str) -> Callable[[Scene, str], object]:
    return lambda scene, where: scene.edit(scene.label(where), lambda body: body.update(changed))


def _user(**changed: str) -> Callable[[Scene, str], object]:
    def change(scene: Scene, _: str) -> None:
        path = scene.user()
        profile = scene.target.raw.get(path)
        body = {key: profile[key] for key in ("email", "realname", "comment")} | changed
        scene.target.raw.write("PUT", path, body)

    return change


def _demote(scene: Scene, _: str) -> None:
    scene.target.raw.write("PUT", f"{scene.user()}/sysadmin", {"sysadmin_flag": False})


def _password(scene: Scene, _: str) -> None:
    scene.target.raw.write("PUT", f"{scene.user()}/password", {"new_password": OTHER})


def _policy(change: Callable[[Json], object]) -> Callable[[Scene, str], object]:
    return lambda scene, _: scene.edit(scene.retention(), change)


def _rule(template: str, change: Callable[[Json], object]) -> Callable[[Scene, str], object]:
    def edit(policy: Json) -> None:
        change(next(rule for rule in policy["rules"] if rule["template"] == template))

    return _policy(edit)


def _amount(template: str, amount: int) -> Callable[[Scene, str], object]:
    return _rule(template, lambda rule: rule["params"].update({template: amount}))


def _tags(**changed: str) -> Callable[[Json], object]:
    return lambda rule: rule["tag_selectors"][0].update(changed)


def _repositories(**changed: str) -> Callable[[Json], object]:
    return lambda rule: rule["scope_selectors"]["repository"][0].update(changed)


def _immutable(change: Callable[[Json], object]) -> Callable[[Scene, str], object]:
    def edit(scene: Scene, _: str) -> None:
        rules = scene.target.raw.all(scene.rules())
        rule = next(one for one in rules if not one.get("disabled"))
        change(rule)
        scene.target.raw.write("PUT", f"{scene.rules()}/{rule['id']}", rule)

    return edit


PUSHED, PULLED = "latestPushedK", "latestPulledN"
PUSH_DAYS, PULL_DAYS = "nDaysSinceLastPush", "nDaysSinceLastPull"


def _drifts() -> Iterator[Drift]:
    for api, path, change in (
        ("metadata.public", "public", _metadata("public", "true")),
        ("metadata.auto_scan", "scanning.on_push", _metadata("auto_scan", "false")),
        (
            "metadata.auto_sbom_generation",
            "scanning.sbom",
            _metadata("auto_sbom_generation", "false"),
        ),
        ("metadata.prevent_vul", "scanning.block.enabled", _metadata("prevent_vul", "false")),
        ("metadata.severity", "scanning.block.severity", _metadata("severity", "low")),
        (
            "metadata.enable_content_trust",
            "signing.notation",
            _metadata("enable_content_trust", "false"),
        ),
        (
            "metadata.enable_content_trust_cosign",
            "signing.cosign",
            _metadata("enable_content_trust_cosign", "false"),
        ),
        (
            "metadata.reuse_sys_cve_allowlist",
            "cve_allowlist",
            _metadata("reuse_sys_cve_allowlist", "true"),
        ),
        (
            "cve_allowlist.items[].cve_id",
            "cve_allowlist",
            _allowlist(lambda found: found["items"].append({"cve_id": "CVE-2000-0001"})),
        ),
        (
            "cve_allowlist.expires_at",
            "cve_allowlist",
            _allowlist(lambda found: found.update(expires_at=found["expires_at"] + 86_400)),
        ),
    ):
        yield Drift("project", api, path, change)
    yield Drift("quota", "hard.storage", "storage", _quota)
    yield Drift("member", "role_id", "role", _role("alice", 4), words="user:alice")
    yield Drift("member", "role_id", "role", _role("devs", 5), words="group:devs")
    group_type = "member_group.group_type"
    yield Drift("member", group_type, "type", _group_type, words="group:devs", blocked=_no_group)
    yield from _robots("project", "ci")
    yield from _robots("system", "fleet")
    for api, changed in (
        ("permissions[].kind", _to_project),
        ("permissions[].namespace", _permission("project", namespace="library")),
    ):
        yield Drift("robot", api, "permissions", _robot(changed), "system", "fleet")
    for where, word in (("project", "stage"), ("system", "release")):
        yield Drift("label", "color", "color", _label(color="#123456"), where, word)
        yield Drift("label", "description", "description", _label(description=""), where, word)
    for api, path, change in (
        ("email", "email", _user(email="somebody-else@example.com")),
        ("realname", "name", _user(realname="Somebody Else")),
        ("comment", "comment", _user(comment="")),
        ("sysadmin_flag", "admin", _demote),
        ("password", "password", _password),
    ):
        yield Drift("user", api, path, change, "system", "alice")
    yield from _retention()
    for api, edit in (
        ("disabled", lambda rule: rule.update(disabled=True)),
        ("tag_selectors[].decoration", _tags(decoration="excludes")),
        ("tag_selectors[].pattern", _tags(pattern="{v*,w*}")),
        (
            "scope_selectors.repository[].decoration",
            _repositories(decoration="repoExcludes"),
        ),
        ("scope_selectors.repository[].pattern", _repositories(pattern="**")),
    ):
        yield Drift("immutable_tags", api, "rules", _immutable(edit))


def _robots(where: str, word: str) -> Iterator[Drift]:
    rows: tuple[tuple[str, str, Callable[[Json], object]], ...] = (
        ("description", "description", lambda robot: robot.update(description="")),
        ("duration", "expires", lambda robot: robot.update(duration=17)),
        ("disable", "disabled", lambda robot: robot.update(disable=True)),
        (
            "permissions[].access[].resource",
            "permissions",
            _permission("project", resource="artifact", action="read"),
        ),
        ("permissions[].access[].action", "permissions", _permission("project", action="list")),
    )
    for api, path, change in rows:
        yield Drift("robot", api, path, _robot(change), where, word, disables=api == "disable")
    yield Drift("robot", "secret", "secret", _robot_secret, where, word)


def _retention() -> Iterator[Drift]:
    def retemplate(rule: Json) -> None:
        rule.update(template=PULLED, params={PULLED: 10})

    rows: tuple[tuple[str, str, Callable[[Scene, str], object]], ...] = (
        (
            "trigger.settings.cron",
            "schedule",
            _policy(lambda policy: policy["trigger"]["settings"].update(cron="0 0 3 * * *")),
        ),
        ("rules[].template", "rules", _rule(PUSHED, retemplate)),
        (f"rules[].params.{PUSHED}", "rules", _amount(PUSHED, 11)),
        (f"rules[].params.{PULLED}", "rules", _amount(PULLED, 4)),
        (f"rules[].params.{PUSH_DAYS}", "rules", _amount(PUSH_DAYS, 31)),
        (f"rules[].params.{PULL_DAYS}", "rules", _amount(PULL_DAYS, 8)),
        (
            "rules[].disabled",
            "rules",
            _rule(PUSH_DAYS, lambda rule: rule.update(disabled=True)),
        ),
        (
            "rules[].tag_selectors[].decoration",
            "rules",
            _rule(PUSHED, _tags(decoration="excludes")),
        ),
        ("rules[].tag_selectors[].pattern", "rules", _rule(PUSHED, _tags(pattern="w*"))),
        (
            "rules[].tag_selectors[].extras",
            "rules",
            _rule(PUSHED, _tags(extras='{"untagged":true}')),
        ),
        (
            "rules[].scope_selectors.repository[].decoration",
            "rules",
            _rule(PUSHED, _repositories(decoration="repoExcludes")),
        ),
        (
            "rules[].scope_selectors.repository[].pattern",
            "rules",
            _rule(PUSHED, _repositories(pattern="{apps/**,base/**}")),
        ),
    )
    for api, path, change in rows:
        yield Drift("retention", api, path, change)


DRIFTS = tuple(_drifts())


# ---- what Harbor has -----------------------------------------------------------------


def seen(scene: Scene, drift: Drift) -> Any:
    """What Harbor tells of the resource that drifts; of a secret, whether it opens."""
    raw = scene.target.raw
    match drift.kind, drift.api:
        case "user", "password":
            alice = raw.be(scene.target.name("alice"), WORD)
            return alice.status("GET", "/users/current")
        case "robot", "secret":
            name = raw.get(scene.robot(drift.where))["name"]
            secret = (scene.folder / drift.words).read_text().strip()
            return raw.be(name, secret).status("GET", "/users/current")
        case "project", _:
            found = scene.project
        case "quota", _:
            found = raw.get(scene.quota())
        case "member", _:
            word = drift.words.partition(":")[2]
            found = [raw.get(scene.member(word)), _group_of(scene)]
        case "robot", _:
            found = raw.get(scene.robot(drift.where))
        case "label", _:
            found = raw.get(scene.label(drift.where))
        case "user", _:
            found = raw.get(scene.user())
        case "retention", _:
            found = raw.get(scene.retention())
        case _:
            found = raw.all(scene.rules())
    return settled(found)


def _group_of(scene: Scene) -> object:
    return scene.find("/usergroups", scene.target.name("devs"), "group_name")["group_type"]


def settled(value: Json) -> Any:
    """Without what moves by itself, and lists in one order: Harbor's permissions have none."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in VOLATILE}
        is_rule = "tag_selectors" in kept
        return {key: settled(item) for key, item in kept.items() if not (is_rule and key == "id")}
    if isinstance(value, list):
        return sorted((settled(item) for item in value), key=repr)
    return value
