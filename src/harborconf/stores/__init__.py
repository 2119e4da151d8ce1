"""Where secrets live: the environment, files, and Secrets of Kubernetes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from harborconf.spec.reference import Kubernetes
from harborconf.stores.local import LocalStores

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from harborconf.spec.reference import File, Reference
    from harborconf.spec.secret import Secret
    from harborconf.stores.kubernetes import KubernetesStore

__all__ = ["Stores"]


class Stores:
    """Every store there is; each reference goes to its own.

    Stores wait for disks and API servers, so each call has a thread. `registry` is what image
    pull secrets are for: Harbor's host. A cluster is looked for when the first reference needs it.
    `odd` holds what was found odd about secrets and is no error.
    """

    def __init__(self, environ: Mapping[str, str], base: Path, registry: str = "") -> None:
        self.odd: set[str] = set()
        self._environ = environ
        self._local = LocalStores(environ, base, self.odd.add)
        self._registry = registry
        self._cluster: KubernetesStore | None = None

    async def peek(self, reference: Reference) -> Secret | None:
        """The secret there, or None where the store is empty.

        Raises:
            StoreError: it cannot be read.
        """
        return await asyncio.to_thread(self._of(reference).peek, reference)

    async def username(self, reference: Reference) -> str | None:
        """The user name that stands beside the secret, or None.

        Raises:
            StoreError: it cannot be read.
        """
        return await asyncio.to_thread(self._of(reference).username, reference)

    async def keep(self, reference: Reference, secret: Secret) -> Secret:
        """Put a secret into an empty store; of two writers the later one gets the earlier's.

        Raises:
            StoreError: it cannot be written.
        """
        return await asyncio.to_thread(self._of(reference).keep, reference, secret)

    async def replace(self, reference: Reference, secret: Secret, username: str = "") -> None:
        """Put a secret in the place of another, and whose it is.

        Raises:
            StoreError: it cannot be written.
        """
        await asyncio.to_thread(self._of(reference).replace, reference, secret, username)

    async def change(self, reference: File, make: Callable[[Secret | None], Secret]) -> None:
        """Put into a file what is made of what it holds; one writer at a time.

        Raises:
            StoreError: the file cannot be read or written.
        """
        await asyncio.to_thread(self._local.change, reference, make)

    def _of(self, reference: Reference) -> Any:
        if not isinstance(reference, Kubernetes):
            return self._local
        if self._cluster is None:
            from harborconf.stores.cluster import cluster_from  # noqa: PLC0415 - few runs need it
            from harborconf.stores.kubernetes import KubernetesStore  # noqa: PLC0415 - the same

            self._cluster = KubernetesStore(
                cluster_from(self._environ), self._registry, self.odd.add
            )
        return self._cluster
