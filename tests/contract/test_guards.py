"""Guards on a Harbor: each refuses, and is lifted by its name."""

from __future__ import annotations

import pytest

from contract.target import Target
from contract.tool import Outcome, Tool, said
from harborconf.engine.plan import Action, Plan


def blocked(plan: Plan) -> dict[str, str]:
    return {str(one.address): one.reason for one in plan.changes if one.action is Action.BLOCKED}


def refused(tool: Tool, text: str, *allowed: str) -> Plan:
    """The plan of a text that a guard refuses: nothing of it is applied."""
    guarded = tool.guarded(*allowed)
    plan = guarded.plan(text)
    assert not plan.is_well
    return plan


def lifted(tool: Tool, text: str, guard: str) -> Outcome:
    outcome = tool.guarded(guard).apply(text)
    assert outcome.plan.is_well, said(outcome.plan)
    assert outcome.result.is_complete, outcome.result
    assert tool.plan(text).changes == ()
    return outcome


LOOSER = [
    ("public: false", "public: true", "public"),
    ("scanning: {on_push: true}", "scanning: {on_push: false}", "scanning.on_push"),
    ("scanning: {block: low}", "scanning: {block: critical}", "scanning.block.severity"),
    ("scanning: {block: high}", "scanning: {block: false}", "scanning.block.enabled"),
    ("signing: {cosign: true}", "signing: {cosign: false}", "signing.cosign"),
    ("signing: {notation: true}", "signing: {notation: false}", "signing.notation"),
]


@pytest.mark.parametrize(("strict", "loose", "field"), LOOSER)
def test_security(tool: Tool, target: Target, strict: str, loose: str, field: str) -> None:
    team = target.name("team")
    before, after = (f"projects: {{{team}: {{{one}}}}}" for one in (strict, loose))
    assert tool.guarded().apply(before).plan.is_well
    plan = refused(tool, after)
    told = f"{field} would be less strict (1, limit 0: --allow security lifts this guard)"
    assert blocked(plan) == {f"project/{team}": told}
    lifted(tool, after, "security")
    assert tool.guarded().plan(before).is_well  # what is stricter needs no lifting


def test_security_by_limit(tool: Tool, target: Target) -> None:
    team = target.name("team")
    tool.apply(f"projects: {{{team}: {{public: false}}}}")
    text = f"guards: {{security: 1}}\nprojects: {{{team}: {{public: true}}}}"
    assert tool.guarded().plan(text).is_well


def test_content_is_deleted_only_when_asked_and_allowed(tool: Tool, target: Target) -> None:
    team = target.name("team")
    tool.apply(f"projects: {{{team}: {{immutable_tags: [{{tags: ['**']}}]}}}}")
    target.push("team", "apps/web")
    target.push("team", "db")
    told = {f"project/{team}": "it holds 2 repositories; empty it, or write {absent: true,"}
    found = blocked(tool.plan(f"projects: {{{team}: absent}}"))
    assert {name: reason[:57] for name, reason in found.items()} == {
        name: reason[:57] for name, reason in told.items()
    }
    text = f"projects: {{{team}: {{absent: true, with_contents: true}}}}"
    plan = refused(tool, text)
    what = "2 repositories would be deleted (1, limit 0: --allow content lifts this guard)"
    assert blocked(plan) == {f"project/{team}": what}
    outcome = lifted(tool, text, "content")
    assert said(outcome.plan) == [f"delete project/{team} contents"]
    (contents,) = outcome.plan.changes[0].fields
    assert contents.before.startswith("2 repositories, 2 artifacts and ")
    assert contents.before.endswith("; its immutable tag rules (1) are cleared first")
    assert [step.action for step in outcome.result.done] == [
        "clear immutable rules",
        "delete repositories",
        "delete",
    ]


def test_a_quota_below_its_use(tool: Tool, target: Target) -> None:
    team = target.name("team")
    tool.apply(f"projects: {{{team}: {{quota: 1GiB}}}}")
    target.push("team", "web")
    if target.simulator is not None:
        (quota,) = target.raw.all(
            "/quotas", reference_id=str(target.raw.project(team)["project_id"])
        )
        target.simulator.state.quotas.rows[quota["id"]]["used"] = 4096
    text = f"projects: {{{team}: {{quota: 1B}}}}"
    found = blocked(refused(tool, text))
    assert set(found) == {f"project/{team}/quota"}
    assert found[f"project/{team}/quota"].startswith("1B is less than the ")
    lifted(tool, text, "quota")


