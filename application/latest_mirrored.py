"""The champion as the mirror of this host reports it, or as it was kept before the mirror's first report."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import NoModel
from domain.mirror_report import MirrorReport, RegistryState, RegistryWord
from domain.ports import LastKnownGood, MirrorBoard
from domain.snapshot import Snapshot, Source


@dataclass(frozen=True, slots=True)
class LatestMirrored:
    """Reads the board, and the copy where the board has no champion.

    Parameters
    ----------
    board : MirrorBoard
    copy : LastKnownGood
    monotonic : callable
        The clock of the reports.
    confirmed_for : float
        Seconds that a report confirms the champion.
    silent_after : float
        Seconds after which a mirror without a report counts as dead.
    """

    board: MirrorBoard
    copy: LastKnownGood
    monotonic: Callable[[], float]
    confirmed_for: float
    silent_after: float

    def __call__(self) -> Snapshot | None:
        """Return the champion, None if there has never been one; its source is the registry if a report confirms it.

        Raises
        ------
        BrokenModel
            If the board has none, and the copy cannot be trusted.
        NoModel
            If the registry has named a champion that could not be read, and there is no copy.
        """
        report = self.board.latest()
        if report and report.champion:
            confirmed = report.state is RegistryState.OK and self._age(report) <= self.confirmed_for
            return Snapshot(report.champion, Source.REGISTRY if confirmed else Source.CACHE)
        kept = self.copy.champion()
        if kept is None and report and report.named:
            raise NoModel(report.reason)
        return Snapshot(kept, Source.CACHE) if kept else None

    def registry(self) -> RegistryWord:
        """Return what is known of the registry; without a report for `silent_after` seconds it counts as down."""
        report = self.board.latest()
        if report is None:
            return RegistryWord(RegistryState.DOWN, "the mirror has not reported yet", None)
        state, reason = report.state, report.reason
        if self._age(report) > self.silent_after:
            state, reason = RegistryState.DOWN, "the mirror has fallen silent"
        seconds = None if report.heard_at is None else self.monotonic() - report.heard_at
        return RegistryWord(state, reason, seconds, report.copy_problem)

    def _age(self, report: MirrorReport) -> float:
        return self.monotonic() - report.reported_at
