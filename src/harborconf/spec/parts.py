"""Values made of parts whose order means nothing, so that a plan can name the parts alone."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Parts(ABC):
    """A value of which a plan shows what was added and what was removed."""

    @abstractmethod
    def minus(self, other: Any) -> Any:
        """What is here and not in the other value of this type, or None."""
