"""Registries, and what uses them, on a Harbor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contract.elsewhere import CACHE, HUB, IN, OUT, SPARE, certificate, fill
from contract.raw import Json
from contract.snapshot import holds, snapshot, still
from contract.target import WORD, Target
from contract.tool import Outcome, Tool, blocked, extras, only, said
from harborconf.errors import DocumentError
from harborconf.kinds.registry import RegistryType

NOWHERE = "http://127.0.0.1:1"


def failed(outcome: Outcome) -> dict[str, str]:
    """What could not be done, and why."""
    return {str(one.step): f"{one.message} ({one.advice})" for one in outcome.result.failed}


def skipped(outcome: Outcome) -> list[str]:
    return sorted(str(one.step) for one in outcome.result.skipped)


def registry(target: Target, word: str) -> Json:
    (found,) = [one for one in target.in_registries("/registries") if one["name"].endswith(word)]
    return found


# ---- their life ----------------------------------------------------------------------


def everything(target: Target) -> str:
    me, url = target.prefix, target.registries[0]
    return f"""
        registries:
          {me}-hub:
            type: harbor
            url: {url}/
            credential: {{username: {target.username}, password: {{env: ADMIN}}}}
            description: "with ünicode, 'quotes' and\\n lines"
          {me}-bare: {{type: docker-registry, url: {url}}}
        replications:
          {me}-in: {{pull_from: {me}-hub, destination: {me}-mirror}}
          {me}-out:
            push_to: {me}-hub
            filters:
              - {{repositories: [{me}-team/**, library/x]}}
              - {{tags: {{except: ["*-rc", latest]}}}}
              - {{labels: [b, a]}}
              - {{resource: artifact}}
            trigger: weekly
            enabled: false
        projects:
          {me}-cache: {{proxy_cache: {me}-hub, members: {{users: {{}}}}}}
    """


def test_everything_is_made_in_order_and_as_written(tool: Tool, target: Target) -> None:
    tool.environ = {"ADMIN": target.password}
    me = target.prefix
    plan = tool.converge(everything(target))
    assert [line.split()[1] for line in said(plan)] == [
        f"registry/{me}-bare",
        f"registry/{me}-hub",
        f"replication/{me}-in",
        f"replication/{me}-out",
        f"project/{me}-cache",
        f"project/{me}-cache/member/user:{target.username}",
    ]
    note = "Harbor lets a proxy cache forget images that nobody pulls for 7 days"
    assert plan.notices == (
        f"project/{me}-cache/retention: {note}; write `retention` to change that",
    )
    expected: dict[str, Json] = {
        f"registry/{me}-hub": {
            "type": "harbor",
            "url": target.registries[0],
            "credential": {"type": "basic", "access_key": target.username},
            "description": "with ünicode, 'quotes' and\n lines",
            "status": "healthy",
        },
        f"registry/{me}-bare": {"type": "docker-registry", "credential": {}},
        f"replication/{me}-in": {
            "src_registry": f"{me}-hub",
            "dest_registry": "Local",
            "dest_namespace": f"{me}-mirror",
            "dest_namespace_replace_count": -1,
            "filters": None,
            "enabled": True,
        },
        f"replication/{me}-out": {
            "src_registry": "Local",
            "dest_registry": f"{me}-hub",
            "filters": [
                {"type": "label", "value": ["a", "b"], "decoration": "matches"},
                {"type": "name", "value": f"{{{me}-team/**,library/x}}"},
                {"type": "resource", "value": "artifact"},
                {"type": "tag", "value": "{*-rc,latest}", "decoration": "excludes"},
            ],
            "trigger": {"type": "scheduled", "trigger_settings": {"cron": "0 0 0 * * 0"}},
        },
        f"project/{me}-cache": {"registry_id": registry(target, "hub")["id"]},
    }
    found = snapshot(target)
    wrong = {
        address: found[address]
        for address, one in expected.items()
        if not holds(found[address], still(one))
    }
    assert wrong == {}
    assert "enabled" not in found[f"replication/{me}-out"]


def test_what_uses_a_registry_goes_before_it(tool: Tool, target: Target) -> None:
    fill(target)
    me = target.prefix
    outcome = tool.apply(f"""
        registries: {{{me}-{HUB}: absent, {me}-{SPARE}: absent}}
        replications: {{{me}-{IN}: absent, {me}-{OUT}: absent}}
        projects: {{{me}-{CACHE}: absent}}
    """)
    assert outcome.result.is_complete, failed(outcome)
    assert outcome.writes[-1].startswith("DELETE /api/v2.0/registries/")
    assert [one for one in snapshot(target) if not one.startswith("user/")] == []


def test_a_registry_goes_after_nothing_names_it_any_more(tool: Tool, target: Target) -> None:
    fill(target)
    me = target.prefix
    target.raw.write("DELETE", f"/projects/{target.raw.project(target.name(CACHE))['project_id']}")
    plan = tool.converge(f"""
        registries: {{{me}-{HUB}: absent}}
        replications:
          {me}-{IN}: {{pull_from: {me}-{SPARE}}}
          {me}-{OUT}: {{push_to: {me}-{SPARE}}}
    """)
    assert said(plan) == [
        f"delete registry/{me}-{HUB}",
        f"update replication/{me}-{IN} pull_from",
        f"update replication/{me}-{OUT} push_to",
    ]


def test_who_uses_a_registry_is_said_by_name(tool: Tool, target: Target) -> None:
    fill(target)
    me = target.prefix
    outcome = tool.apply(f"registries: {{{me}-{HUB}: absent, {me}-{SPARE}: absent}}")
    (text,) = failed(outcome).values()
    users = f"project/{me}-{CACHE}, replication/{me}-{IN}, replication/{me}-{OUT}"
    assert f"it is used by {users} (change or delete those first" in text
    assert [one["name"] for one in target.in_registries("/registries")] == [f"{me}-{HUB}"]


def test_replications_are_pruned_and_registries_never(tool: Tool, target: Target) -> None:
    fill(target)
    me = target.prefix
    text = f"""
        registries: {{{me}-{HUB}: {{}}}}
        replications: {{{me}-{IN}: {{}}}}
    """
    assert set(extras(tool.plan(text), target)) == {
        f"registry/{me}-{SPARE}",
        f"replication/{me}-{OUT}",
    }
    with pytest.raises(DocumentError, match="`registry` cannot stand here"):
        tool.plan(f"{text}\n        prune: [registry]")
    if not target.is_real:
        plan = tool.converge(f"{text}\n        prune: [replication]")
        assert said(plan) == [f"delete replication/{me}-{OUT}"]


# Real adapters that find a Harbor good enough; the others log in at their makers' clouds.
ANYWHERE = {"azure-acr", "docker-registry", "github-ghcr", "harbor", "huawei-SWR", "quay"}


@pytest.mark.parametrize("kind", [kind.value for kind in RegistryType])
def test_every_type_is_made(kind: str, tool: Tool, target: Target) -> None:
    if target.is_real and kind not in ANYWHERE:
        pytest.skip("it would have to be the real one")
    tool.environ = {"ADMIN": target.password}
    credential = f"{{username: {target.username}, password: {{env: ADMIN}}}}"
    if target.is_real:
        credential = "none"
    name, url = target.name("one"), target.registries[0]
    tool.converge(
        f"registries: {{{name}: {{type: {kind}, url: '{url}', credential: {credential}}}}}"
    )
    assert registry(target, "one")["type"] == kind


# ---- what Harbor cannot reach --------------------------------------------------------


@pytest.mark.parametrize("kind", ["docker-registry", "harbor"])
def test_one_that_cannot_be_reached_says_so_and_the_rest_goes_on(
    kind: str, tool: Tool, target: Target
) -> None:
    me, url = target.prefix, target.registries[0]
    outcome = tool.apply(f"""
        registries:
          {me}-dead: {{type: {kind}, url: {NOWHERE}}}
          {me}-live: {{type: harbor, url: {url}}}
        replications:
          {me}-lost: {{pull_from: {me}-dead}}
          {me}-good: {{pull_from: {me}-live}}
        projects:
          {me}-lost: {{proxy_cache: {me}-dead, quota: 1GiB}}
          {me}-good: {{proxy_cache: {me}-live, quota: 1GiB}}
          {me}-team: {{}}
    """)
    (text,) = failed(outcome).values()
    assert f"Harbor cannot reach {NOWHERE}, or is refused there" in text
    assert "(check url, credential and certificate, as Harbor sees them; then run again)" in text
    assert skipped(outcome) == [
        f"create project/{me}-lost",
        f"create project/{me}-lost/quota",
        f"create replication/{me}-lost",
    ]
    made = snapshot(target)
    for address in (f"registry/{me}-live", f"replication/{me}-good", f"project/{me}-good"):
        assert address in made
    assert f"project/{me}-team" in made


def test_a_wrong_credential_is_refused_and_nothing_changes(tool: Tool, target: Target) -> None:
    fill(target)
    before, url = snapshot(target), target.registries[0]
    tool.environ = {"WRONG": "Wrong0Word"}
    credential = f"{{username: {target.username}, password: {{env: WRONG}}}}"
    with known_there(target, url):
        outcome = tool.apply(f"registries: {{{target.name(SPARE)}: {{credential: {credential}}}}}")
    (text,) = failed(outcome).values()
    assert "or is refused there" in text
    assert "Wrong0Word" not in str(outcome)
    assert snapshot(target) == before


@contextmanager
def known_there(target: Target, url: str) -> Iterator[None]:
    """A simulated registry knows nobody, and takes everybody, unless it is told."""
    if target.simulator is None:
        yield
        return
    known = target.simulator.state.credentials
    known[url] = (target.username, target.password)
    try:
        yield
    finally:
        del known[url]


# ---- credentials ---------------------------------------------------------------------


def test_a_password_is_sent_with_what_it_belongs_to_and_else_left(
    tool: Tool, target: Target
) -> None:
    fill(target)
    target.add_user("bob")
    hub = target.name(HUB)

    def text(**fields: str) -> str:
        body = ", ".join(f"{key}: {value}" for key, value in fields.items())
        return f"registries: {{{hub}: {{{body}}}}}"

    mine = f"{{username: {target.username}, password: {{env: MINE}}}}"
    tool.environ = {"MINE": target.password, "BOB": WORD}
    plan = tool.plan(text(credential=mine))
    assert said(plan) == []
    assert [(one.path, one.reason) for one in plan.unknown] == [
        ("credential.password", "Harbor never tells it")
    ]
    outcome = tool.apply(text(credential=mine, description="other"))
    assert said(outcome.plan) == [f"update registry/{hub} description"]
    bob = f"{{username: {target.name('bob')}, password: {{env: BOB}}}}"
    outcome = tool.apply(text(credential=bob))
    assert said(outcome.plan) == [f"update registry/{hub} credential.username credential.password"]
    assert WORD not in repr(outcome.plan)
    tool.converge(text(credential="none"))
    assert registry(target, HUB)["credential"] == {}
    refused = tool.plan(text(credential=f"{{username: {target.username}}}"))
    assert blocked(refused) == {
        f"registry/{hub}": "Harbor has no password for it: write `credential.password` too"
    }
    tool.converge(text(credential=mine))
    assert registry(target, HUB)["credential"]["access_key"] == target.username


def test_a_credential_is_whole_when_a_registry_is_made(tool: Tool, target: Target) -> None:
    name, tool.environ = target.name("new"), {"MINE": target.password}
    start = f"registries: {{{name}: {{type: harbor, url: 'http://x.example.com', credential: "
    for credential, needed in (
        (f"{{username: {target.username}}}", "`credential.password`"),
        ("{password: {env: MINE}}", "`credential.username`"),
    ):
        with pytest.raises(DocumentError, match=f"creating it needs {needed}"):
            tool.plan(f"{start}{credential}}}}}")


# ---- what cannot change --------------------------------------------------------------


def test_its_type_is_fixed_and_the_rest_still_changes(tool: Tool, target: Target) -> None:
    fill(target)
    spare = target.name(SPARE)
    outcome = tool.apply(f"registries: {{{spare}: {{type: quay, description: changed}}}}")
    reason = "a registry's type is fixed when it is made: give the new one another name"
    assert blocked(outcome.plan) == {f"registry/{spare}": reason}
    assert registry(target, SPARE)["description"] == "changed"
    assert registry(target, SPARE)["type"] == "harbor"


def test_fields_of_a_newer_harbor_are_refused_by_name_and_place(tool: Tool, target: Target) -> None:
    if target.version >= (2, 15):
        pytest.skip("this Harbor has them")
    pem = certificate().replace("\n", "\n              ")
    with pytest.raises(DocumentError) as refused:
        tool.plan(f"""
        registries:
          {target.name("new")}:
            type: harbor
            url: http://x.example.com
            ca_certificate: |
              {pem}
        """)
    assert "7:21: `ca_certificate` exists since Harbor 2.15, this one is 2.13.2" in str(
        refused.value
    )


def test_talking_to_it_unsafely_is_guarded(tool: Tool, target: Target) -> None:
    fill(target)
    plan = tool.guarded().plan(f"registries: {{{target.name(SPARE)}: {{insecure: true}}}}")
    assert "its certificate would not be verified" in only(plan).reason


# ---- names that mean nothing ---------------------------------------------------------


def test_a_name_that_is_no_registry_is_told_with_its_place(tool: Tool, target: Target) -> None:
    fill(target)
    me = target.prefix
    with pytest.raises(DocumentError) as refused:
        tool.plan(f"""
        replications:
          {me}-new: {{pull_from: {me}-hubb}}
        projects:
          {me}-new: {{proxy_cache: nowhere}}
        """)
    text = str(refused.value)
    what = "which Harbor does not have and nothing here makes"
    assert f"4:{len(me) + 21}: `pull_from` names registry/{me}-hubb, {what}" in text
    assert f"did you mean `{me}-{HUB}`?" in text
    assert f"`proxy_cache.registry` names registry/nowhere, {what}" in text


def test_what_is_absent_cannot_be_named(tool: Tool, target: Target) -> None:
    fill(target)
    me = target.prefix
    with pytest.raises(DocumentError, match=f"names registry/{me}-{HUB}, which is `absent`"):
        tool.plan(f"""
            registries: {{{me}-{HUB}: absent}}
            replications: {{{me}-{IN}: {{pull_from: {me}-{HUB}}}}}
        """)


# ---- export --------------------------------------------------------------------------


def test_odd_ones_are_exported_and_plan_empty(own: Target, tmp_path: Path) -> None:
    target, tool = own, Tool(own, tmp_path)
    fill(target)
    raw, url = target.raw, target.registries[0]
    number = registry(target, HUB)["id"]
    for name in ('a/b: "c"\n#ü', "10021", "true", "{project}"):
        raw.make("/registries", {"name": name, "type": "harbor", "url": url})
        raw.make("/replication/policies", {"name": name, "src_registry": {"id": number}})
    odd: dict[str, Json] = {
        "event": {"trigger": {"type": "event_based"}},
        "deletes": {"trigger": {"type": "manual"}, "deletion": True},
        "cron": {"trigger": {"type": "manual", "trigger_settings": {"cron": "0 1 2 3 4 5"}}},
        "empty": {"filters": [{"type": "tag", "value": ""}, {"type": "label", "value": []}]},
        "twice": {"filters": [{"type": "tag", "value": "a"}, {"type": "tag", "value": "a"}]},
        "comma": {"filters": [{"type": "name", "value": "a,b"}]},
        "legacy": {"dest_namespace_replace_count": -5},
        "fast": {"speed": 2**31 - 1},
    }
    for name, body in odd.items():
        raw.make("/replication/policies", {"name": name, "src_registry": {"id": number}, **body})
    files = tool.export()
    text = files["system.yaml"]
    plan = tool.plan_files(files)
    for path in ("/replication/policies", "/registries"):
        for one in raw.all(path):
            if not target.owns(one["name"]):
                raw.write("DELETE", f"{path}/{one['id']}")
    assert said(plan) == []
    assert "# trigger: 'event_based' (Harbor takes event_based here and never runs it" in text
    assert "# replicate_deletion: True (only event_based replications delete" in text
    assert (
        len(re.findall(r"# password: \{env: HARBOR_REGISTRY_\w+_CREDENTIAL_PASSWORD\}", text)) == 1
    )
    assert target.password not in text
    assert ("ca_certificate" in text) == (target.version >= (2, 15))
    assert ("single_active_replication" in text) == (target.version >= (2, 14))


def test_a_restore_needs_the_passwords_only(own: Target, tmp_path: Path) -> None:
    target, tool = own, Tool(own, tmp_path)
    fill(target)
    before = snapshot(target)
    files = tool.export(references=True)
    names = re.findall(r"env: (\w+)", "".join(files.values()))
    tool.environ = {name: WORD if "_USER_" in name else target.password for name in names}
    target.clean()
    target.add_user("ann")
    outcome = tool.apply_files(files)
    assert outcome.result.is_complete, failed(outcome)
    after = snapshot(target)
    assert after.keys() == before.keys()
    lost = {
        address
        for address, one in before.items()
        if not holds(nameless(after[address]), nameless(one))
    }
    assert lost == set()


def nameless(body: Json) -> Json:
    """Without the numbers that Harbor gives."""
    match body:
        case dict():
            return {
                key: nameless(value)
                for key, value in body.items()
                if key != "id" and not key.endswith("_id") and key != "ref"
            }
        case list():
            return [nameless(item) for item in body]
    return body
