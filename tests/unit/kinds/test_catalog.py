"""The catalogue of kinds: none forgotten, none out of order."""

from __future__ import annotations

import inspect
import pkgutil
from importlib import import_module

import pytest

import harborconf.kinds
from harborconf.engine.shape import document_shape, in_project, in_system, project_shape
from harborconf.engine.tree import PLACEHOLDER
from harborconf.kinds.base import Kind, declared
from harborconf.kinds.catalog import BY_NAME, KINDS, ORDER
from harborconf.kinds.standing import Standing

EVERY = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def test_every_kind_of_every_file_is_listed() -> None:
    modules = [
        import_module(f"harborconf.kinds.{module.name}")
        for module in pkgutil.iter_modules(harborconf.kinds.__path__)
    ]
    found = {
        cls
        for module in modules
        for _, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, Kind) and not inspect.isabstract(cls)
    }
    assert {type(kind) for kind in KINDS} == found
    assert len(BY_NAME) == len(KINDS)


def test_each_comes_after_what_it_depends_on() -> None:
    assert sorted(ORDER) == sorted(BY_NAME)
    for kind in KINDS:
        assert set(kind.depends_on) | set(kind.follows) <= set(BY_NAME)
        for other in kind.depends_on:
            assert ORDER.index(other) < ORDER.index(kind.name)


@EVERY
def test_each_has_a_place_and_says_what_it_is(kind: Kind) -> None:
    assert kind.in_project or kind.in_system
    assert kind.doc.endswith(".")
    assert kind.named or not kind.can_prune
    assert (type(kind).delete is not Kind.delete) == kind.named
    assert isinstance(kind, Standing) != kind.named
    paths = [item.path for item in declared(kind.model)]
    assert len(set(paths)) == len(paths)
    assert all(item.doc for item in declared(kind.model))


def test_no_two_kinds_share_a_place() -> None:
    for places in (in_project(), in_system()):
        spots = [at.path for _, at in places]
        assert len(set(spots)) == len(spots)
    assert PLACEHOLDER not in str(document_shape().fields.keys())
    assert {at.path[0] for _, at in in_project()} <= set(project_shape(with_profile=True).fields)
    assert {at.path[0] for _, at in in_system()} <= set(document_shape().fields)
