"""A mirror's report that is gone when the process is."""

from domain.mirror_report import MirrorReport
from domain.ports import MirrorBoard


class MemoryBoard(MirrorBoard):
    """Keeps the report."""

    def __init__(self) -> None:
        self._report: MirrorReport | None = None

    def post(self, report: MirrorReport) -> None:
        """Replace the report."""
        self._report = report

    def latest(self) -> MirrorReport | None:
        """Return the report."""
        return self._report
