"""The configuration that is measured: projects of seven resources each."""

from __future__ import annotations


def document(prefix: str, user: str, projects: int) -> str:
    """One file with so many projects, each with a resource of seven kinds."""
    names = "\n".join(f"  {prefix}-{number:04d}: {{}}" for number in range(projects))
    return f"""\
version: 1
defaults:
  project:
    public: false
    quota: 10GiB
    scanning: {{on_push: true, sbom: true, block: high}}
    cve_allowlist: [{{id: CVE-2024-3094}}, {{id: CVE-2021-44228}}]
    members:
      users: {{{user}: developer}}
    robots:
      ci:
        description: pushes what was built
        expires: 90d
        permissions: {{repository: [pull, push], artifact: [read]}}
    retention:
      schedule: daily
      rules:
        - {{keep: {{most_recently_pushed: 10}}, tags: ["v*"]}}
        - {{keep: {{pulled_within: 30d}}, repositories: ["apps/**"]}}
    immutable_tags:
      - {{tags: ["v*"]}}
    labels:
      release: {{color: "#00AB9A"}}
projects:
{names}
"""
