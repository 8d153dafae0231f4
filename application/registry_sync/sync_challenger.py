"""SyncChallenger: reads the rollout of the champion, and fetches and verifies the model that it compares."""

from collections.abc import Callable

from domain.access.redaction import Redaction
from domain.delivery.followed_rollout import FollowedRollout
from domain.delivery.rollout import Rollout, RolloutRecord
from domain.delivery.rollout_reader import RolloutReader
from domain.errors import BackendUnavailable, StoreRefusal
from domain.model.errors import CorruptModel
from domain.model.feature_change import feature_change
from domain.model.model_version import ModelVersion
from domain.promotion.errors import FeatureChangeNotApproved

REFUSED_FOR_MINUTES = 10

# Id of the rollout, version and digest of the model that it compares, and digest of the champion.
Pair = tuple[str, str, str, str]


class SyncChallenger:
    """Follow the rollout of the champion; no failure of the challenger affects the champion.

    The challenger is fetched once for each rollout. One that is corrupt, of another digest or of other features is
    fetched again after some minutes, or when the rollout changes.

    Parameters
    ----------
    fetch : callable
        Returns a version by its name; raises `BackendUnavailable` or `StoreRefusal`.
    monotonic : callable
        Returns seconds of a clock that cannot be set.
    redaction : Redaction or None
        Removes secrets from problems, which may quote a response of the registry.
    """

    def __init__(
        self,
        fetch: Callable[[str], ModelVersion],
        monotonic: Callable[[], float],
        redaction: Redaction | None = None,
    ) -> None:
        self._fetch, self._monotonic = fetch, monotonic
        self._redaction = redaction or Redaction()
        self._reader = RolloutReader()
        self._verified: tuple[Pair, ModelVersion] | None = None
        self._refused: tuple[Pair, str, float] | None = None

    def __call__(self, record: RolloutRecord | None, champion: ModelVersion | None) -> FollowedRollout:
        """Return what to apply after `record` was read, while this host serves `champion`."""
        exposure = self._reader.observe(record, self._monotonic())
        if exposure is None or champion is None or exposure.rollout.version_with_state != champion.name:
            self._verified = None
            return FollowedRollout()
        rollout = exposure.rollout
        pair = (rollout.id, *rollout.compared, champion.model.digest)
        problem = self._obtain(pair, rollout, champion)
        if problem or self._verified is None:
            return FollowedRollout(exposure, None, self._redaction.text(problem))
        return FollowedRollout(exposure, self._verified[1])

    def _obtain(self, pair: Pair, rollout: Rollout, champion: ModelVersion) -> str:
        """Fetch and verify the challenger unless it is here; return why it is not, '' if it is."""
        if self._verified and self._verified[0] == pair:
            return ""
        self._verified = None
        if self._refused and self._refused[0] == pair and self._monotonic() < self._refused[2]:
            return self._refused[1]
        try:
            challenger = self._fetch(rollout.compared[0])
            _require_comparable(rollout, champion, challenger)
        except StoreRefusal as error:
            problem = f"{error}; it is fetched again in {REFUSED_FOR_MINUTES} minutes, or when the rollout changes"
            self._refused = pair, problem, self._monotonic() + 60 * REFUSED_FOR_MINUTES
            return problem
        except BackendUnavailable as error:
            return str(error)
        self._verified = pair, challenger
        return ""


def _require_comparable(rollout: Rollout, champion: ModelVersion, challenger: ModelVersion) -> None:
    """Raise `CorruptModel` or `FeatureChangeNotApproved` unless these are the models that the rollout compares."""
    digests = rollout.champion_digest, rollout.challenger_digest
    served, compared = reversed(digests) if rollout.is_after_promotion else digests
    for version, digest in ((champion, served), (challenger, compared)):
        if version.model.digest != digest:
            raise CorruptModel(version.name, "it is not the model that the rollout was started with")
    if change := feature_change(champion.model.encoding.kinds, challenger.model.encoding.kinds):
        raise FeatureChangeNotApproved(challenger.name, champion.name, change)
