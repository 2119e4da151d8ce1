"""A robot whose store is a Secret of Kubernetes, from its first day to its successor's.

Clusters are the stand-in for the API server, and a real one if a kubeconfig names it.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from contract.clusters import Kube, clusters
from contract.clusters import cluster as some_cluster
from contract.mortal import Killed, Moments, mortal
from contract.raw import Json
from contract.target import WORD, Target, fresh
from contract.tool import Tool, blocked, said
from harborconf.errors import DocumentError

DAY = 24 * 3600
ACCEPTED = 412
OPAQUE = "secret: ci"
DOCKER = "secret: ci, type: dockerconfigjson"


class Cluster:
    """A cluster, a robot and a pod that uses it."""

    def __init__(self, target: Target, folder: Path, kube: Kube) -> None:
        self.target = target
        self.kube = kube
        self.tool = Tool(target, folder, environ=kube.environ)

    def text(self, place: str, more: str = "") -> str:
        return f"""
            projects:
              {self.target.name("team")}:
                robots:
                  ci:
                    expires: 90d
                    permissions: {{repository: [pull]}}
                    secret: {{kubernetes: {{{place}}}}}
                    {more}
        """

    def told(self) -> tuple[str, str]:
        """User name and secret as a pod gets them."""
        held = self.kube.held("ci")
        if ".dockerconfigjson" not in held:
            return held["username"], held["secret"]
        (entry,) = json.loads(held[".dockerconfigjson"])["auths"].values()
        name, _, secret = base64.b64decode(entry["auth"]).decode().partition(":")
        assert (name, secret) == (entry["username"], entry["password"])
        return name, secret

    def works(self) -> bool:
        return self.target.raw.be(*self.told()).status("GET", "/users/current") == ACCEPTED

    def robots(self) -> list[Json]:
        number = self.target.projects()[0]["project_id"]
        return self.target.raw.all("/robots", q=f"Level=project,ProjectID={number}")


@pytest.fixture(params=clusters())
def which(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def cluster(target: Target, tmp_path: Path, which: str) -> Iterator[Cluster]:
    with some_cluster(which, tmp_path) as kube:
        yield Cluster(target, tmp_path, kube)


@pytest.mark.parametrize("place", [OPAQUE, DOCKER])
def test_a_robots_life(place: str, cluster: Cluster) -> None:
    rotating = cluster.text(place, "rotate: {every: 30d, overlap: 7d}")
    cluster.tool.converge(rotating)
    assert cluster.told()[0].endswith("+ci")
    assert cluster.works()
    cluster.tool.now = lambda: time.time() + 30 * DAY
    outcome = cluster.tool.apply(rotating)
    assert [step.action for step in outcome.result.done] == ["make successor", "hand over"]
    assert cluster.told()[0].endswith("+ci-2")
    assert cluster.works()
    assert len(cluster.robots()) == 2


@pytest.mark.parametrize("place", [OPAQUE, DOCKER])
def test_whatever_ends_a_run_the_next_makes_the_secret_work(
    place: str, harbor: Target, which: str, tmp_path: Path
) -> None:
    number, was_killed = 0, True
    while was_killed:
        number += 1
        folder = tmp_path / str(number)
        with fresh(harbor) as target, some_cluster(which, folder) as kube:
            cluster = Cluster(target, folder, kube)
            cluster.tool.around = partial(mortal, moments=Moments(number))
            try:
                cluster.tool.apply(cluster.text(place))
                was_killed = False
            except Killed:
                cluster.tool.around = lambda bench: bench
                cluster.tool.converge(cluster.text(place))
            assert cluster.works(), number
    assert number > 6


def test_a_name_that_is_not_told_is_told(cluster: Cluster) -> None:
    cluster.tool.converge(cluster.text(OPAQUE))
    cluster.kube.edit("ci", "kubectl", {"secret": cluster.told()[1]})
    plan = cluster.tool.plan(cluster.text(OPAQUE))
    assert "does not tell the user name" in plan.changes[0].fields[0].reason
    cluster.tool.converge(cluster.text(OPAQUE))
    assert cluster.works()


def test_a_secret_in_use_is_never_replaced(cluster: Cluster) -> None:
    cluster.tool.converge(cluster.text(OPAQUE))
    cluster.kube.remove("ci")
    plan = cluster.tool.plan(cluster.text(OPAQUE))
    assert "would replace a secret in use" in "".join(blocked(plan).values())


def test_a_given_secret_is_used(cluster: Cluster) -> None:
    cluster.kube.make("ci", "external-secrets", {"secret": WORD})
    text = cluster.text(OPAQUE)
    outcome = cluster.tool.apply(text)
    (robot,) = cluster.robots()
    assert cluster.target.raw.be(robot["name"], WORD).status("GET", "/users/current") == ACCEPTED
    assert cluster.told() == (robot["name"], WORD)
    assert outcome.result.is_complete
    assert said(cluster.tool.plan(text)) == []


def test_a_cluster_that_cannot_be_read_stops_the_plan(cluster: Cluster) -> None:
    cluster.kube.permit(["create", "patch"])
    with pytest.raises(DocumentError, match="does not let harborconf get Kubernetes Secret ci"):
        cluster.tool.plan(cluster.text(OPAQUE))
