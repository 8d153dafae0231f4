"""ResolveSyncedChampion: finds the champion in the last report of the registry sync, or in the copy on the disk."""

from collections.abc import Callable
from dataclasses import dataclass

from application.serving.served_models import served_models
from domain.delivery.errors import NoModelLoaded
from domain.delivery.followed_rollout import FollowedRollout
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.delivery.sync_report import RegistryState, RegistryStatus, SyncReport
from domain.model.errors import CorruptModel
from domain.ports import LastKnownGood, SyncStatusChannel


@dataclass(frozen=True, slots=True)
class ResolveSyncedChampion:
    """Read the last report, and the copy if the report has no champion.

    Parameters
    ----------
    status : SyncStatusChannel
    copy : LastKnownGood
    monotonic : callable
        The clock of the reports.
    fresh_for : float
        Seconds for which a report confirms the champion.
    stale_after : float
        Seconds without a report after which the registry counts as unreachable.
    """

    status: SyncStatusChannel
    copy: LastKnownGood
    monotonic: Callable[[], float]
    fresh_for: float
    stale_after: float

    def __call__(self) -> ServedModels | None:
        """Return the champion with its rollout, None if there has never been a champion.

        The origin is the registry if a report confirms the champion.

        Raises
        ------
        CorruptModel
            If the report has no champion, and the copy is damaged.
        NoModelLoaded
            If the registry has named an unreadable champion, and there is no copy.
        """
        report = self.status.read()
        if report and report.champion:
            confirmed = report.state is RegistryState.OK and self._age(report) <= self.fresh_for
            champion = ServedModel(report.champion, ModelOrigin.REGISTRY if confirmed else ModelOrigin.CACHE)
            followed = FollowedRollout(report.exposure, report.challenger, report.challenger_problem)
            return served_models(champion, followed, self.monotonic())
        kept = self.copy.champion()
        if kept is None and report and report.champion_named:
            raise NoModelLoaded(report.reason)
        return ServedModels(ServedModel(kept, ModelOrigin.CACHE)) if kept else None

    def registry_status(self) -> RegistryStatus:
        """Return the last status of the registry; it is unreachable after `stale_after` seconds without a report."""
        report = self.status.read()
        if report is None:
            return RegistryStatus(RegistryState.UNREACHABLE, "the registry sync has not reported yet", None)
        state, reason = report.state, report.reason
        if self._age(report) > self.stale_after:
            state, reason = RegistryState.UNREACHABLE, "the registry sync has stopped reporting"
        seconds = None if report.last_contact_at is None else self.monotonic() - report.last_contact_at
        # Without a champion, the sync process only checks the disk, so that a read must find a damaged copy.
        copy_problem = report.copy_problem or ("" if report.champion else self._copy_problem())
        return RegistryStatus(state, reason, seconds, copy_problem)

    def _copy_problem(self) -> str:
        try:
            self.copy.champion()
        except CorruptModel as error:
            return str(error)
        return ""

    def _age(self, report: SyncReport) -> float:
        return self.monotonic() - report.reported_at
