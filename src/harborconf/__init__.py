"""Harbor's configuration as code: declarative YAML, a plan, and apply."""

# Written when the wheel is built; reading it from the metadata takes 30 ms of every run.
from harborconf._version import __version__

__all__ = ["__version__"]
