"""SyncChampion: copies the champion from the registry to this host."""

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

# Fetches of one poll, at most; the next poll follows an alias that moves faster than a model is fetched.
MAX_FETCHES = 3
REFUSED_FOR_MINUTES = 10
CHECK_COPY_SECONDS = 60.0


class SyncChampion:
    """Ask the registry once, publish a report, and keep the champion on the disk.

    A model is fetched if the registry names one that is not here. The registry is asked again before the report, so
    that an alias that moved during the fetch is followed. A corrupt model is fetched again after some minutes, or when
    the registry has named another version. A model with other features than the one served, or kept here, waits for an
    operator's approval.

    Parameters
    ----------
    registry : ChampionSource
    status : SyncStatusChannel
        Written before the copy, so that a promotion is served although no disk can be written.
    copy : LastKnownGood
        Survives a restart. It is written when the champion changes, and checked once a minute.
    monotonic : callable
        Returns seconds of a clock that cannot be set.
    redaction : Redaction or None
        Removes secrets from reasons, which may quote a response of the registry.
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
        self._checked: tuple[ModelVersion | None, float] | None = None
        self._copy_problem = ""
        self.retry_after_seconds = 0.0
        """Seconds for which the registry refuses requests."""

    def __call__(self) -> SyncReport:
        """Return the published report; the next report has the problem of the copy, if any."""
        state, reason = self._ask()
        reason, now = self._redaction.text(reason), self._monotonic()
        report = SyncReport(
            self._champion, state, reason, self._last_contact_at, now, self._copy_problem, self._champion_named
        )
        self._status.publish(report)
        self._keep(self._champion)
        return report

    def fetch_champion(self) -> ModelVersion:
        """Return the version that the registry names, if it may replace the served one.

        Raises
        ------
        NoChampion, CorruptModel, FeatureChangeNotApproved, BackendUnavailable
            If there is no champion, it is unusable, it awaits approval, or the registry does not respond.
        """
        ref = self._champion_ref()
        for _ in range(MAX_FETCHES):
            if self._fetched is None or self._fetched[0] != ref:
                version = self._fetch(ref)
                before, ref = ref, self._champion_ref()
                if ref != before:
                    continue
                self._fetched = ref, version
            version = self._fetched[1]
            served = self._champion or self._in_copy()
            change = feature_change(served.model.encoding.kinds, version.model.encoding.kinds) if served else ""
            if served and change and not ref.feature_change_approved:
                raise FeatureChangeNotApproved(version.name, served.name, change)
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
        if self._refused and self._refused[0] != ref:
            self._refused = None
        return ref

    def _fetch(self, ref: ChampionRef) -> ModelVersion:
        if self._refused and self._monotonic() < self._refused[2]:
            raise self._refused[1]
        try:
            return self._registry.fetch(ref)
        except CorruptModel as error:
            when = f"in {REFUSED_FOR_MINUTES} minutes, or when the registry has named another"
            refusal = CorruptModel(error.version, f"{error.why}; it is fetched again {when}")
            self._refused = ref, refusal, self._monotonic() + 60 * REFUSED_FOR_MINUTES
            raise refusal from error

    def _in_copy(self) -> ModelVersion | None:
        with contextlib.suppress(BackendUnavailable, CorruptModel):
            return self._copy.champion()
        return None

    def _keep(self, champion: ModelVersion | None) -> None:
        """Write the copy or check the disk, at most once a minute while that succeeds; log changes of the result."""
        now, before = self._monotonic(), self._copy_problem
        if self._checked and self._checked[0] is champion and now < self._checked[1] + CHECK_COPY_SECONDS:
            return
        try:
            if champion:
                self._copy.keep(champion)
            else:
                self._copy.validate_writable()
            self._checked, self._copy_problem = (champion, now), ""
        except BackendUnavailable as error:
            self._checked, self._copy_problem = None, self._redaction.text(str(error))
        if self._copy_problem not in ("", before):
            log.warning("local_copy_write_failed", extra={"why": self._copy_problem})
        elif before and not self._copy_problem:
            log.info("local_copy_recovered")
