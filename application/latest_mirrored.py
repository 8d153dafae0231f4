"""The champion as the mirror of this host knows it, or as it was kept before the mirror heard anything."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.errors import NoModel
from domain.mirror_report import RegistryState, RegistryWord
from domain.ports import Clock, LastKnownGood, MirrorBoard
from domain.snapshot import Snapshot, Source


@dataclass(frozen=True, slots=True)
class LatestMirrored:
    """Reads the board, which is newer than the copy whenever it has a champion at all.

    Parameters
    ----------
    board : MirrorBoard
    copy : LastKnownGood
    clock : Clock
    monotonic : callable
        The clock of the reports.
    confirmed_for : float
        Seconds that a word of the registry counts.
    silent_after : float
        Seconds after which a mirror that has not reported is taken for dead.
    """

    board: MirrorBoard
    copy: LastKnownGood
    clock: Clock
    monotonic: Callable[[], float]
    confirmed_for: float
    silent_after: float

    def __call__(self) -> Snapshot | None:
        """Return the champion, None if none was ever known; a recent report alone makes its source the registry.

        Raises
        ------
        BrokenModel
            If the board has none, and the copy cannot be trusted.
        NoModel
            If the registry has named a champion that could not be read, and there is no copy.
        """
        report = self.board.latest()
        if report and report.champion:
            confirmed = report.confirms(now=self.monotonic(), for_seconds=self.confirmed_for)
            return Snapshot(report.champion, Source.REGISTRY if confirmed else Source.CACHE)
        kept = self.copy.snapshot(now=self.clock())
        if kept is None and report and report.named:
            raise NoModel(report.reason)
        return kept and Snapshot(kept.version, Source.CACHE)

    def registry(self) -> RegistryWord:
        """Return how the registry is found at present."""
        report = self.board.latest()
        if report is None:
            return RegistryWord(RegistryState.DOWN, "the mirror has not reported yet", None)
        return report.word(now=self.monotonic(), silent_after=self.silent_after)

    def copy_problem(self) -> str:
        """Return why the champion could not be kept on this host's disk, '' if nothing is known to be wrong."""
        report = self.board.latest()
        return report.copy_problem if report else ""
