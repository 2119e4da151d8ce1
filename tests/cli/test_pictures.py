"""The pictures show what is printed."""

from __future__ import annotations

import re

from pictures import FOLDER, drawn

REQUESTS = re.compile(r"\d+ requests")  # the one figure that any change may change


def test_pictures_show_what_is_printed() -> None:
    for name, content in drawn().items():
        stored = (FOLDER / name).read_text(encoding="utf-8")
        assert REQUESTS.sub("", stored) == REQUESTS.sub("", content), f"{name}: run `make pictures`"
