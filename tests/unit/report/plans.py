"""Plans to render: one with everything, a hostile one, and as long ones as wanted."""

from __future__ import annotations

from dataclasses import replace

from harborconf.engine.apply import Failed, Result, Skipped
from harborconf.engine.plan import Action, Change, FieldChange, Plan, Refusal, Unknown
from harborconf.engine.preview import Preview, RepositoryPreview
from harborconf.engine.selection import Selection
from harborconf.kinds.resource import Step
from harborconf.kinds.retained import Artifact
from harborconf.position import Position
from harborconf.spec.address import Address

URL, VERSION = "https://harbor.example.com", "2.15.2"

# What may stand in a name, a description or a message of Harbor, and what it tries.
HOSTILE = {
    "a fence": "```\n</details>\n# injected\n```diff\n+ injected",
    "a bare fence": "```",
    "one backtick": "`<b>injected</b> @octocat` [x](https://evil.example)",
    "a longer fence": "`````````` injected",
    "HTML": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "the end of HTML": "</code></summary></details></script>\"'><b>injected</b>",
    "a mention": "@octocat and @goharbor/maintainers, #1, GH-1, :tada:",
    "a link": "[click](https://evil.example/) ![x](https://evil.example/x.png) <https://evil.example>",
    "a table": "a | b\n--- | ---\nc | d",
    "a terminal": "\x1b[2J\x1b]0;title\x07\x9b31mred\x08\x7f",
    "directions": "abc\u202edef\u2066ghi\u200b\u2028\ufeff",
    "entities": "&lt;b&gt; &amp; &#60;script&#62;",
    "a comment": "<!-- --> <![CDATA[ ]]>",
    "markup of rich": "[red]red[/red] [link=https://evil.example]x[/link] \\[b]",
    "a lone surrogate": "\ud800",
}


def at(line: int, file: str = "desired/team-a.yaml") -> Position:
    return Position(file, line, 5)


def plan_of(*changes: Change) -> Plan:
    return Plan(URL, VERSION, "0.1.0", "5ca1ab1e" * 8, changes)


def artifact(repository: str, *tags: str) -> Artifact:
    return Artifact(repository, "sha256:0123456789abcdef", tags, 0, 0, 2**20)


RULES = [
    {"keep": {"most_recently_pushed": 10}, "tags": ["v*"]},
    {"keep": {"pulled_within": "30d"}, "repositories": ["apps/**"]},
    {"keep": "always", "tags": ["release-*", "lts-*"], "untagged": False},
]
QUOTA = Change(
    Address("quota", None, "team-a"),
    Action.UPDATE,
    (FieldChange("storage", "100GiB", "200GiB", position=at(4)),),
    position=at(4),
)
PROJECT = Change(
    Address("project", "team-a"),
    Action.UPDATE,
    (
        FieldChange("public", before=True, after=False, position=at(3)),
        FieldChange("scanning.on_push", before=False, after=True, position=at(6)),
        FieldChange(
            "scanning.block",
            {"enabled": True, "severity": "critical"},
            {"enabled": True, "severity": "high"},
        ),
    ),
    position=at(2),
)
ROBOT = Change(
    Address("robot", "ci", "team-a"),
    Action.UPDATE,
    (
        FieldChange("description", "builds images", "builds and signs images"),
        FieldChange(
            "permissions",
            {"artifact": ["read"], "repository": ["pull"]},
            {"repository": ["pull", "push"]},
            {"repository": ["push"]},
            {"artifact": ["read"]},
        ),
        FieldChange("secret", None, {"file": "out/team-a-ci"}, reason="Harbor does not accept it"),
    ),
    position=at(14),
)
RETENTION = Change(
    Address("retention", None, "team-b"),
    Action.CREATE,
    (FieldChange("schedule", None, "daily"), FieldChange("rules", None, RULES)),
    position=at(30, "desired/team-b.yaml"),
)
_CHANGES = (
    Change(
        Address("label", "release"),
        Action.CREATE,
        (FieldChange("color", None, "#00AB9A"), FieldChange("description", None, "Released.")),
        position=at(9, "desired/platform.yaml"),
    ),
    Change(
        Address("user", "alice"),
        Action.UPDATE,
        (FieldChange("email", "alice@example.org", "alice@example.com"),),
        position=at(5, "desired/platform.yaml"),
    ),
    Change(
        Address("robot", "fleet"),
        Action.BLOCKED,
        (FieldChange("secret", None, {"env": "FLEET"}),),
        "environment variable FLEET is empty, and filling it would replace a secret in use",
        at(22, "desired/platform.yaml"),
    ),
    PROJECT,
    QUOTA,
    Change(
        Address("member", "user:mallory", "team-a"),
        Action.DELETE,
        (),
        "asked for by `absent`",
        at(9),
    ),
    ROBOT,
    Change(
        Address("project", "team-b"),
        Action.CREATE,
        (
            FieldChange("public", None, after=False),
            FieldChange("scanning.on_push", None, after=True),
        ),
        position=at(1, "desired/team-b.yaml"),
    ),
    Change(
        Address("member", "group:team-b-devs", "team-b"),
        Action.CREATE,
        (FieldChange("role", None, "developer"),),
    ),
    RETENTION,
    Change(
        Address("member", "user:zoe", "team-b"),
        Action.PENDING,
        (FieldChange("role", None, "guest"),),
        "she has never logged in",
        at(12, "desired/team-b.yaml"),
    ),
)
EVERYTHING = replace(
    plan_of(*_CHANGES),
    extras=(
        Address("member", "user:eve", "team-a"),
        Address("robot", "old", "team-a"),
        Address("label", "x y"),
    ),
    unknown=(Unknown(Address("user", "bob"), "password", "Harbor never tells it", at(8)),),
    notices=("project/team-a/robot/legacy: the robot has expired",),
    selection=Selection(("team-*",), ()),
    previews=(
        Preview(
            Address("retention", None, "team-b"),
            (
                RepositoryPreview(
                    "apps/web", 2, (artifact("apps/web", "v1"), artifact("apps/web"))
                ),
                RepositoryPreview("base", 5, ()),
            ),
        ),
    ),
    elsewhere=(
        Change(
            Address("quota", None, "team-c"),
            Action.UPDATE,
            (FieldChange("storage", "1GiB", "2GiB"),),
        ),
    ),
)
NOTHING = plan_of()


