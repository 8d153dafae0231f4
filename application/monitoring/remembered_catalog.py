"""Remembered catalog: reads another catalog some seconds apart, however many requests need it."""

from collections.abc import Callable

from domain.monitoring.catalog import Catalog
from domain.ports import VersionCatalog

MAX_AGE_SECONDS = 2.0


class RememberedCatalog(VersionCatalog):
    """Returns what `catalog` returned at most `MAX_AGE_SECONDS` ago.

    Parameters
    ----------
    catalog : VersionCatalog
    monotonic : callable
    """

    def __init__(self, catalog: VersionCatalog, monotonic: Callable[[], float]) -> None:
        self._catalog, self._monotonic = catalog, monotonic
        self._last: tuple[float, Catalog | None] | None = None

    def read(self) -> Catalog | None:
        """Return the catalog; an error is not remembered."""
        now, last = self._monotonic(), self._last
        if last is None or now - last[0] > MAX_AGE_SECONDS:
            last = self._last = now, self._catalog.read()
        return last[1]
