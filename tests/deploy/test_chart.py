"""The chart, rendered by helm and the manifests by kustomize, where these are installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from manifests import Manifest, arguments, documents, faults, of_kind, pod_spec
from pages import ROOT

CHART = ROOT / "deploy" / "chart"
VALUES = sorted((CHART / "ci").glob("*.yaml"))
helm = shutil.which("helm")
kustomize = shutil.which("kustomize")
with_helm = pytest.mark.skipif(not helm, reason="helm is not installed")
with_kustomize = pytest.mark.skipif(not kustomize, reason="kustomize is not installed")
ONE = CHART / "ci" / "one-values.yaml"
# What a helm without a version of its own (`go install`) would say is far too old.
KUBERNETES = ("--kube-version", "1.33.0")


def template(*options: str, name: str = "harborconf") -> subprocess.CompletedProcess[str]:
    command = [str(helm), "template", name, str(CHART), "--namespace", "harbor"]
    return subprocess.run(
        [*command, *KUBERNETES, *options], check=False, capture_output=True, text=True
    )


def rendered(values: Path, *options: str) -> list[Manifest]:
    ran = template("--values", str(values), *options)
    assert ran.returncode == 0, ran.stderr
    return documents(ran.stdout)


@with_helm
@pytest.mark.parametrize("values", VALUES, ids=lambda path: path.stem)
def test_what_the_chart_makes_is_whole_and_careful(values: Path) -> None:
    manifests = rendered(values)
    for manifest in manifests:
        assert list(faults(manifest)) == []
        assert manifest["metadata"]["namespace"] == "harbor"
    names = [(one["kind"], one["metadata"]["name"]) for one in manifests]
    assert len(set(names)) == len(names)


@with_helm
@pytest.mark.parametrize("values", VALUES, ids=lambda path: path.stem)
def test_helm_finds_nothing_to_say(values: Path) -> None:
    command = [str(helm), "lint", "--strict", str(CHART), *KUBERNETES, "-f", str(values)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@with_helm
def test_each_target_has_a_cron_job_and_its_own_credentials() -> None:
    manifests = rendered(CHART / "ci" / "many-values.yaml")
    found = {}
    for one in of_kind(manifests, "CronJob"):
        spec = pod_spec(one)
        assert spec
        (credentials,) = (v for v in spec["volumes"] if v["name"] == "credentials")
        target = one["metadata"]["labels"]["harborconf/target"]
        found[target] = (arguments(one), credentials["secret"]["secretName"])
    wait = ["--wait", "5m"]
    report = ["--report", "/reports/inline.json"]
    sites = ["/config/repository/common", "/config/repository/sites/eu"]
    inline = ["apply", "--yes", *wait, *report, "/config/inline", "/config/teams"]
    assert found == {
        "inline": (inline, "harborconf-inline"),
        "git": (["plan", *wait, *sites], "harborconf-git"),
        "oci": (["apply", "--yes", *wait, "/config/artifact"], "harborconf-oci"),
    }
    assert {one["metadata"]["name"] for one in of_kind(manifests, "Job")} == {
        "harborconf-git-change",
        "harborconf-inline-change",
    }


@with_helm
def test_only_a_plan_that_finds_drift_is_not_tried_again() -> None:
    for one in of_kind(rendered(CHART / "ci" / "many-values.yaml"), "CronJob"):
        policy = one["spec"]["jobTemplate"]["spec"].get("podFailurePolicy")
        assert bool(policy) == ("plan" in arguments(one))


@with_helm
def test_without_stores_there_is_no_token_and_no_role() -> None:
    least = rendered(ONE)
    assert not of_kind(least, "Role")
    assert not any((pod_spec(one) or {}).get("automountServiceAccountToken") for one in least)
    stores = rendered(CHART / "ci" / "many-values.yaml")
    (role,) = of_kind(stores, "Role")
    assert [rule["verbs"] for rule in role["rules"]] == [["get", "patch"], ["create"]]
    (unmade,) = of_kind(rendered(ONE, "--set", "stores.secrets={robot-ci}"), "Role")
    assert [rule["verbs"] for rule in unmade["rules"]] == [["get", "patch"]]


@with_helm
def test_the_network_policy_selects_every_pod() -> None:
    manifests = rendered(CHART / "ci" / "many-values.yaml")
    (policy,) = of_kind(manifests, "NetworkPolicy")
    wanted = policy["spec"]["podSelector"]["matchLabels"].items()
    for one in manifests:
        match one["kind"]:
            case "Job":
                labels = one["spec"]["template"]["metadata"]["labels"]
            case "CronJob":
                labels = one["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
            case "Pod":
                labels = one["metadata"]["labels"]
            case _:
                continue
        assert wanted <= labels.items()


@with_helm
def test_no_name_is_too_long_for_kubernetes() -> None:
    target = "a" * 14
    ran = template(
        *("--set", "image.repository=registry.example.com/harborconf"),
        *("--set", f"targets.{target}.credentials.secret=s"),
        *("--set", "defaults.configuration.git.repository=https://git.example.com/x"),
        name="h" * 53,
    )
    assert ran.returncode == 0, ran.stderr
    for one in documents(ran.stdout):
        assert len(one["metadata"]["name"]) <= (52 if one["kind"] == "CronJob" else 63)


WRONG = {
    "no image": (["image.repository="], "image.repository is required"),
    "no credentials": (["targets.main.credentials.secret="], "targets.main.credentials.secret is"),
    "no files": (["targets.main.configuration.git.repository="], "name one of git, oci"),
    "two sources": (["targets.main.configuration.oci.reference=x"], "there are 2"),
    "a wrong type": (["targets.main.suspend=often"], "suspend"),
    "a misspelt key": (["targets.main.shedule=x"], "shedule"),
}


@with_helm
@pytest.mark.parametrize(("settings", "told"), WRONG.values(), ids=WRONG.keys())
def test_wrong_values_are_refused_and_named(settings: list[str], told: str) -> None:
    options = [word for one in settings for word in ("--set", one)]
    ran = template("--values", str(ONE), *options)
    assert ran.returncode != 0
    assert told in ran.stderr


@with_helm
def test_a_chart_without_a_harbor_says_so() -> None:
    assert "name at least one Harbor" in template("--set", "image.repository=x").stderr


@with_helm
def test_more_than_a_config_map_holds_is_refused(tmp_path: Path) -> None:
    inline = {"configuration": {"git": {"repository": ""}, "inline": {"a.yaml": "#" * 2**20}}}
    (tmp_path / "large.yaml").write_text(yaml.safe_dump({"targets": {"main": inline}}))
    ran = template("--values", str(ONE), "--values", str(tmp_path / "large.yaml"))
    assert "is over 1 MiB" in ran.stderr


def built(folder: Path) -> list[Manifest]:
    command = [str(kustomize), "build", str(folder)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    return documents(ran.stdout)


@with_kustomize
def test_a_change_of_the_files_is_a_change_of_the_job(tmp_path: Path) -> None:
    folder = tmp_path / "kustomize"
    shutil.copytree(ROOT / "deploy" / "kustomize", folder)

    def job() -> Manifest:
        manifests = built(folder)
        assert not [fault for one in manifests for fault in faults(one)]
        (found,) = of_kind(manifests, "Job")
        return found

    before = job()
    assert job() == before
    with (folder / "config" / "harbor.yaml").open("a") as file:
        file.write("  team-b: {}\n")
    assert job()["spec"] != before["spec"]


@with_kustomize
def test_with_stores_the_token_is_mounted(tmp_path: Path) -> None:
    folder = tmp_path / "kustomize"
    shutil.copytree(ROOT / "deploy" / "kustomize", folder)
    with (folder / "kustomization.yaml").open("a") as file:
        file.write("components: [stores]\n")
    manifests = built(folder)
    for one in [*of_kind(manifests, "Job"), *of_kind(manifests, "CronJob")]:
        spec = pod_spec(one)
        assert spec
        assert spec["automountServiceAccountToken"] is True
    assert of_kind(manifests, "Role")
