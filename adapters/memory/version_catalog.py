"""Catalog of versions in memory."""

from adapters.memory.model_store import InMemoryRegistryState
from domain.monitoring.catalog import Catalog
from domain.ports import VersionCatalog


class InMemoryVersionCatalog(VersionCatalog):
    """Returns what it was given; the state of a registry may be unreachable."""

    def __init__(self, catalog: Catalog | None = None, state: InMemoryRegistryState | None = None) -> None:
        self._catalog, self._state = catalog, state or InMemoryRegistryState()

    def read(self) -> Catalog | None:
        """Return the catalog."""
        self._state.reached()
        return self._catalog
