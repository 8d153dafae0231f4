"""KeepVersions: copies the newest versions of the registry to this host, so that workers compare them."""

import logging
from collections.abc import Callable
from dataclasses import replace

from domain.access.redaction import Redaction
from domain.errors import BackendUnavailable, StoreRefusal
from domain.model.errors import CorruptModel, ModelNotFound
from domain.monitoring.catalog import Catalog
from domain.ports import ChampionSource, KeptVersions

log = logging.getLogger(__name__)

REFUSED_SECONDS = 600.0


class KeepVersions:
    """Fetch one version at each call, until those of a catalog are here.

    A version that is unusable is fetched again after `REFUSED_SECONDS`. After a failure of the registry or the disk,
    the next catalog is waited for.

    Parameters
    ----------
    registry : ChampionSource
    kept : KeptVersions
    monotonic : callable
        Returns seconds of a clock that cannot be set.
    redaction : Redaction
        Removes secrets from problems, which may quote a response of the registry.
    """

    def __init__(
        self, registry: ChampionSource, kept: KeptVersions, monotonic: Callable[[], float], redaction: Redaction
    ) -> None:
        self._registry, self._kept, self._monotonic, self._redaction = registry, kept, monotonic, redaction
        self._wanted: dict[str, str] = {}
        self._here: dict[str, str] = {}
        self._refused: dict[str, tuple[str, float]] = {}
        self._failed: Catalog | None = None

    def __call__(self, catalog: Catalog) -> None:
        """Fetch the next version, if one is missing, and remove those that the catalog does not keep."""
        if catalog is self._failed:
            return
        try:
            self._follow({version.name: version.digest for version in catalog.to_keep})
            missing = next(filter(self._is_missing, self._wanted), None)
            if missing:
                self._obtain(missing)
            self._failed = None
        except BackendUnavailable as error:
            if self._failed is None:
                log.warning("version_not_kept", extra={"why": self._redaction.text(str(error))})
            self._failed = catalog

    def with_problems(self, catalog: Catalog) -> Catalog:
        """Return the catalog with the reasons why versions cannot be used."""
        problems = {name: why for name, (why, _) in self._refused.items()}
        found = (replace(version, problem=problems.get(version.name, "")) for version in catalog.versions)
        return replace(catalog, versions=tuple(found))

    def _follow(self, wanted: dict[str, str]) -> None:
        if wanted != self._wanted:
            self._kept.retain(wanted)
            self._here = {name: digest for name, digest in self._here.items() if wanted.get(name) == digest}
            self._refused = {name: refusal for name, refusal in self._refused.items() if name in wanted}
            self._wanted = wanted

    def _is_missing(self, name: str) -> bool:
        return name not in self._here and self._monotonic() >= self._refused.get(name, ("", 0.0))[1]

    def _obtain(self, name: str) -> None:
        digest = self._wanted[name]
        try:
            if not self._is_here(name, digest):
                version = self._registry.fetch(self._registry.version_ref(name))
                if version.model.digest != digest:
                    raise CorruptModel(name, "it is not the model that the registry lists")
                self._kept.keep(version)
            self._here[name] = digest
            self._refused.pop(name, None)
        except StoreRefusal as error:
            why = self._redaction.text(getattr(error, "why", str(error)))
            self._refused[name] = why, self._monotonic() + REFUSED_SECONDS

    def _is_here(self, name: str, digest: str) -> bool:
        """Return whether an earlier process of this host has kept the version."""
        try:
            return self._kept.load(name).model.digest == digest
        except (CorruptModel, ModelNotFound):
            return False
