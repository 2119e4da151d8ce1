"""OpenTofu, or Terraform, with the Harbor provider, where this machine has both.

HARBORCONF_BENCH_OPENTOFU names the program, else `tofu` and `terraform` are looked for. The
provider comes from its registry, or from what TF_CLI_CONFIG_FILE says (`dev_overrides`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PROGRAM = "HARBORCONF_BENCH_OPENTOFU"
SOURCE = "goharbor/harbor"


@dataclass(frozen=True)
class OpenTofu:
    """The program, what it calls itself, and the folder of its configuration and state."""

    program: str
    title: str
    folder: Path

    def plan(self) -> list[str]:
        """Its plan, whose exit code is 0 where nothing is to be done, and 2 for changes."""
        return [self.program, f"-chdir={self.folder}", "plan", "-input=false", "-detailed-exitcode"]

    def apply(self) -> list[str]:
        """Its apply."""
        return [self.program, f"-chdir={self.folder}", "apply", "-input=false", "-auto-approve"]

    def forget(self) -> None:
        """Throw its state away, as Harbor has been cleaned behind its back."""
        for state in self.folder.glob("terraform.tfstate*"):
            state.unlink()


def opentofu(folder: Path, configuration: Mapping[str, Any]) -> OpenTofu | str:
    """The program with this configuration in a new folder, or why it is not measured."""
    names = [os.environ[PROGRAM]] if PROGRAM in os.environ else ["tofu", "terraform"]
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        return f"there is no {' or '.join(names)} ({PROGRAM} can name one)"
    folder.mkdir()
    (folder / "main.tf.json").write_text(json.dumps(configuration, indent=1), encoding="utf-8")
    if _fails(program, folder, "validate") and _fails(program, folder, "init", "-input=false"):
        return f"{program} finds no provider {SOURCE}"
    title = subprocess.run([program, "version"], check=True, capture_output=True, text=True)
    return OpenTofu(program, title.stdout.splitlines()[0], folder)


def _fails(program: str, folder: Path, *arguments: str) -> bool:
    command = [program, f"-chdir={folder}", *arguments]
    return subprocess.run(command, check=False, capture_output=True).returncode != 0


def configuration(prefix: str, user: str, projects: int) -> dict[str, Any]:
    """What `documents.document` says, as OpenTofu's JSON: a block for each resource.

    Not `for_each` over the projects: each of thousands would then look at all projects.
    """
    resources: dict[str, dict[str, Any]] = {}
    for number in range(projects):
        name = f"{prefix}-{number:04d}"
        for kind, body in _project(name, user).items():
            resources.setdefault(kind, {})[name] = body
    return {
        "terraform": {"required_providers": {"harbor": {"source": SOURCE}}},
        "provider": {"harbor": {}},
        "resource": resources,
    }


def _project(name: str, user: str) -> dict[str, dict[str, Any]]:
    number = f"${{harbor_project.{name}.id}}"
    accesses = [("repository", "pull"), ("repository", "push"), ("artifact", "read")]
    return {
        "harbor_project": {
            "name": name,
            "public": False,
            "storage_quota": 10,
            "vulnerability_scanning": True,
            "auto_sbom_generation": True,
            "deployment_security": "high",
            "cve_allowlist": ["CVE-2024-3094", "CVE-2021-44228"],
        },
        "harbor_project_member_user": {
            "project_id": number,
            "user_name": user,
            "role": "developer",
        },
        "harbor_robot_account": {
            "name": "ci",
            "level": "project",
            "description": "pushes what was built",
            "duration": 90,
            "permissions": {
                "kind": "project",
                "namespace": f"${{harbor_project.{name}.name}}",
                "access": [{"resource": what, "action": action} for what, action in accesses],
            },
        },
        "harbor_retention_policy": {
            "scope": number,
            "schedule": "Daily",
            "rule": [
                {"repo_matching": "**", "most_recently_pushed": 10, "tag_matching": "v*"},
                {"repo_matching": "apps/**", "n_days_since_last_pull": 30, "tag_matching": "**"},
            ],
        },
        "harbor_immutable_tag_rule": {
            "project_id": number,
            "repo_matching": "**",
            "tag_matching": "v*",
        },
        "harbor_label": {"project_id": number, "name": "release", "color": "#00AB9A"},
    }
