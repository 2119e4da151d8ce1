"""A fleet: Harbors by name, each with its URL, whose credential asks, and its overlays."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from harborconf.engine.load import read_file, read_tree
from harborconf.engine.overlays import Overlays
from harborconf.engine.shape import VERSION_SHAPE, FieldsShape, LeafShape, NamedShape, list_of
from harborconf.engine.tree import Fields, Named, at_path, leaves, locate, overlay
from harborconf.errors import DocumentError, Problem, UsageError
from harborconf.position import Position
from harborconf.spec.globs import matches
from harborconf.spec.records import unknown_key
from harborconf.spec.reference import REFERENCE
from harborconf.spec.url import url_type
from harborconf.spec.value import SECONDS, TEXT, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from harborconf.engine.load import Document
    from harborconf.engine.tree import Leaf, Tree
    from harborconf.spec.reference import Reference

TIME_LIMIT = 600
"""Seconds. A plan of 5,000 projects takes less; what takes longer hangs, or says so."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_API = "/api/v2.0"
_URL = url_type(2048, base=True)
_SHARED = {
    "username": LeafShape(TEXT, "Who asks: a user or a robot."),
    "password": LeafShape(REFERENCE, "Where the password or the robot's secret lives."),
    "token": LeafShape(REFERENCE, "Where an OIDC ID token lives, instead of a user's password."),
    "overlays": LeafShape(
        list_of("paths"),
        "Files and directories, lowest first, relative to this file: what stands in one wins over"
        " those before it.",
    ),
    "ca_file": LeafShape(TEXT, "Certificates to trust besides the system's."),
    "time_limit": LeafShape(SECONDS, "The most that all of it may take, like 10m."),
}


@cache
def fleet_shape() -> FieldsShape:
    """What stands in a fleet's file."""
    url = LeafShape(_URL, "Where this Harbor is.")
    return FieldsShape(
        {
            "version": VERSION_SHAPE,
            "defaults": FieldsShape(_SHARED, "What holds for each target that does not say it."),
            "targets": NamedShape(
                FieldsShape({"url": url, **_SHARED}, "One Harbor."), None, "Harbors by name."
            ),
        }
    )


@dataclass(frozen=True, slots=True)
class Target:
    """One Harbor of a fleet.

    Without a `secret` whoever the environment names asks; with one and no `username` it is a
    token. `seconds` is the time limit of a whole run.
    """

    name: str
    url: str
    paths: tuple[Path, ...]
    position: Position
    username: str = ""
    secret: Reference | None = None
    ca_file: Path | None = None
    seconds: int = TIME_LIMIT
    overlays: Overlays = field(default_factory=Overlays, compare=False, repr=False)

    def document(self) -> Document:
        """What is desired of this Harbor.

        Raises:
            UsageError: an overlay does not exist, or there is nothing to read in it.
            DocumentError: the overlays are wrong, or are for another Harbor.
        """
        found = self.overlays.document(self.paths)
        for path, leaf in leaves(at_path(found.tree, ("harbor",))):
            if path == "url" and _same_place(str(leaf.value)) != _same_place(self.url):
                message = f"this is not the URL of {self.name}, which is {self.url}"
                advice = f"remove it: {self.position} says where {self.name} is"
                raise DocumentError([Problem(message, leaf.position, advice)])
        return found


@dataclass(frozen=True, slots=True)
class Fleet:
    """Targets in the order of their file; `warnings` are about what is odd and not wrong."""

    file: Path
    targets: tuple[Target, ...]
    warnings: tuple[Problem, ...] = ()

    def chosen(self, globs: Sequence[str]) -> tuple[Target, ...]:
        """The targets whose name matches one of the globs; all without any.

        Raises:
            UsageError: nothing matches one of them.
        """
        names = [target.name for target in self.targets]
        for glob in globs:
            if not any(matches(glob, name) for name in names):
                _, advice = unknown_key(glob, names)
                message = f"no target of {self.file} matches {shown(glob)}"
                raise UsageError(message, advice=advice)
        return tuple(
            target
            for target in self.targets
            if not globs or any(matches(glob, target.name) for glob in globs)
        )


