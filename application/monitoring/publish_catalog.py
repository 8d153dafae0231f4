"""PublishCatalog: reads the catalog of the registry now and then, for all processes of a host."""

import logging
from collections.abc import Callable

from application.monitoring.keep_versions import KeepVersions
from domain.errors import BackendUnavailable
from domain.monitoring.catalog import Catalog
from domain.ports import CatalogChannel, VersionCatalog

log = logging.getLogger(__name__)

PUBLISH_SECONDS = 30.0


class PublishCatalog:
    """Publish the catalog when the champion or the ledger has changed, and `PUBLISH_SECONDS` after the last time.

    Parameters
    ----------
    registry : VersionCatalog
    channel : CatalogChannel
    keep : KeepVersions
        Called at every look, so that it fetches one version after the other.
    monotonic : callable
    """

    def __init__(
        self,
        registry: VersionCatalog,
        channel: CatalogChannel,
        keep: KeepVersions,
        monotonic: Callable[[], float],
    ) -> None:
        self._registry, self._channel, self._keep, self._monotonic = registry, channel, keep, monotonic
        self._catalog: Catalog | None = None
        self._last: tuple[object, float] | None = None
        self._has_failed = False

    def __call__(self, found: object) -> None:
        """Publish if it is time, or if `found` differs from the last time; the first failure in a row is logged.

        Parameters
        ----------
        found : object
            Name of the champion, and head of the ledger.
        """
        now = self._monotonic()
        if self._last and self._last[0] == found and now - self._last[1] < PUBLISH_SECONDS:
            if self._catalog:
                self._keep(self._catalog)
            return
        self._last = found, now
        try:
            self._catalog = self._registry.read()
            if self._catalog:
                self._channel.publish(self._keep.with_problems(self._catalog))
            self._has_failed = False
        except BackendUnavailable as error:
            if not self._has_failed:
                log.warning("catalog_not_published", extra={"why": str(error)})
            self._has_failed = True