def test_removals(tool: Tool, target: Target) -> None:
    team = target.name("team")
    names = [f"l{number}" for number in range(21)]
    labels = ", ".join(f"{name}: {{}}" for name in names)
    tool.apply(f"projects: {{{team}: {{labels: {{{labels}}}}}}}")
    gone = ", ".join(f"{name}: absent" for name in names)
    text = f"projects: {{{team}: {{labels: {{{gone}}}}}}}"
    plan = refused(tool, text, "removal_share")
    assert [(one.guard, one.figure, one.limit) for one in plan.refusals] == [
        ("removals", "21", "20")
    ]
    found = refused(tool, text, "removals").refusals
    assert [(one.guard, one.figure, one.limit) for one in found] == [
        ("removal_share", "100 %", "30 %")
    ]
    assert found[0].message == "21 of 21 resources of kind label would be deleted"
    outcome = tool.guarded("removals", "removal_share").apply(text)
    assert outcome.plan.is_well
    assert outcome.result.is_complete


def test_pruning_counts_towards_shares_only(tool: Tool, target: Target) -> None:
    team = target.name("team")
    labels = ", ".join(f"l{number}: {{}}" for number in range(30))
    tool.apply(f"projects: {{{team}: {{labels: {{{labels}}}}}}}")
    text = f"projects: {{{team}: {{prune: [label], labels: {{l0: {{}}}}}}}}"
    assert [one.guard for one in refused(tool, text).refusals] == ["removal_share"]
    assert lifted(tool, text, "removal_share").plan.count(Action.DELETE) == 29


def test_few_of_a_kind_have_no_share(tool: Tool, target: Target) -> None:
    team = target.name("team")
    tool.apply(f"projects: {{{team}: {{labels: {{a: {{}}, b: {{}}}}}}}}")
    assert tool.guarded().plan(f"projects: {{{team}: {{labels: {{a: absent}}}}}}").is_well


def test_permissions(tool: Tool, target: Target) -> None:
    team = target.name("team")

    def text(actions: str) -> str:
        robots = ", ".join(
            f"r{number}: {{expires: never, permissions: {{repository: {actions}}}}}"
            for number in range(5)
        )
        return f"projects: {{{team}: {{robots: {{{robots}}}}}}}"

    tool.apply(text("[pull, push]"))
    plan = refused(tool, text("[pull]"))
    assert [(one.guard, one.figure) for one in plan.refusals] == [("permission_share", "50 %")]
    lifted(tool, text("[pull]"), "permission_share")


def test_secrets(tool: Tool, target: Target) -> None:
    team = target.name("team")
    robots = ", ".join(
        f"r{number}: {{expires: never, permissions: {{repository: [pull]}},"
        f" secret: {{file: s{number}}}}}"
        for number in range(6)
    )
    text = f"projects: {{{team}: {{robots: {{{robots}}}}}}}"
    tool.apply(text)
    for number in range(6):
        (tool.folder / f"s{number}").write_text(f"Example{number}Word\n", encoding="utf-8")
    plan = refused(tool, text)
    assert [(one.guard, one.figure, one.limit) for one in plan.refusals] == [("secrets", "6", "5")]
    lifted(tool, text, "secrets")


def test_what_depends_on_a_blocked_creation_is_blocked(tool: Tool, target: Target) -> None:
    team, alice = target.name("team"), target.name("alice")
    (tool.folder / "weak").write_text("weak\n", encoding="utf-8")
    text = f"""
        users: {{{alice}: {{email: {alice}@example.com, password: {{file: weak}}}}}}
        projects: {{{team}: {{members: {{users: {{{alice}: guest}}}}}}}}
    """
    outcome = tool.guarded().apply(text)
    assert blocked(outcome.plan)[f"project/{team}/member/user:{alice}"] == (
        f"it waits for user/{alice}, which is blocked"
    )
    assert outcome.result.is_complete
    assert target.raw.project(team)["name"] == team


def test_nobody_locks_themselves_out(tool: Tool, target: Target) -> None:
    team, boss = target.name("team"), target.add_user("boss")
    tool.apply(f"projects: {{{team}: {{members: {{users: {{{boss}: admin}}}}}}}}")
    own = tool.be(boss, "Example1Word")
    for wish in ("guest", "absent"):
        text = f"projects: {{{team}: {{members: {{users: {{{boss}: {wish}}}}}}}}}"
        assert blocked(own.plan(text)) == {
            f"project/{team}/member/user:{boss}": (
                "it would take your own right to administer the project"
            )
        }
        assert tool.plan(text).is_well  # a system administrator may


def test_an_administrator_stays_one(tool: Tool, target: Target) -> None:
    boss = target.add_user("boss")
    tool.apply(f"users: {{{boss}: {{admin: true}}}}")
    own = tool.be(boss, "Example1Word")
    told = {f"user/{boss}": "it is the user whose credential is in use"}
    assert blocked(own.plan(f"users: {{{boss}: {{admin: false}}}}")) == told
    assert blocked(own.plan(f"users: {{{boss}: absent}}")) == told
    assert own.plan(f"users: {{{boss}: {{comment: me}}}}").is_well
