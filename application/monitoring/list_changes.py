"""ListChanges: lists what has changed on a service, newest first."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.delivery.errors import NoModelLoaded
from domain.delivery.served_model import ServedModels
from domain.errors import StoreUnavailable
from domain.monitoring.change import Change, newest, rollout_changes
from domain.ports import HostChanges, VersionCatalog


@dataclass(frozen=True, slots=True)
class ListChanges:
    """List changes of champion and ends of rollouts, the rollout under way, and changes of this host.

    Parameters
    ----------
    catalog : VersionCatalog
    host_changes : HostChanges
    current_models : callable
        Returns the served models, or raises `NoModelLoaded`.
    """

    catalog: VersionCatalog
    host_changes: HostChanges
    current_models: Callable[[], ServedModels]

    def __call__(self) -> tuple[Change, ...]:
        """Return the last changes; those that cannot be read now are missing."""
        # Between the entry of its end and the removal of its state, a rollout is in both.
        of_store_and_rollout = dict.fromkeys((*self._of_store(), *self._of_rollout()))
        return newest(*of_store_and_rollout, *self.host_changes.read())

    def _of_store(self) -> tuple[Change, ...]:
        try:
            catalog = self.catalog.read()
        except StoreUnavailable:
            return ()
        return catalog.changes if catalog else ()

    def _of_rollout(self) -> tuple[Change, ...]:
        try:
            exposure = self.current_models().exposure
        except NoModelLoaded:
            return ()
        return rollout_changes(exposure.rollout.challenger, exposure.rollout.transitions) if exposure else ()
