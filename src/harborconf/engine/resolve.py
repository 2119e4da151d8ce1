"""The document to what is desired of each resource: layers merged, defaults filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harborconf.engine.fingerprints import Keeping
from harborconf.engine.policies import Facts, disagreement, places, read_policies
from harborconf.engine.shape import in_project, in_system, project_shape
from harborconf.engine.tree import (
    Fields,
    Gone,
    Leaf,
    Named,
    Reader,
    Tree,
    at_path,
    has_placeholder,
    leaves,
    overlay,
    substitute,
)
from harborconf.errors import DocumentError, Problem
from harborconf.kinds.base import declared
from harborconf.kinds.catalog import BY_NAME, PROJECT
from harborconf.kinds.resource import Desired
from harborconf.spec.address import Address
from harborconf.spec.records import unknown_key
from harborconf.spec.value import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harborconf.engine.load import Document
    from harborconf.kinds.base import At, Kind
    from harborconf.position import Position


@dataclass(frozen=True, slots=True)
class SectionKey:
    """One named section of one project (or of the system) that the YAML writes."""

    project: str | None
    kind: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One of the places a project's configuration comes from, lowest first.

    `path` is where it stands in every overlay. A policy has none: their list comes whole from
    one overlay.
    """

    name: str
    tree: Tree
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DesiredState:
    """Everything that is desired.

    `left_alone` holds resources that are written as null: whatever is live of them, nothing is
    done about it. `blocked` holds projects whose enforced policies disagree, with the reason;
    `policies` the name of the policy that stands at a position, `limits` those of guards.
    `overlays` are those of the document.
    """

    resources: tuple[Desired, ...]
    managed: frozenset[SectionKey] = frozenset()
    left_alone: frozenset[Address] = frozenset()
    prune: frozenset[tuple[str | None, str]] = frozenset()
    protect: tuple[str, ...] = ()
    url: str | None = None
    layers: Mapping[str, tuple[Layer, ...]] = field(default_factory=dict)
    blocked: Mapping[str, str] = field(default_factory=dict)
    policies: Mapping[Position, str] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)
    keeping: Keeping | None = None
    overlays: tuple[Fields, ...] = ()

    @property
    def by_address(self) -> dict[Address, Desired]:
        """Resources by their address."""
        return {desired.address: desired for desired in self.resources}


_DEFAULTS = ("defaults", "project")


def has_policies(document: Document) -> bool:
    """Whether what is desired depends on which projects are live."""
    return "policies" in document.tree.entries


def resolve(document: Document, live: Sequence[Facts] = ()) -> DesiredState:
    """What the document desires of the projects in its files, and of live ones by policy.

    Raises:
        DocumentError: a profile that does not exist, or fields that contradict each other.
    """
    return _Resolver(document, live).state()