def load_fleet(file: Path) -> Fleet:
    """The fleet of a file.

    Raises:
        UsageError: it cannot be read.
        DocumentError: with every problem found.
    """
    problems: list[Problem] = []
    tree = read_tree(str(file), read_file(file), fleet_shape(), problems)
    if problems:
        raise DocumentError(problems)
    named = tree.entries.get("targets") if tree else None
    if tree is None or not isinstance(named, Named) or not named.entries:
        at = Position(str(file), 1, 1) if named is None else named.position
        advice = "write `targets: {NAME: {url: https://..., overlays: [base]}}`"
        raise DocumentError([Problem("a fleet has targets, and there is none", at, advice)])
    reading = _Reading(file.parent, tree.entries.get("defaults"), problems)
    read = [reading.target(name, named.entries[name], at) for name, at in named.keys.items()]
    if problems:
        raise DocumentError(dict.fromkeys(problems))
    targets = tuple(target for target in read if target is not None)
    return Fleet(file, targets, tuple(_twice(targets)))


class _Reading:
    """Reads targets, and gathers what is wrong with them."""

    def __init__(self, folder: Path, defaults: Tree | None, problems: list[Problem]) -> None:
        self.folder = folder
        self.defaults = defaults
        self.problems = problems
        self.overlays = Overlays()

    def target(self, name: str, own: Tree, position: Position) -> Target | None:
        before = len(self.problems)
        if not _NAME.fullmatch(name):
            self._wrong(
                f"{shown(name)} cannot be a target's name",
                position,
                "letters, digits, `.`, `_` and `-`, at most 63: its plan's file is called so",
            )
        if not isinstance(own, Fields):
            self._wrong(f"{name} says nothing", position, "remove it, or write its `url`")
            return None
        found = dict(leaves(overlay(self.defaults, own)))
        for key in ("url", "overlays"):
            if key not in found:
                self._wrong(f"`{key}` of {name} is missing", position)
        self._check_credential(name, found, position)
        paths = self._paths(found)
        ca_file = self._ca_file(found)
        if len(self.problems) > before or "url" not in found:
            return None
        secret = found.get("password") or found.get("token")
        return Target(
            name,
            found["url"].value,
            paths,
            position,
            found["username"].value if "username" in found else "",
            secret.value if secret else None,
            ca_file,
            found["time_limit"].value if "time_limit" in found else TIME_LIMIT,
            self.overlays,
        )

    def _wrong(self, message: str, position: Position, advice: str = "") -> None:
        self.problems.append(Problem(message, position, advice))

    def _check_credential(self, name: str, found: Mapping[str, Leaf], position: Position) -> None:
        user, password, token = map(found.get, ("username", "password", "token"))
        if token and (user or password):
            other = user or password
            assert other is not None
            message = f"{name} has a token, and a user or password at {other.position}"
            self._wrong(message, token.position, "keep one of them; null takes one away")
        elif user and not password:
            self._wrong(f"`password` of {name} is missing beside `username`", position)
        elif password and not user:
            self._wrong(f"`username` of {name} is missing beside `password`", position)

    def _paths(self, found: Mapping[str, Leaf]) -> tuple[Path, ...]:
        leaf = found.get("overlays")
        if leaf is None:
            return ()
        if not leaf.value:
            self._wrong("there is no overlay", leaf.position, "name a file or a directory")
        paths = [self.folder / text for text in leaf.value]
        for index, path in enumerate(paths):
            at = locate(leaf.raw, (index,))
            if path in paths[:index]:
                self._wrong(f"{path} stands in this list twice", at, "keep one of them")
            elif not path.exists():
                self._wrong(f"{path} does not exist", at, "paths are relative to this file")
        return tuple(paths)

    def _ca_file(self, found: Mapping[str, Leaf]) -> Path | None:
        leaf = found.get("ca_file")
        if leaf is None:
            return None
        path = self.folder / str(leaf.value)
        if not path.is_file():
            self._wrong(f"there is no file {path}", leaf.position, "it is relative to this file")
        return path


def _same_place(url: str) -> str:
    """A URL in the form in which two of one Harbor are equal."""
    return url.strip().rstrip("/").removesuffix(_API).rstrip("/").lower()


def _twice(targets: Sequence[Target]) -> Iterator[Problem]:
    first: dict[str, Target] = {}
    for target in targets:
        other = first.setdefault(_same_place(target.url), target)
        if other is not target:
            message = f"{target.name} and {other.name} ({other.position}) are one Harbor"
            advice = "each corrects what the other does, unless they are about different things"
            yield Problem(message, target.position, advice)
