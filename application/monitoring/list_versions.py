"""ListVersions: lists the versions of a store in pages, newest first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ServedModels
from domain.model.errors import ModelNotFound
from domain.monitoring.catalog import Catalog, ListedVersion
from domain.ports import VersionCatalog

PAGE = 50


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A page of the versions.

    Parameters
    ----------
    at : datetime or None
        When the store was read, in UTC; None if it has not been read yet.
    versions : tuple of ListedVersion
        Newest first.
    champion, previous, challenger : str
        Names of the versions with these roles, empty without one.
    before : str
        What to ask the next page with; empty on the last one.
    older : int
        Versions that no page lists, because they are older.
    """

    at: datetime | None = None
    versions: tuple[ListedVersion, ...] = ()
    champion: str = ""
    previous: str = ""
    challenger: str = ""
    before: str = ""
    older: int = 0

    def role(self, version: str) -> str:
        """Return champion, challenger, previous, or an empty text."""
        roles = {self.previous: "previous", self.challenger: "challenger", self.champion: "champion"}
        return roles.get(version, "") if version else ""


@dataclass(frozen=True, slots=True)
class ListVersions:
    """List `PAGE` versions at once.

    Parameters
    ----------
    catalog : VersionCatalog
    current_models : callable
        Returns the served models, or raises `NoModelLoaded`.
    """

    catalog: VersionCatalog
    current_models: Callable[[], ServedModels]

    def __call__(self, before: str = "") -> VersionPage:
        """Return the newest versions, or those that are older than `before`.

        Raises
        ------
        ModelNotFound
            If `before` is not listed.
        StoreUnavailable
            If the store cannot be read.
        """
        catalog = self.catalog.read()
        if catalog is None:
            return VersionPage()
        versions = _older_than(before, catalog)
        page = versions[:PAGE]
        return VersionPage(
            catalog.at,
            page,
            catalog.champion,
            catalog.previous,
            self._challenger(),
            page[-1].name if len(versions) > PAGE else "",
            catalog.older,
        )

    def _challenger(self) -> str:
        try:
            exposure = self.current_models().exposure
        except NoModelLoaded:
            return ""
        return exposure.rollout.compared[0] if exposure else ""


def _older_than(before: str, catalog: Catalog) -> tuple[ListedVersion, ...]:
    if not before:
        return catalog.versions
    names = [version.name for version in catalog.versions]
    if before not in names:
        raise ModelNotFound(before, names)
    return catalog.versions[names.index(before) + 1 :]
