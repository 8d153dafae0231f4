"""Bring the champion from the registry to where this host can read it without the registry."""

import contextlib
import logging
from collections.abc import Callable

from domain.access.redaction import Redaction
from domain.delivery.champion_ref import ChampionRef
from domain.delivery.errors import InvalidRegistryResponse, NoChampion, RegistryThrottled
from domain.delivery.sync_report import RegistryState, SyncReport
from domain.errors import BackendUnavailable
from domain.model.errors import CorruptModel
from domain.model.feature_change import feature_change
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource, LastKnownGood, SyncStatusChannel
from domain.promotion.errors import FeatureChangeNotApproved

log = logging.getLogger(__name__)

# An alias that moves faster than a model can be fetched is read again at the next poll.
MAX_MOVES = 3
REFUSED_FOR_MINUTES = 10
CHECK_COPY_SECONDS = 60.0


class SyncChampion:
    """Ask the registry once, post the result, and keep the champion on the disk; failures of both are reported.

    A model is fetched if the registry names one that is not here, and the name is read again before it is posted, so
    that an alias that moved meanwhile is followed. The last refused ref is not fetched again for some minutes,
    unless the registry names another in between. A model that takes other features than the one served, or kept here,
    waits until the registry has consent to the change.

    Parameters
    ----------
    registry : ChampionSource
    status : SyncStatusChannel
        In memory, and written first: a promotion is served although no disk can be written.
    copy : LastKnownGood
        Survives a restart. It is written when the champion changes, and checked once a minute.
    monotonic : callable
        Returns seconds of a clock that cannot be set.
    redaction : Redaction or None
        Removes secrets from reasons, which may repeat an answer of the registry.
    """

    def __init__(
        self,
        registry: ChampionSource,
        status: SyncStatusChannel,
        copy: LastKnownGood,
        monotonic: Callable[[], float],
        redaction: Redaction | None = None,
    ) -> None:
        self._registry, self._status, self._copy, self._monotonic = registry, status, copy, monotonic
        self._redaction = redaction or Redaction()
        self._fetched: tuple[ChampionRef, ModelVersion] | None = None
        self._refused: tuple[ChampionRef, CorruptModel, float] | None = None
        self._champion: ModelVersion | None = None
        self._last_contact_at: float | None = None
        self._champion_named = False
        self._kept: tuple[ModelVersion, float] | None = None
        self._copy_problem = ""
        self.retry_after_seconds = 0.0
        """Seconds for which the registry has asked not to be asked again."""

    def __call__(self) -> SyncReport:
        """Return the report that was posted; a problem of the copy is in the next one."""
        state, reason = self._ask()
        reason, now = self._redaction.text(reason), self._monotonic()
        report = SyncReport(
            self._champion, state, reason, self._last_contact_at, now, self._copy_problem, self._champion_named
        )
        self._status.publish(report)
        if self._champion:
            self._keep(self._champion)
        return report

    def fetch_champion(self) -> ModelVersion:
        """Return the version that the registry names, once it is here and may replace the one served.

        Raises
        ------
        NoChampion, CorruptModel, FeatureChangeNotApproved, BackendUnavailable
            If there is none, if it is not to be used, if it has to wait, or if the registry cannot be read.
        """
        ref = self._champion_ref()
        for _ in range(MAX_MOVES):
            if self._fetched is None or self._fetched[0] != ref:
                version = self._fetch(ref)
                before, ref = ref, self._champion_ref()
                if ref != before:
                    continue
                self._fetched = ref, version
            version = self._fetched[1]
            served = self._champion or self._in_copy()
            how = feature_change(served.model.feature_names, version.model.feature_names) if served else ""
            if served and how and not ref.feature_change_approved:
                raise FeatureChangeNotApproved(version.name, served.name, how)
            return version
        raise CorruptModel(ref.version, "the registry names another faster than one can be fetched")

    def _ask(self) -> tuple[RegistryState, str]:
        self.retry_after_seconds = 0.0
        try:
            self._champion = self.fetch_champion()
        except FeatureChangeNotApproved as error:
            return RegistryState.AWAITING_APPROVAL, str(error)
        except (InvalidRegistryResponse, CorruptModel, NoChampion) as error:
            return RegistryState.INVALID, str(error)
        except BackendUnavailable as error:
            if isinstance(error, RegistryThrottled):
                self.retry_after_seconds = error.seconds
            return RegistryState.UNREACHABLE, str(error)
        return RegistryState.OK, ""

    def _champion_ref(self) -> ChampionRef:
        try:
            ref = self._registry.champion_ref()
        except (InvalidRegistryResponse, CorruptModel) as error:
            self._last_contact_at = self._monotonic()
            self._champion_named |= isinstance(error, CorruptModel)
            raise
        self._last_contact_at = self._monotonic()
        if ref is None:
            raise NoChampion
        self._champion_named = True
        return ref

    def _fetch(self, ref: ChampionRef) -> ModelVersion:
        if self._refused and self._refused[0] == ref and self._monotonic() < self._refused[2]:
            raise self._refused[1]
        self._refused = None
        try:
            return self._registry.fetch(ref)
        except CorruptModel as error:
            when = f"for {REFUSED_FOR_MINUTES} minutes, unless the registry names another"
            refusal = CorruptModel(error.version, f"{error.why}; it is not fetched again {when}")
            self._refused = ref, refusal, self._monotonic() + 60 * REFUSED_FOR_MINUTES
            raise refusal from error

    def _in_copy(self) -> ModelVersion | None:
        with contextlib.suppress(BackendUnavailable, CorruptModel):
            return self._copy.champion()
        return None

    def _keep(self, champion: ModelVersion) -> None:
        """Write the copy unless it was written or checked less than a minute ago; log when failures begin and end."""
        now, before = self._monotonic(), self._copy_problem
        if self._kept and self._kept[0] is champion and now < self._kept[1] + CHECK_COPY_SECONDS:
            return
        try:
            self._copy.keep(champion)
            self._kept, self._copy_problem = (champion, now), ""
        except BackendUnavailable as error:
            self._kept, self._copy_problem = None, self._redaction.text(str(error))
        if self._copy_problem not in ("", before):
            log.warning("local_copy_write_failed", extra={"why": self._copy_problem})
        elif before and not self._copy_problem:
            log.info("local_copy_recovered")
