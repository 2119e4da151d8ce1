"""What is deployed, against the schemas of several versions of Kubernetes (`make manifests`)."""

from __future__ import annotations

import importlib.util
from typing import Any

import jsonschema
import pytest

from deploy.test_chart import VALUES, built, rendered, with_helm, with_kustomize
from manifests import Manifest
from pages import ROOT

VERSIONS = ("1.29.0", "1.31.0", "1.33.0", "1.35.0", "1.37.0")
# A volume from an image is in the schema since this version.
IMAGE_VOLUME = (1, 31)

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("kubernetes_validate"),
    reason="kubernetes-validate is not installed: make manifests",
)


def validate(manifest: Manifest, version: str) -> None:
    module: Any = importlib.import_module("kubernetes_validate")
    module.validate(manifest, version, strict=True)


def has_image_volume(manifest: Manifest) -> bool:
    return "'image': {'reference'" in str(manifest)


@with_helm
@pytest.mark.parametrize("version", VERSIONS)
def test_the_chart_fits(version: str) -> None:
    old = tuple(map(int, version.split(".")[:2])) < IMAGE_VOLUME
    for values in VALUES:
        for manifest in rendered(values):
            if not (old and has_image_volume(manifest)):
                validate(manifest, version)


@with_kustomize
@pytest.mark.parametrize("version", VERSIONS)
def test_the_plain_manifests_fit(version: str) -> None:
    for manifest in built(ROOT / "deploy" / "kustomize"):
        validate(manifest, version)


@with_helm
def test_what_does_not_fit_is_noticed() -> None:
    manifest = next(one for one in rendered(VALUES[0]) if one["kind"] == "CronJob")
    manifest["spec"]["shedule"] = "often"
    module: Any = importlib.import_module("kubernetes_validate")
    with pytest.raises((jsonschema.ValidationError, module.ValidationError)):
        validate(manifest, VERSIONS[-1])
