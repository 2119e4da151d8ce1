"""What drifts of the services that a Harbor talks to: webhooks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from contract.raw import Json

if TYPE_CHECKING:
    from contract.drift import Scene

ENVIRON = {"HOOK": "Bearer Example1Word"}
"""The secrets that the configuration refers to."""
IN_PROJECT = """
webhooks:
  hook:
    description: tells of pushes
    enabled: true
    events: [PUSH_ARTIFACT, SCANNING_FAILED]
    targets:
      - url: https://hook.example.com/x?y=z
        format: cloud_events
        auth_header: {env: HOOK}
        insecure: true
      - {url: https://slack.example.com/a, type: slack}
"""
"""What stands in the project."""
NAMES = {"webhook": "/hook"}
"""What resources are called in a project of the test's own."""

Change = Callable[["Scene", str], object]


def _webhook(scene: Scene) -> str:
    path = f"/projects/{scene.number}/webhook/policies"
    return f"{path}/{scene.find(path, 'hook')['id']}"


def _edit(place: Callable[[Scene], str], change: Callable[[Json], object]) -> Change:
    return lambda scene, _: scene.edit(place(scene), change)


def _target(**changed: Json) -> Change:
    """Change the first target, which is not Slack."""

    def change(webhook: Json) -> None:
        target = next(one for one in webhook["targets"] if one["type"] == "http")
        target.update(changed)

    return _edit(_webhook, change)


def _to_slack(webhook: Json) -> None:
    target = next(one for one in webhook["targets"] if one["type"] == "http")
    target.update(type="slack", payload_format="")


def _changes() -> Iterator[tuple[str, str, str, Change]]:
    for api, path, change in (
        ("description", "description", _edit(_webhook, lambda hook: hook.update(description=""))),
        ("enabled", "enabled", _edit(_webhook, lambda hook: hook.update(enabled=False))),
        ("event_types[]", "events", _edit(_webhook, lambda hook: hook["event_types"].pop())),
        ("targets[].type", "targets", _edit(_webhook, _to_slack)),
        ("targets[].address", "targets", _target(address="https://other.example.com")),
        ("targets[].auth_header", "targets", _target(auth_header="Bearer other")),
        ("targets[].skip_cert_verify", "targets", _target(skip_cert_verify=False)),
        ("targets[].payload_format", "targets", _target(payload_format="Default")),
    ):
        yield "webhook", api, path, change


CHANGES = tuple(_changes())
"""Kind, API field, the declared field that shows it, and how somebody changes it."""
SEEN: Mapping[str, Callable[[Scene], Json]] = {
    "webhook": lambda scene: scene.target.raw.get(_webhook(scene))
}
"""What Harbor tells of each kind."""
