"""Harbor's configuration as code: declarative YAML, a plan, and apply."""

# Stands here, as reading it from the installed package's metadata takes 30 ms of every run.
__version__ = "0.1.0"
