"""The manifests of `deploy/` are what they are said to be, without any tool of Kubernetes."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from harborconf.engine.load import load
from harborconf.engine.resolve import resolve
from manifests import Manifest, documents, faults, of_kind, pod_spec
from pages import ROOT

DEPLOY = ROOT / "deploy"
PLAIN = sorted(
    path
    for path in DEPLOY.rglob("*.yaml")
    if not {"chart", "config"} & set(path.parts) and path.name != "rules-test.yaml"
)
CHART = DEPLOY / "chart"


def read(path: Path) -> list[Manifest]:
    return documents(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: str(path.relative_to(DEPLOY)))
def test_a_manifest_is_whole_and_careful(path: Path) -> None:
    manifests = read(path)
    assert manifests
    for manifest in manifests:
        if manifest["kind"] not in {"Kustomization", "Component"} or "metadata" in manifest:
            assert list(faults(manifest)) == []


def test_what_is_careless_is_noticed() -> None:
    (cron_job,) = read(DEPLOY / "kustomize" / "cronjob.yaml")
    assert list(faults(cron_job)) == []
    for path in (
        ("spec", "concurrencyPolicy"),
        ("spec", "timeZone"),
        ("spec", "jobTemplate", "spec", "template", "spec", "securityContext", "runAsNonRoot"),
        ("spec", "jobTemplate", "spec", "template", "spec", "restartPolicy"),
    ):
        worse = copy.deepcopy(cron_job)
        at = worse
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = ""
        assert list(faults(worse)), path
    for key in ("securityContext", "resources", "volumeMounts"):
        worse = copy.deepcopy(cron_job)
        spec = pod_spec(worse)
        assert spec
        spec["containers"][0][key] = {}
        assert list(faults(worse)), key


def test_drift_and_changes_run_the_same_pod() -> None:
    (cron_job,) = read(DEPLOY / "kustomize" / "cronjob.yaml")
    (job,) = read(DEPLOY / "kustomize" / "job.yaml")
    assert cron_job["spec"]["jobTemplate"]["spec"] == job["spec"]
    assert "ttlSecondsAfterFinished" not in job["spec"]


def test_everything_that_the_kustomization_names_is_there() -> None:
    for path in DEPLOY.rglob("kustomization.yaml"):
        (kustomization,) = read(path)
        generated = kustomization.get("configMapGenerator", [])
        files = [file for one in generated for file in one["files"]]
        named = [*kustomization.get("resources", []), *kustomization.get("components", []), *files]
        for name in named:
            assert (path.parent / name).exists(), f"{path}: {name}"


def test_the_configuration_of_the_example_is_valid() -> None:
    state = resolve(load([DEPLOY / "kustomize" / "config"]))
    assert state.url == "https://harbor.example.com"


def test_roles_reach_no_secret_that_is_not_named() -> None:
    (role,) = of_kind(read(DEPLOY / "kustomize" / "stores" / "role.yaml"), "Role")
    assert list(faults(role)) == []
    del role["rules"][0]["resourceNames"]
    assert list(faults(role)) == ["has rights over Secrets that are not named"]


def test_every_file_names_the_same_release() -> None:
    (chart,) = read(CHART / "Chart.yaml")
    named = {chart["version"], chart["appVersion"]}
    for path, before in {
        "argo-cd/application-chart.yaml": "targetRevision: v",
        "flux/helmrelease.yaml": "tag: v",
        "gitlab/harbor.gitlab-ci.yml": "harborconf==",
        "kustomize/kustomization.yaml": "newTag: ",
        "../docs/how-to/review.md": "harborconf@v",
    }.items():
        found = re.findall(f"{before}([0-9.]*[0-9])", (DEPLOY / path).read_text(encoding="utf-8"))
        assert found, path
        named |= set(found)
    assert len(named) == 1


def values_schema() -> jsonschema.Draft7Validator:
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def test_the_values_fit_their_schema() -> None:
    for path in (CHART / "values.yaml", *(CHART / "ci").glob("*.yaml")):
        values_schema().validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_schema_knows_every_value_and_no_other() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    assert set(values) == set(schema["properties"]) - {"global"}
    target = schema["definitions"]["target"]["properties"]
    assert set(values["defaults"]) == set(target)
    for key in ("credentials", "ca", "configuration"):
        assert set(values["defaults"][key]) == set(target[key]["properties"])


REFUSED = {
    "a word for a flag": "defaults: {suspend: 'yes'}",
    "a number for text": "defaults: {schedule: 5}",
    "a misspelt key": "defaults: {shedule: '0 * * * *'}",
    "a misspelt key of a target": "targets: {main: {credential: {secret: a}}}",
    "a list of targets": "targets: [main]",
    "a target's name that makes no name": "targets: {Main_1: {}}",
    "a mode that is none": "targets: {main: {mode: dry-run}}",
    "a schedule of six fields": "targets: {main: {schedule: '0 0 * * * *'}}",
    "a duration without a unit": "targets: {main: {wait: 30}}",
    "a digest that is none": "image: {digest: latest}",
    "a port that is text": "networkPolicy: {ports: [https]}",
    "a file that harborconf does not read": "defaults: {configuration: {inline: {a.txt: x}}}",
    "a file that is no text": "defaults: {configuration: {inline: {a.yaml: {version: 1}}}}",
    "a path that is absolute": "defaults: {configuration: {paths: [/etc]}}",
    "a Secret's name that is none": "stores: {secrets: [Robot_CI]}",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_values_of_a_wrong_type_are_refused(text: str) -> None:
    assert list(values_schema().iter_errors(yaml.safe_load(text)))
