"""Kinds of which there always is one, so that it is only ever changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.kinds.base import Kind

if TYPE_CHECKING:
    from harborconf.kinds.resource import Step, WriteBench


class Standing(Kind):
    """A kind of which there always is one, whatever is written."""

    named = False

    async def create(self, bench: WriteBench, step: Step) -> None:
        """The same as an update, where nothing was told of it yet."""
        await self.update(bench, step)
