"""The shape of a document, assembled from the registered kinds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from harborconf.engine.guard import GUARDS
from harborconf.kinds.base import Section, value_type
from harborconf.kinds.catalog import KINDS, PROJECT
from harborconf.spec.reference import REFERENCE, File
from harborconf.spec.value import FLAG, SCALAR_SCHEMA, TEXT, Plain, ValueType, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harborconf.kinds.base import At, Kind
    from harborconf.spec.nodes import Node


@dataclass(frozen=True, slots=True)
class LeafShape:
    """One value, replaced whole when layers are merged."""

    type: ValueType
    doc: str = ""


@dataclass(frozen=True, slots=True)
class FieldsShape:
    """A map of known keys; `expand` turns short forms into it.

    In a template `{project}` stands for the name of each project that it is used for.
    """

    fields: Mapping[str, Shape]
    doc: str = ""
    expand: Callable[[Node], Node] | None = None
    short_schema: Mapping[str, Any] | None = None
    is_template: bool = False


@dataclass(frozen=True, slots=True)
class NamedShape:
    """A map of resources, or of profiles, by name."""

    item: FieldsShape
    kind: Kind | None = None
    doc: str = ""
    contents: bool = field(default=False)

    @property
    def can_be_absent(self) -> bool:
        """Whether `absent` may stand as a value here."""
        return self.kind is not None


@dataclass(frozen=True, slots=True)
class ListShape:
    """A list whose items are maps of fields and stand in an order that matters."""

    item: FieldsShape
    doc: str = ""


Shape = LeafShape | FieldsShape | NamedShape | ListShape

VERSION = 1


def _read_version(raw: object) -> int:
    if isinstance(raw, Plain) and raw == str(VERSION):
        return VERSION
    message = f"this harborconf reads version {VERSION}, got {shown(raw)}"
    raise ValueError(message)


VERSION_SHAPE = LeafShape(
    ValueType("version", _read_version, int, {"const": VERSION}), "The version of this format."
)


def list_of(what: str, allowed: tuple[str, ...] = ()) -> ValueType:
    """A type of lists of text, or of some words, whose order counts."""

    def read(raw: object) -> tuple[str, ...]:
        if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
            message = f"expected a list of {what}"
            raise ValueError(message)
        for item in raw:
            if allowed and item not in allowed:
                message = f"{shown(item)} cannot stand here; only {', '.join(allowed)}"
                raise ValueError(message)
        return tuple(str(item) for item in raw)

    items: dict[str, Any] = {"enum": list(allowed)} if allowed else dict(SCALAR_SCHEMA)
    return ValueType(what, read, list, {"type": "array", "items": items})


def _section(model: type[Section], doc: str) -> FieldsShape:
    fields: dict[str, Shape] = {}
    for name, info in model.model_fields.items():
        kind = value_type(info)
        if kind is None:
            nested: Any = info.annotation
            fields[name] = _section(nested, info.description or "")
        else:
            fields[name] = LeafShape(kind, info.description or "")
    return FieldsShape(fields, doc, model.expand, model.short_schema())


def _place(fields: dict[str, Any], path: tuple[str, ...], shape: Shape) -> None:
    """Put a shape at its place, which may be within a map of other fields."""
    first, *rest = path
    if not rest:
        fields[first] = shape
        return
    inner = fields.setdefault(first, {})
    if isinstance(inner, FieldsShape):
        more = dict(inner.fields)
        _place(more, tuple(rest), shape)
        fields[first] = replace(inner, fields=more)
    else:
        _place(inner, tuple(rest), shape)


def _closed(fields: Mapping[str, Any]) -> dict[str, Shape]:
    return {
        name: FieldsShape(_closed(value)) if isinstance(value, dict) else value
        for name, value in fields.items()
    }


def _shape(kind: Kind) -> Shape:
    item = _section(kind.model, kind.doc)
    return NamedShape(item, kind, kind.doc) if kind.named else item


def _prune(kinds: tuple[str, ...]) -> LeafShape:
    return LeafShape(
        list_of("kinds", kinds),
        "Kinds whose live resources that are not written here are deleted.",
    )


def in_project() -> tuple[tuple[Kind, At], ...]:
    """Every kind that lives in a project, with where it stands there."""
    return tuple((kind, at) for kind in KINDS for at in kind.in_project)


def in_system() -> tuple[tuple[Kind, At], ...]:
    """Every kind that stands at the top of a file, projects apart."""
    return tuple((kind, at) for kind in KINDS if kind is not PROJECT for at in kind.in_system)


@cache
def project_shape(*, with_profile: bool) -> FieldsShape:
    """What stands in a project, a profile or the defaults."""
    fields: dict[str, Any] = dict(_section(PROJECT.model, PROJECT.doc).fields)
    for kind, at in in_project():
        _place(fields, at.path, _shape(kind))
    prunable = tuple(kind.name for kind in KINDS if kind.in_project and kind.can_prune)
    fields["prune"] = _prune(prunable)
    if with_profile:
        fields["profile"] = LeafShape(TEXT, "The profile the project starts from.")
    return FieldsShape(_closed(fields), PROJECT.doc, is_template=not with_profile)


def _read_owners(raw: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(raw, dict):
        message = "expected a map of file globs, like {teams/a/*: [project/a-*]}"
        raise ValueError(message)  # noqa: TRY004 - the one error of a reader
    return tuple((str(glob), _ADDRESSES.read(value)) for glob, value in raw.items())


_ADDRESSES = list_of("address globs")
OWNERS = ValueType(
    "owners",
    _read_owners,
    lambda owners: {glob: list(addresses) for glob, addresses in owners},
    {"type": "object", "additionalProperties": dict(_ADDRESSES.schema)},
)


def _read_file(raw: object) -> File:
    found = REFERENCE.read(raw)
    if not isinstance(found, File):
        message = "expected a file that can be written: {file: PATH}"
        raise ValueError(message)  # noqa: TRY004 - the one error of a reader
    return found


_FILE = ValueType(
    "file reference",
    _read_file,
    REFERENCE.write,
    {
        "type": "object",
        "properties": {"file": dict(SCALAR_SCHEMA)},
        "required": ["file"],
        "additionalProperties": False,
    },
)


def _policy_shape() -> FieldsShape:
    match = {
        "name": LeafShape(TEXT, "A glob over whole names."),
        "except": LeafShape(list_of("name globs"), "Globs over names that are left out."),
        "public": LeafShape(FLAG, "Only projects that are public, or only those that are not."),
        "proxy": LeafShape(FLAG, "Only proxy caches, or only ordinary projects."),
    }
    return FieldsShape(
        {
            "match": FieldsShape(match, "Which projects."),
            "enforced": LeafShape(FLAG, "Whether it wins over the project's own file."),
            "project": project_shape(with_profile=False),
        }
    )


@cache
def document_shape() -> FieldsShape:
    """What stands in a file."""
    fields: dict[str, Any] = {
        "version": VERSION_SHAPE,
        "harbor": {
            "url": LeafShape(TEXT, "Where Harbor is; HARBOR_URL wins."),
        },
        "protect": LeafShape(
            list_of("address globs"), "What is never deleted: globs over addresses."
        ),
        "prune": _prune(tuple(kind.name for kind, _ in in_system() if kind.can_prune)),
        "defaults": {"project": project_shape(with_profile=False)},
        "owners": LeafShape(
            OWNERS,
            "Which files may define what: file globs with lists of address globs. Such a file"
            " may define nothing else.",
        ),
        "guards": {
            guard.name: LeafShape(
                guard.type, f"{guard.doc} Its own limit is {guard.show(guard.limit)}."
            )
            for guard in GUARDS
        },
        "fingerprints": {
            "key": LeafShape(REFERENCE, "Where the key of fingerprints lives."),
            "store": LeafShape(
                _FILE,
                "The file that keeps fingerprints of what Harbor never tells, so that a plan sees"
                " whether it is what was sent last.",
            ),
        },
        "policies": ListShape(
            _policy_shape(), "What live projects must have, whether a file names them or not."
        ),
        "profiles": NamedShape(project_shape(with_profile=False), None, "Named starting points."),
        "projects": NamedShape(
            project_shape(with_profile=True), PROJECT, "Projects by name.", contents=True
        ),
    }
    for kind, at in in_system():
        _place(fields, at.path, _shape(kind))
    return FieldsShape(_closed(fields))
