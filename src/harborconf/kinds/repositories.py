"""The repositories of a project, as Harbor 2.13 to 2.15 wants their names in paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from harborconf.kinds.api import NAMED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harborconf.kinds.api import Reads


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository. `name` is without the project, `raw` Harbor's reply."""

    project: str
    name: str
    raw: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Where it is below the API; Harbor decodes a repository's name twice."""
        return f"/projects/{self.project}/repositories/{quote(quote(self.name, ''), '')}"


async def repositories_of(api: Reads, project: str) -> list[Repository]:
    """Every repository of a project: a page of 100 a request."""
    replies = await api.get(f"/projects/{project}/repositories", {"page_size": 100}, NAMED)
    return [
        Repository(project, str(reply["name"]).removeprefix(f"{project}/"), reply)
        for reply in replies
    ]
