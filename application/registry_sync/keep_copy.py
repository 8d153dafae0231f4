"""KeepCopy: keeps the champion on the disk, from which a host starts while the registry does not respond."""

import logging
from collections.abc import Callable

from domain.access.redaction import Redaction
from domain.errors import BackendUnavailable
from domain.model.model_version import ModelVersion
from domain.ports import LastKnownGood

log = logging.getLogger(__name__)

CHECK_COPY_SECONDS = 60.0


class KeepCopy:
    """Write the copy when the champion changes, and check the disk once a minute; log changes of the result.

    Parameters
    ----------
    copy : LastKnownGood
    monotonic : callable
        Returns seconds of a clock that cannot be set.
    redaction : Redaction
        Removes secrets from the problem.
    """

    def __init__(self, copy: LastKnownGood, monotonic: Callable[[], float], redaction: Redaction) -> None:
        self._copy, self._monotonic, self._redaction = copy, monotonic, redaction
        self._checked: tuple[ModelVersion | None, float] | None = None
        self.problem = ""
        """Cause why the champion cannot be kept; empty if it can."""

    def __call__(self, champion: ModelVersion | None) -> None:
        """Keep the champion; without one, check that one could be kept."""
        now, before = self._monotonic(), self.problem
        if self._checked and self._checked[0] is champion and now < self._checked[1] + CHECK_COPY_SECONDS:
            return
        try:
            if champion:
                self._copy.keep(champion)
            else:
                self._copy.validate_writable()
            self._checked, self.problem = (champion, now), ""
        except BackendUnavailable as error:
            self._checked, self.problem = None, self._redaction.text(error.why)
        if self.problem not in ("", before):
            log.warning("local_copy_write_failed", extra={"why": self.problem})
        elif before and not self.problem:
            log.info("local_copy_recovered")
