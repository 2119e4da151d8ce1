"""Where secrets live: the environment, files, and Secrets of Kubernetes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harborconf.spec.reference import Kubernetes
from harborconf.stores.local import LocalStores

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from harborconf.spec.reference import Reference
    from harborconf.spec.secret import Secret
    from harborconf.stores.kubernetes import KubernetesStore

__all__ = ["Stores"]


class Stores:
    """Every store there is; each reference goes to its own.

    `registry` is what image pull secrets are for: Harbor's host. A cluster is looked for when
    the first reference needs it.
    """

    def __init__(self, environ: Mapping[str, str], base: Path, registry: str = "") -> None:
        self._environ = environ
        self._local = LocalStores(environ, base)
        self._registry = registry
        self._kubernetes: KubernetesStore | None = None

    def peek(self, reference: Reference) -> Secret | None:
        """The secret there, or None where the store is empty.

        Raises:
            StoreError: it cannot be read.
        """
        if isinstance(reference, Kubernetes):
            return self._cluster().peek(reference)
        return self._local.peek(reference)

    def username(self, reference: Reference) -> str | None:
        """The user name that stands beside the secret, or None.

        Raises:
            StoreError: it cannot be read.
        """
        if isinstance(reference, Kubernetes):
            return self._cluster().username(reference)
        return self._local.username(reference)

    def keep(self, reference: Reference, secret: Secret) -> Secret:
        """Put a secret into an empty store; of two writers the later one gets the earlier's.

        Raises:
            StoreError: it cannot be written.
        """
        if isinstance(reference, Kubernetes):
            return self._cluster().keep(reference, secret)
        return self._local.keep(reference, secret)

    def replace(self, reference: Reference, secret: Secret, username: str = "") -> None:
        """Put a secret in the place of another, and whose it is.

        Raises:
            StoreError: it cannot be written.
        """
        if isinstance(reference, Kubernetes):
            self._cluster().replace(reference, secret, username)
        else:
            self._local.replace(reference, secret, username)

    def _cluster(self) -> KubernetesStore:
        from harborconf.stores.cluster import cluster_from  # noqa: PLC0415 - few runs need it
        from harborconf.stores.kubernetes import KubernetesStore  # noqa: PLC0415 - the same

        if self._kubernetes is None:
            self._kubernetes = KubernetesStore(cluster_from(self._environ), self._registry)
        return self._kubernetes
