"""Write every page that is made from the code."""

from __future__ import annotations

from pathlib import Path

from generator import PAGES

for name, made in PAGES.items():
    Path(__file__).parents[1].joinpath(name).write_text(made(), encoding="utf-8")
