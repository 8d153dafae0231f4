"""Let the promotion policy judge a challenger against the champion, and act on its decision."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.data.errors import InvalidData
from domain.data.rows import Rows
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.model.scores import evaluate
from domain.ports import Clock, ModelStore
from domain.promotion.errors import PromotionConflict
from domain.promotion.policy import Candidate, Decision, PromotionPolicy, UnscorableChampion

log = logging.getLogger(__name__)

HeldOutRows = Callable[[Sequence[str]], Rows]
"""Returns the held-out rows with the features that are named, or raises `InvalidData`."""


@dataclass(frozen=True, slots=True)
class GateChallenger:
    """Promote a challenger if the policy prefers it to the version in production at the moment of promotion."""

    store: ModelStore
    policy: PromotionPolicy
    clock: Clock
    attempts: int = 5

    def __call__(self, challenger: ModelVersion, held_out: HeldOutRows) -> Decision:
        """Return the decision, carried out; `held_out(features)` gives the rows that both models are judged on.

        If another trainer promotes between the comparison and the promotion, the challenger is compared again, with the
        new champion; after `attempts` such races `PromotionConflict` is raised.
        """
        contender = self._score(challenger, held_out)
        for _ in range(self.attempts - 1):
            try:
                return self._decide(contender, held_out)
            except PromotionConflict as error:
                log.info("promotion_raced", extra={"version": challenger.name, "champion": error.found})
        return self._decide(contender, held_out)

    def _decide(self, challenger: Candidate, held_out: HeldOutRows) -> Decision:
        history = self.store.history()
        champion = self._champion(history.champion, held_out)
        decision = self.policy.decide(challenger, champion)
        if decision.promote:
            # The consent to the champion's features holds for a successor that takes the same.
            consent = history.feature_change_approved
            self.store.promote(
                challenger.name, replacing=history.champion, at=self.clock(), feature_change_approved=consent
            )
        log.info("challenger_judged", extra={"version": challenger.name, "promoted": decision.promote})
        return decision

    def _champion(self, name: str | None, held_out: HeldOutRows) -> Candidate | UnscorableChampion | None:
        if name is None:
            return None
        try:
            champion = self.store.load(name)
        except (CorruptModel, ModelNotFound) as error:
            return UnscorableChampion(name, str(error))
        try:
            return self._score(champion, held_out)
        except InvalidData as error:
            return UnscorableChampion(name, str(error), champion.model.feature_names)

    @staticmethod
    def _score(version: ModelVersion, held_out: HeldOutRows) -> Candidate:
        features = version.model.feature_names
        return Candidate(version.name, version.model.digest, features, evaluate(version.model, held_out(features)))


def defer_promotion(challenger: ModelVersion, held_out: Callable[[Sequence[str]], Rows]) -> Decision:
    """Return a refusal, for use in place of `GateChallenger` while the registry, which names the champion, is away."""
    del challenger, held_out
    return Decision(False, ("the registry cannot be used, so there is no champion to compare with",))