class _Resolver:
    def __init__(self, document: Document, live: Sequence[Facts]) -> None:
        self.tree = tree = document.tree
        self.overlays = document.overlays
        self.live = {facts.name: facts for facts in live}
        self.problems: list[Problem] = []
        self.resources: list[Desired] = []
        self.managed: set[SectionKey] = set()
        self.left_alone: set[Address] = set()
        self.prune: set[tuple[str | None, str]] = set()
        self.layers: dict[str, tuple[Layer, ...]] = {}
        self.defaults = at_path(tree, _DEFAULTS)
        profiles = tree.entries.get("profiles")
        self.profiles: Mapping[str, Tree] = profiles.entries if isinstance(profiles, Named) else {}
        self.policies = read_policies(tree.entries.get("policies"), self.problems)
        self.blocked: dict[str, str] = {}
        self.placeholders: dict[int, bool] = {}

    def state(self) -> DesiredState:
        for kind, at in in_system():
            self._section(None, kind, at, self.tree)
        self._prune(None, self.tree)
        projects = self.tree.entries.get("projects")
        if isinstance(projects, Named):
            for name, tree in projects.entries.items():
                self._project(name, tree, projects.keys[name])
        named = projects.entries if isinstance(projects, Named) else {}
        for name in self.live:
            if name not in named:
                self._by_policy(name)
        keeping = self._keeping()
        if self.problems:
            raise DocumentError(self.problems)
        return DesiredState(
            tuple(self.resources),
            frozenset(self.managed),
            frozenset(self.left_alone),
            frozenset(self.prune),
            _value(self.tree, "protect", ()),
            _value(at_path(self.tree, ("harbor",)), "url", None),
            self.layers,
            self.blocked,
            {at: policy.name for policy in self.policies for at in places(policy.project)},
            {name: leaf.value for name, leaf in leaves(self.tree.entries.get("guards"))},
            keeping,
            self.overlays,
        )

    def _keeping(self) -> Keeping | None:
        tree = self.tree.entries.get("fingerprints")
        if tree is None:
            return None
        key, store = _value(tree, "key", None), _value(tree, "store", None)
        if key is None or store is None:
            message = "fingerprints need both `key` and `store`"
            self.problems.append(Problem(message, tree.position))
            return None
        return Keeping(key, store)

    def _project(self, name: str, tree: Tree, position: Position) -> None:
        address = Address(PROJECT.name, name)
        if isinstance(tree, Gone):
            self._add(Desired(address, {}, tree.position, absent=tree.absent), PROJECT)
            return
        if not isinstance(tree, Fields):
            return
        self._merged(name, self._layers_of(name, tree), position)

    def _by_policy(self, name: str) -> None:
        """A live project that no file names: only policies reach it."""
        low, high = self._policies_for(self.live[name])
        if low or high:
            self._merged(name, (*low, *high), (*low, *high)[0].tree.position)

    def _merged(self, name: str, layers: tuple[Layer, ...], position: Position) -> None:
        address = Address(PROJECT.name, name)
        self.layers[name] = layers
        merged: Tree | None = None
        for layer in layers:
            merged = overlay(merged, layer.tree)
        assert isinstance(merged, Fields)
        own = {item.path for item in declared(PROJECT.model)}
        found = {path: leaf for path, leaf in leaves(merged) if path in own}
        self._resource(PROJECT, address, found, position)
        for kind, at in in_project():
            self._section(name, kind, at, merged)
        self._prune(name, merged)

    def _layers_of(self, name: str, tree: Fields) -> tuple[Layer, ...]:
        layers: list[Layer] = []
        if self.defaults is not None:
            layers.append(Layer("defaults", self._for_project(self.defaults, name), _DEFAULTS))
        low, high = self._policies_for(self._facts(name, tree))
        layers += low
        profile = tree.entries.get("profile")
        if isinstance(profile, Leaf):
            found = self.profiles.get(profile.value)
            if found is None:
                _, advice = unknown_key(profile.value, self.profiles)
                message = f"there is no profile {shown(profile.value)}"
                self.problems.append(Problem(message, profile.position, advice))
            else:
                layer, path = self._for_project(found, name), ("profiles", profile.value)
                layers.append(Layer(f"profile {profile.value}", layer, path))
        layers.append(Layer("project", tree, ("projects", name)))
        return (*layers, *high)

    def _facts(self, name: str, tree: Fields) -> Facts:
        """What the project's own file says, else what is live."""
        live = self.live.get(name, Facts(name))
        public = _value(tree, "public", live.public)
        proxy = True if "proxy_cache" in tree.entries else live.proxy
        return Facts(name, public, proxy)

    def _policies_for(self, facts: Facts) -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
        """Layers below the project's own file, and above it."""
        chosen = [
            (policy, self._for_project(policy.project, facts.name))
            for policy in self.policies
            if policy.selects(facts)
        ]
        enforced = [(policy, tree) for policy, tree in chosen if policy.enforced]
        reason = disagreement(enforced)
        if reason:
            self.blocked[facts.name] = reason
        return (
            tuple(Layer(policy.name, tree) for policy, tree in chosen if not policy.enforced),
            tuple(Layer(policy.name, tree) for policy, tree in enforced),
        )

    def _for_project(self, tree: Tree, name: str) -> Tree:
        if id(tree) not in self.placeholders:
            self.placeholders[id(tree)] = has_placeholder(tree)
        if not self.placeholders[id(tree)]:
            return tree
        reader = Reader()
        shape = project_shape(with_profile=False)
        changed = substitute(shape, tree, name, reader)
        self.problems += reader.problems
        return tree if changed is None else changed

    def _section(self, project: str | None, kind: Kind, at: At, body: Tree) -> None:
        tree = at_path(body, at.path)
        if not kind.named:
            if isinstance(tree, Fields):
                found = dict(leaves(tree))
                if found:
                    self._resource(kind, Address(kind.name, None, project), found, tree.position)
            return
        if not isinstance(tree, Named):
            return
        self.managed.add(SectionKey(project, kind.name, at.prefix))
        spelled: dict[Address, str] = {}
        for name, child in tree.entries.items():
            address = Address(kind.name, kind.canonical(at.prefix + name), project)
            if spelled.setdefault(address, name) != name:
                message = f"this is the same {kind.name} as {shown(spelled[address])}"
                self.problems.append(Problem(message, tree.keys[name], "keep one of them"))
            match child:
                case Gone(absent=absent, position=position):
                    gone = Desired(address, {}, position, absent=absent, spelled=name)
                    self._add(gone, kind)
                case Fields():
                    self._resource(kind, address, dict(leaves(child)), tree.keys[name], name)
                case _:
                    self.left_alone.add(address)

    def _resource(
        self,
        kind: Kind,
        address: Address,
        found: Mapping[str, Leaf],
        position: Position,
        spelled: str = "",
    ) -> None:
        fields = {path: leaf.value for path, leaf in found.items()}
        origins = {path: leaf.position for path, leaf in found.items()}
        self._add(Desired(address, fields, position, origins, spelled=spelled), kind)

    def _add(self, desired: Desired, kind: Kind) -> None:
        for path, message in kind.check(desired):
            self.problems.append(Problem(message, desired.origins.get(path, desired.position)))
        self.resources.append(desired)

    def _prune(self, project: str | None, body: Tree) -> None:
        self.prune.update((project, kind) for kind in _value(body, "prune", ()))


def _value(tree: Tree | None, key: str, default: Any) -> Any:
    leaf = at_path(tree, (key,))
    return leaf.value if isinstance(leaf, Leaf) else default


def unknown_kinds(kinds: tuple[str, ...]) -> Iterator[str]:
    """Names that are no kind."""
    return (kind for kind in kinds if kind not in BY_NAME)
