"""Secrets of Kubernetes: written once, by one run of many, and over nobody else's.

On the stand-in for the API server, and on a real one if a kubeconfig names it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from contract.clusters import DOCKER, Kube, cluster, clusters
from harborconf.errors import StoreError
from harborconf.spec.reference import Kubernetes, SecretType
from harborconf.spec.secret import Secret
from harborconf.stores.cluster import Answer, Cluster, cluster_from
from harborconf.stores.kubernetes import KubernetesStore

MINE, OTHER = Secret("Hidden-Mine1"), Secret("Hidden-Other1")
PLACE = Kubernetes("ci")
PULL = Kubernetes("pull", type=SecretType.DOCKER)
HOST = "harbor.example.com"
CONFIG = ".dockerconfigjson"


@dataclass(frozen=True)
class Watched(Cluster):
    """The way to a cluster, on which something may happen before each request."""

    before: Callable[[str], None] = lambda _: None
    seen: list[str] = field(default_factory=list)

    def send(self, method: str, path: str, body: object = None, content_type: str = "") -> Answer:
        self.before(method)
        self.seen.append(method)
        return super().send(method, path, body, content_type)


@pytest.fixture(params=clusters())
def kube(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kube]:
    with cluster(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def store(kube: Kube) -> KubernetesStore:
    return KubernetesStore(cluster_from(kube.environ), HOST)


def watched(kube: Kube, before: Callable[[str], None] = lambda _: None) -> Watched:
    way = cluster_from(kube.environ)
    return Watched(**{one.name: getattr(way, one.name) for one in fields(way)}, before=before)


def refusal(call: Any) -> str:
    with pytest.raises(StoreError) as caught:
        call()
    told = " ".join([*caught.value.lines(), caught.value.advice])
    assert "Hidden" not in told
    return told


@pytest.mark.parametrize("place", [PLACE, PULL, Kubernetes("ci", "other", "K")])
def test_a_secret_lives(place: Kubernetes, kube: Kube) -> None:
    if place.namespace:
        place = Kubernetes(place.name, kube.other, place.key)
    way = watched(kube)
    store = KubernetesStore(way, HOST)
    assert store.peek(place) is None
    assert store.username(place) is None
    assert store.keep(place, MINE) == MINE
    assert store.peek(place) == MINE
    assert store.username(place) is None
    assert store.keep(place, OTHER) == MINE
    store.replace(place, OTHER, "robot$ci")
    assert (store.peek(place), store.username(place)) == (OTHER, "robot$ci")
    store.replace(place, MINE)
    assert (store.peek(place), store.username(place)) == (MINE, "robot$ci")
    assert [one for one in way.seen if one != "GET"] == ["POST", "PATCH", "PATCH"]


def test_an_opaque_one_holds_name_and_secret(store: KubernetesStore, kube: Kube) -> None:
    store.keep(PLACE, MINE)
    store.replace(PLACE, OTHER, "robot$ci")
    assert kube.held("ci") == {"secret": OTHER.reveal(), "username": "robot$ci"}
    assert ("harborconf", "Apply") in kube.managers("ci", "secret")
    assert {name for name, _ in kube.managers("ci", "secret")} == {"harborconf"}


def test_a_pull_secret_keeps_the_other_hosts(store: KubernetesStore, kube: Kube) -> None:
    there = {"ghcr.io": {"auth": "eDp5"}}
    kube.make("pull", "harborconf", {CONFIG: json.dumps({"auths": there})}, DOCKER)
    assert store.peek(PULL) is None
    store.keep(PULL, MINE)
    store.replace(PULL, MINE, "robot$ci")
    assert json.loads(kube.held("pull")[CONFIG])["auths"] == {
        **there,
        HOST: {
            "username": "robot$ci",
            "password": MINE.reveal(),
            "auth": base64.b64encode(f"robot$ci:{MINE.reveal()}".encode()).decode(),
        },
    }


def test_a_secret_made_empty_is_filled(store: KubernetesStore, kube: Kube) -> None:
    kube.make("ci", "kubectl-create", {})
    kube.permit(["get", "patch"])
    assert store.peek(PLACE) is None
    assert store.keep(PLACE, MINE) == MINE
    store.replace(PLACE, OTHER, "robot$ci")
    assert kube.held("ci") == {"secret": OTHER.reveal(), "username": "robot$ci"}


@pytest.mark.parametrize("config", ["{}", '{"auths": {}}'])
def test_a_pull_secret_made_empty_is_filled(
    config: str, store: KubernetesStore, kube: Kube
) -> None:
    kube.make("pull", "kubectl-create", {CONFIG: config}, DOCKER)
    kube.permit(["get", "patch"])
    assert store.keep(PULL, MINE) == MINE
    store.replace(PULL, OTHER, "robot$ci")
    assert (store.peek(PULL), store.username(PULL)) == (OTHER, "robot$ci")


def test_a_pull_secret_of_somebody_else_is_left_to_them(store: KubernetesStore, kube: Kube) -> None:
    config = '{"auths": {"ghcr.io": {"auth": "eDp5"}}}'
    kube.make("pull", "flux", {CONFIG: config}, DOCKER)
    assert "is written by flux" in refusal(lambda: store.keep(PULL, MINE))
    assert kube.held("pull") == {CONFIG: config}


def test_two_robots_in_one_secret_do_not_take_each_others_away(
    store: KubernetesStore, kube: Kube
) -> None:
    one, two = Kubernetes("ci", key="one"), Kubernetes("ci", key="two")
    store.keep(one, MINE)
    store.keep(two, OTHER)
    for place, secret in ((one, MINE), (two, OTHER), (one, OTHER), (two, MINE)):
        store.replace(place, secret, f"robot${place.key}")
    assert (store.peek(one), store.peek(two)) == (OTHER, MINE)
    assert set(kube.held("ci")) == {"one", "one.username", "two", "two.username"}


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("place", [PLACE, PULL])
def test_of_many_writers_one_wins_and_all_get_its_secret(
    place: Kubernetes, is_there: bool, kube: Kube
) -> None:
    if is_there and place is PLACE:
        kube.make("ci", "kubectl", {"other": "x"})
    writers = 6
    barrier = Barrier(writers)

    def write(number: int) -> str:
        store = KubernetesStore(cluster_from(kube.environ), HOST)
        barrier.wait()
        return store.keep(place, Secret(f"Hidden-{number}")).reveal()

    with ThreadPoolExecutor(writers) as pool:
        kept = set(pool.map(write, range(writers)))
    found = KubernetesStore(cluster_from(kube.environ), HOST).peek(place)
    assert found is not None
    assert kept == {found.reveal()}


def test_what_comes_between_a_look_and_a_write_wins(kube: Kube) -> None:
    kube.make("ci", "kubectl", {"other": "x"})
    coming = iter([{"other": "x", "secret": OTHER.reveal()}])

    def come_between(method: str) -> None:
        if method == "PATCH" and (held := next(coming, None)):
            kube.edit("ci", "kubectl", held)

    assert KubernetesStore(watched(kube, come_between), HOST).keep(PLACE, MINE) == OTHER


def test_an_empty_field_that_somebody_else_writes_is_left_to_them(
    store: KubernetesStore, kube: Kube
) -> None:
    kube.make("ci", "external-secrets", {"secret": ""})
    told = refusal(lambda: store.keep(PLACE, MINE))
    assert "is written by external-secrets: harborconf does not take it over" in told
    kube.edit("ci", "external-secrets", {"secret": OTHER.reveal()})
    assert store.peek(PLACE) == OTHER
    assert "external-secrets" in refusal(lambda: store.replace(PLACE, MINE))
    assert store.peek(PLACE) == OTHER


def test_what_somebody_took_over_is_left_to_them(store: KubernetesStore, kube: Kube) -> None:
    store.keep(PLACE, MINE)
    store.replace(PLACE, MINE, "robot$ci")
    kube.edit("ci", "kubectl-edit", {"secret": OTHER.reveal(), "username": "robot$ci"})
    assert kube.managers("ci", "secret") == {("kubectl-edit", "Update")}
    assert "is written by kubectl-edit" in refusal(lambda: store.replace(PLACE, MINE))
    assert store.peek(PLACE) == OTHER


def test_a_trailing_newline_is_no_part_and_is_told(kube: Kube) -> None:
    kube.make("ci", "kubectl", {"secret": "Hidden-1\n", "username": "bob\n"})
    told: list[str] = []
    store = KubernetesStore(cluster_from(kube.environ), HOST, told.append)
    assert store.peek(PLACE) == Secret("Hidden-1")
    assert told == ["Kubernetes Secret ci ends in a newline, which is taken off"]
    assert store.username(PLACE) == "bob"


@pytest.mark.parametrize(
    ("verbs", "told"),
    [
        ([], 'the rule {apiGroups: [""], resources: [secrets], verbs: [get], resourceNames: [ci]}'),
        (["get"], 'needs the rule {apiGroups: [""], resources: [secrets], verbs: [create]}'),
    ],
)
def test_what_is_not_permitted_names_the_rule(
    verbs: list[str], told: str, store: KubernetesStore, kube: Kube
) -> None:
    kube.permit(verbs)
    assert told in refusal(lambda: store.keep(PLACE, MINE))


def test_who_may_not_patch_is_told_so(store: KubernetesStore, kube: Kube) -> None:
    store.keep(PLACE, MINE)
    kube.permit(["get", "create"])
    told = refusal(lambda: store.replace(PLACE, OTHER))
    assert "verbs: [patch], resourceNames: [ci]}" in told


def test_a_quota_is_no_missing_role(store: KubernetesStore, kube: Kube) -> None:
    kube.fill()
    told = refusal(lambda: store.keep(PLACE, MINE))
    assert "the cluster forbids to create Kubernetes Secret ci, not for want of a role" in told
    assert "may be a quota" in told


def test_what_is_immutable_is_read_and_not_written(store: KubernetesStore, kube: Kube) -> None:
    kube.make("ci", "harborconf", {"secret": MINE.reveal()}, immutable=True)
    assert store.keep(PLACE, OTHER) == MINE
    assert "is immutable" in refusal(lambda: store.replace(PLACE, OTHER))


def test_a_type_that_is_another_is_said(store: KubernetesStore, kube: Kube) -> None:
    kube.make("pull", "kubectl", {"x": "y"})
    assert "is of type Opaque" in refusal(lambda: store.keep(PULL, MINE))
    kube.make("ci", "kubectl", {CONFIG: "{}"}, DOCKER)
    assert "not Opaque" in refusal(lambda: store.peek(PLACE))