def result_of(plan: Plan) -> Result:
    """The first change was refused, the second skipped, the others done."""
    steps = [Step(change.action.value, change.address) for change in plan.writes]
    refused = Failed(steps[0], "POST /labels: 409 conflict: label release", "look for it in Harbor")
    return Result(
        tuple(steps[2:]), (refused,), (Skipped(steps[1], "it needs create label/release"),)
    )


def hostile(text: str) -> Plan:
    """A plan with one text wherever a text can stand."""
    change = Change(
        Address("robot", text, text),
        Action.UPDATE,
        (
            FieldChange("description", text, f"{text} {text}", reason=text),
            FieldChange(
                "rules",
                [],
                [],
                [{"keep": text}, text],
                [{text: [text]}],
                text,
                Position(text, 1, 1),
            ),
            FieldChange(text, None, text),
        ),
        text,
        Position(text, 1, 1),
    )
    created = Change(
        Address("project", text), Action.CREATE, (FieldChange("name", None, [text] * 40),)
    )
    deleted = Change(Address("label", text), Action.DELETE, (), text)
    blocked = Change(Address("user", text), Action.BLOCKED, change.fields, text)
    pending = Change(Address("user", text, text), Action.PENDING, change.fields, text)
    return Plan(
        f"https://{text}",
        text,
        text,
        text,
        (change, created, deleted, blocked, pending),
        (Address("label", text),),
        (Unknown(Address("user", text), text, text, Position(text, 1, 1)),),
        (text,),
        refusals=(Refusal(text, text, text, text),),
        selection=Selection((text,), (text,)),
        allowed=(text,),
        elsewhere=(change,),
        previews=(
            Preview(
                Address("retention", None, text),
                (RepositoryPreview(text, 1, (artifact(text, text, text), artifact(text, text))),),
            ),
        ),
    )


def hostile_result(text: str) -> Result:
    step = Step("create", Address("robot", text, text))
    return Result((step,), (Failed(step, text, text),), (Skipped(step, text),))


def long(count: int, width: int = 3) -> Plan:
    """A plan of so many updates, each of a list of so many items, and one deletion at the end."""
    many = [
        Change(
            Address("retention", None, f"project-{number:04}"),
            Action.UPDATE,
            (
                FieldChange(
                    "rules",
                    [],
                    [],
                    [{"keep": "always", "tags": [f"v{number}.{item}"]} for item in range(width)],
                ),
            ),
            position=at(number + 1),
        )
        for number in range(count)
    ]
    last = Change(Address("member", "user:zed", "zzz"), Action.DELETE, (), "asked for by `absent`")
    return plan_of(*many, last)
