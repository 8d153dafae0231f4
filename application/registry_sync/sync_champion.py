"""SyncChampion: copies the champion from the registry to this host."""

import contextlib
from collections.abc import Callable

from application.registry_sync.keep_copy import KeepCopy
from application.registry_sync.sync_challenger import SyncChallenger
from domain.access.redaction import Redaction
from domain.delivery.champion_ref import ChampionRef
from domain.delivery.errors import InvalidRegistryResponse, NoChampion, RegistryThrottled
from domain.delivery.followed_rollout import FollowedRollout
from domain.delivery.sync_report import RegistryState, SyncReport
from domain.errors import BackendUnavailable
from domain.model.errors import CorruptModel
from domain.model.feature_change import feature_change
from domain.model.model_version import ModelVersion
from domain.ports import ChampionSource, LastKnownGood, SyncStatusChannel
from domain.promotion.errors import FeatureChangeNotApproved

# Fetches of one poll, at most; the next poll follows an alias that moves faster than a model is fetched.
MAX_FETCHES = 3
REFUSED_FOR_MINUTES = 10


class SyncChampion:
    """Ask the registry once, publish a report, and keep the champion on the disk.

    A model is fetched if the registry names one that is not here. The registry is asked again before the report, so
    that an alias that moved during the fetch is followed. A corrupt model is fetched again after some minutes, or when
    the registry has named another version. A model with other features than the one served, or kept here, waits for an
    operator's approval.

    The rollout comes with the champion's name. It ends here when this host serves another champion than the registry
    names; while the registry does not respond, the last exposure stays until it is no longer trusted.

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
        self._keep_copy = KeepCopy(copy, monotonic, self._redaction)
        self._sync_challenger = SyncChallenger(self._fetch_version, monotonic, self._redaction)
        self._named: ChampionRef | None = None
        self._rollout = FollowedRollout()
        self._fetched: tuple[ChampionRef, ModelVersion] | None = None
        self._refused: tuple[ChampionRef, CorruptModel, float] | None = None
        self._champion: ModelVersion | None = None
        self._last_contact_at: float | None = None
        self._champion_named = False
        self.retry_after_seconds = 0.0
        """Seconds for which the registry refuses requests."""

    def __call__(self) -> SyncReport:
        """Return the published report; the next report has the problem of the copy, if any."""
        state, reason = self._ask()
        reason, now = self._redaction.text(reason), self._monotonic()
        report = SyncReport(
            self._champion,
            state,
            reason,
            self._last_contact_at,
            now,
            self._keep_copy.problem,
            self._champion_named,
            self._rollout.exposure,
            self._rollout.challenger,
            self._rollout.problem,
        )
        self._status.publish(report)
        self._keep_copy(self._champion)
        return report

    @property
    def champion_name(self) -> str:
        """Version that the registry named last, empty if it has named none."""
        return self._named.version if self._named else ""

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
        except BackendUnavailable as error:
            if isinstance(error, RegistryThrottled):
                self.retry_after_seconds = error.seconds
            is_malformed = isinstance(error, InvalidRegistryResponse)
            return RegistryState.INVALID if is_malformed else RegistryState.UNREACHABLE, str(error)
        except (FeatureChangeNotApproved, CorruptModel, NoChampion) as error:
            self._rollout = self._sync_challenger(None, self._champion)
            waits = isinstance(error, FeatureChangeNotApproved)
            return RegistryState.AWAITING_APPROVAL if waits else RegistryState.INVALID, str(error)
        self._rollout = self._sync_challenger(self._named.rollout if self._named else None, self._champion)
        return RegistryState.OK, ""

    def _champion_ref(self) -> ChampionRef:
        try:
            ref = self._registry.champion_ref()
        except (InvalidRegistryResponse, CorruptModel) as error:
            self._last_contact_at = self._monotonic()
            self._champion_named |= isinstance(error, CorruptModel)
            raise
        self._last_contact_at, self._named = self._monotonic(), ref
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

    def _fetch_version(self, version: str) -> ModelVersion:
        return self._registry.fetch(self._registry.version_ref(version))

    def _in_copy(self) -> ModelVersion | None:
        with contextlib.suppress(BackendUnavailable, CorruptModel):
            return self._copy.champion()
        return None
