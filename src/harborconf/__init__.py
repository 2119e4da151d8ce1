"""Harbor's configuration as code: declarative YAML, a plan, and apply."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("harborconf")
except PackageNotFoundError:  # run from a tree that was never installed
    __version__ = "0+unknown"
