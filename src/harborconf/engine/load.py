"""Files to one document. The only reading of files there is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from harborconf.engine.owners import check_owners
from harborconf.engine.shape import document_shape
from harborconf.engine.tree import Fields, Reader, join
from harborconf.errors import DocumentError, Problem, UsageError
from harborconf.position import Position
from harborconf.spec import yaml
from harborconf.spec.nodes import Map

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harborconf.engine.tree import Tree

SUFFIXES = (".yaml", ".yml")
SKIPPED = ("kustomization.yaml", "kustomization.yml")


@dataclass(frozen=True, slots=True)
class Document:
    """Everything the files say, as one tree, and a digest of it all."""

    tree: Fields
    digest: str
    files: tuple[str, ...]


def load(paths: Sequence[Path]) -> Document:
    """Read and join files and directories.

    Raises:
        UsageError: a path does not exist, or there is nothing to read.
        DocumentError: with every problem found in all files.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files(path)))
    if not files:
        names = ", ".join(str(path) for path in paths)
        message = f"no YAML file in {names}"
        raise UsageError(message, advice="harborconf reads *.yaml and *.yml, in subfolders too")
    contents = {str(file): _bytes(file) for file in files}
    return read(contents)


def read(contents: dict[str, bytes]) -> Document:
    """Join files given by name and content.

    Raises:
        DocumentError: with every problem found.
    """
    problems: list[Problem] = []
    trees: dict[str, Fields] = {}
    for name, content in contents.items():
        try:
            tree = _tree(name, content, problems)
        except DocumentError as error:
            problems += error.problems
            continue
        if isinstance(tree, Fields):
            trees[name] = tree
    joined = join([*trees.values()], problems) if trees else None
    if problems:
        raise DocumentError(problems)
    if isinstance(joined, Fields):
        problems += check_owners(joined, trees)
    if problems:
        raise DocumentError(problems)
    if not isinstance(joined, Fields):
        first = Position(next(iter(contents)), 1, 1)
        problem = Problem("the files hold nothing but comments", first, "begin with `version: 1`")
        raise DocumentError([problem])
    return Document(joined, _digest(contents), tuple(contents))


def _tree(name: str, content: bytes, problems: list[Problem]) -> Tree | None:
    node = yaml.load(content, name)
    if node is None:
        return None
    if not isinstance(node, Map):
        problems.append(Problem("a file is a map that begins with `version: 1`", node.position))
        return None
    reader = Reader()
    tree = reader.read(document_shape(), node)
    problems += reader.problems
    if "version" not in node.entries:
        problems.append(Problem("`version: 1` is missing", node.position, "every file states it"))
    return tree


def _digest(contents: dict[str, bytes]) -> str:
    digest = sha256()
    for name, content in sorted(contents.items()):
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


def _bytes(file: Path) -> bytes:
    """The file's content; of one that is too large, no more than shows it."""
    try:
        with file.open("rb") as content:
            return content.read(yaml.MAX_BYTES + 1)
    except OSError as error:
        _unreadable(error)


def _unreadable(error: OSError) -> NoReturn:
    message = f"{os.fsdecode(error.filename)} cannot be read: {error.strerror}"
    raise UsageError(message) from error
