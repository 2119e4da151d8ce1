"""The example rules for Prometheus fire when they should, where promtool is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from manifests import documents
from pages import ROOT

MONITORING = ROOT / "deploy" / "monitoring"
promtool = shutil.which("promtool")


def promtool_test(folder: Path, rules: object) -> subprocess.CompletedProcess[str]:
    (folder / "groups.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
    shutil.copy(MONITORING / "rules-test.yaml", folder)
    command = [str(promtool), "test", "rules", "rules-test.yaml"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


@pytest.mark.skipif(not promtool, reason="promtool is not installed")
def test_the_rules_fire_when_they_should(tmp_path: Path) -> None:
    (rules,) = documents((MONITORING / "rules.yaml").read_text(encoding="utf-8"))
    ran = promtool_test(tmp_path, rules["spec"])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for rule in rules["spec"]["groups"][0]["rules"]:
        whole, rule["expr"] = rule["expr"], "vector(0) > 1"
        assert promtool_test(tmp_path, rules["spec"]).returncode != 0, rule["alert"]
        rule["expr"] = whole
