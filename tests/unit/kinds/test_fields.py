"""Every declared field: its value's way to Harbor and back, and to YAML and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harborconf.engine.tree import plain
from harborconf.kinds.base import UNSET, Declared, Kind, declared, from_reply, payload, pick
from harborconf.kinds.catalog import KINDS
from harborconf.spec.secret import Secret
from harborconf.spec.value import Plain
from unit.engine.values import accepted, node

FIELDS = [(kind, item) for kind in KINDS for item in declared(kind.model)]
NAMES = [f"{kind.name}.{item.path}" for kind, item in FIELDS]
EVERY = pytest.mark.parametrize(("kind", "item"), FIELDS, ids=NAMES)


# What a kind reads or writes in its own way, which its own tests are about.
ELSEWHERE = {
    "project.cve_allowlist": "`inherit` is a setting beside the list",
    "preheat.scope": "Harbor keeps it as JSON in a text",
    "preheat.clusters": "Harbor keeps it as JSON in a text",
    "webhook.targets": "what a store holds is put in when it is sent",
    "settings.uaa_client_secret": "what a store holds is put in when it is sent",
}


def values(item: Declared) -> list[Any]:
    return [item.type.read(plain(node(text))) for text in accepted(item.type)]


def as_read(written: Any) -> Any:
    """What is written, as the loader would hand it over."""
    match written:
        case bool() | int() | float():
            return Plain(str(written).lower())
        case list():
            return [as_read(one) for one in written]
        case dict():
            return {str(key): as_read(one) for key, one in written.items()}
        case _:
            return written


@EVERY
def test_what_is_written_reads_as_the_same(kind: Kind, item: Declared) -> None:
    del kind
    for value in values(item):
        written = item.type.write(value)
        assert json.loads(json.dumps(written)) == written
        assert item.type.read(as_read(written)) == value


@EVERY
def test_what_is_sent_comes_back_as_the_same(kind: Kind, item: Declared) -> None:
    if item.write_only or not item.api or f"{kind.name}.{item.path}" in ELSEWHERE:
        return
    for value in values(item):
        body = payload(kind.model, {item.path: value})
        found = from_reply(kind.model, json.loads(json.dumps(body)))
        assert kind.same(item.path, value, found[item.path])


@EVERY
def test_a_default_is_one_of_the_fields_own_values(kind: Kind, item: Declared) -> None:
    if item.default is UNSET:
        return
    reply = from_reply(kind.model, {})
    if not item.write_only:
        assert reply[item.path] == item.default


def test_dotted_places() -> None:
    reply = {"a": {"b": {"c": 1}, "d": None}, "e": 2}
    assert pick(reply, "a.b.c") == 1
    assert pick(reply, "a.d") is None
    assert pick(reply, "a.d.x") is UNSET
    assert pick(reply, "e.x") is UNSET
    assert pick(reply, "x") is UNSET


def test_unset_is_false_and_says_so() -> None:
    assert not UNSET
    assert repr(UNSET) == "UNSET"


def test_secrets_among_values_are_hidden() -> None:
    """A field whose values are secrets read from Harbor must not show them."""
    for _, item in FIELDS:
        for value in values(item):
            assert not isinstance(value, Secret)
