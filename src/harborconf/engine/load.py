"""Files to one document. The only reading of files there is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from harborconf.engine.owners import check_owners
from harborconf.engine.shape import document_shape
from harborconf.engine.tree import Fields, Reader, join, overlay
from harborconf.errors import DocumentError, Problem, UsageError
from harborconf.position import Position
from harborconf.spec import yaml
from harborconf.spec.nodes import Map

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harborconf.engine.shape import FieldsShape
    from harborconf.engine.tree import Tree

SUFFIXES = (".yaml", ".yml")
SKIPPED = ("kustomization.yaml", "kustomization.yml")


@dataclass(frozen=True, slots=True)
class Document:
    """Everything the files say, as one tree, and a digest of it all.

    `overlays` holds what the tree was laid together from, lowest first: one tree each.
    """

    tree: Fields
    digest: str
    files: tuple[str, ...]
    overlays: tuple[Fields, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Files that are joined by key: their contents and trees by name, and what is wrong in them."""

    contents: Mapping[str, bytes]
    trees: Mapping[str, Fields]
    tree: Tree | None
    problems: tuple[Problem, ...]


def load(paths: Sequence[Path]) -> Document:
    """Read and join files and directories.

    Raises:
        UsageError: a path does not exist, or there is nothing to read.
        DocumentError: with every problem found in all files.
    """
    return document([join_files(paths)])


def join_files(paths: Sequence[Path]) -> Joined:
    """Read and join files and directories; what is wrong in them is told beside them.

    Raises:
        UsageError: a path does not exist, or there is nothing to read.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    if not files:
        names = ", ".join(str(path) for path in paths)
        message = f"no YAML file in {names}"
        raise UsageError(message, advice="harborconf reads *.yaml and *.yml, in subfolders too")
    return _joined({str(file): read_file(file) for file in files})


def read(contents: Mapping[str, bytes]) -> Document:
    """Join files given by name and content.

    Raises:
        DocumentError: with every problem found.
    """
    return document([_joined(contents)])


def _joined(contents: Mapping[str, bytes]) -> Joined:
    problems: list[Problem] = []
    trees: dict[str, Fields] = {}
    for name, content in contents.items():
        try:
            tree = read_tree(name, content, document_shape(), problems)
        except DocumentError as error:
            problems += error.problems
            continue
        if tree is not None:
            trees[name] = tree
    joined = join([*trees.values()], problems) if trees else None
    return Joined(contents, trees, joined, tuple(problems))


def document(layers: Sequence[Joined]) -> Document:
    """One document of layers, lowest first: what is in a higher one wins.

    The owners that any layer names bind the files of all.

    Raises:
        DocumentError: with every problem found.
    """
    problems = [problem for layer in layers for problem in layer.problems]
    if problems:
        raise DocumentError(problems)
    trees = {name: tree for layer in layers for name, tree in layer.trees.items()}
    overlays = tuple(layer.tree for layer in layers if isinstance(layer.tree, Fields))
    whole: Tree | None = None
    for tree in overlays:
        problems += check_owners(tree, trees)
        whole = overlay(whole, tree)
    if problems:
        raise DocumentError(problems)
    names = tuple(dict.fromkeys(name for layer in layers for name in layer.contents))
    if not isinstance(whole, Fields):
        first = Position(names[0], 1, 1)
        problem = Problem("the files hold nothing but comments", first, "begin with `version: 1`")
        raise DocumentError([problem])
    return Document(whole, _digest(layers), names, overlays)


def read_tree(
    name: str, content: bytes, shape: FieldsShape, problems: list[Problem]
) -> Fields | None:
    """One file as a tree; None where it holds nothing that can be read. Notes what is wrong.

    Raises:
        DocumentError: it is no YAML, or more than harborconf accepts.
    """
    node = yaml.load(content, name)
    if node is None:
        return None
    if not isinstance(node, Map):
        problems.append(Problem("a file is a map that begins with `version: 1`", node.position))
        return None
    reader = Reader()
    tree = reader.read(shape, node)
    problems += reader.problems
    if "version" not in node.entries:
        problems.append(Problem("`version: 1` is missing", node.position, "every file states it"))
    return tree if isinstance(tree, Fields) else None


def _digest(layers: Sequence[Joined]) -> str:
    digest = sha256()
    for layer in layers:
        for name, content in sorted(layer.contents.items()):
            digest.update(os.fsencode(name) + f"\0{len(content)}\0".encode())
            digest.update(content)
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for folder, subfolders, names in os.walk(path, onerror=_unreadable):
            subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
            for name in sorted(names):
                if name.endswith(SUFFIXES) and not name.startswith(".") and name not in SKIPPED:
                    yield Path(folder, name)
    elif path.exists():
        yield path
    else:
        message = f"{path} does not exist"
        raise UsageError(message, advice="name files or directories; the default is desired/")


def read_file(file: Path) -> bytes:
    """The file's content; of one that is too large, no more than shows it.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        with file.open("rb") as content:
            return content.read(yaml.MAX_BYTES + 1)
    except OSError as error:
        _unreadable(error)


def _unreadable(error: OSError) -> NoReturn:
    message = f"{os.fsdecode(error.filename)} cannot be read: {error.strerror}"
    raise UsageError(message) from error
