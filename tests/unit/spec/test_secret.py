"""A secret goes nowhere but where it is sent."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from harborconf.spec.secret import Secret

VALUE = "Hidden-1234"


@dataclass(frozen=True)
class Holder:
    secret: Secret


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        "{}".format,
        "{:>40}".format,
        "{!r}".format,
        lambda secret: f"{secret}",
        lambda secret: repr([secret, {"a": secret}]),
        lambda secret: repr(Holder(secret)),
        lambda secret: logging.LogRecord("", 0, "", 0, "%s", (secret,), None).getMessage(),
        lambda secret: str(ValueError(secret)),
    ],
)
def test_it_cannot_be_shown(show: Callable[[Secret], str]) -> None:
    shown = show(Secret(VALUE))
    assert "Secret(***)" in shown
    assert VALUE not in shown


@pytest.mark.parametrize(
    "serialise", [pickle.dumps, json.dumps, copy.copy, copy.deepcopy, vars, hash]
)
def test_it_cannot_be_serialised(serialise: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError) as caught:
        serialise(Secret(VALUE))
    assert VALUE not in str(caught.value)


def test_it_is_compared_with_secrets_only() -> None:
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != Secret("other")
    assert Secret(VALUE) != VALUE
    assert bool(Secret(VALUE))
    assert not Secret("")
    assert Secret(VALUE).reveal() == VALUE
