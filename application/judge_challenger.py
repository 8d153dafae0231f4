"""Let the promotion policy judge a challenger against the champion, and act on its decision."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.errors import BadData, BrokenModel, ModelNotFound, PromotionConflict
from domain.model_version import ModelVersion
from domain.ports import Clock, ModelStore
from domain.promotion import Contender, Decision, PromotionPolicy, Unscored
from domain.rows import Rows
from domain.scores import evaluate

log = logging.getLogger(__name__)

HeldOut = Callable[[Sequence[str]], Rows]
"""Returns the held-out rows with the features that are named, or raises `BadData`."""


@dataclass(frozen=True, slots=True)
class JudgeChallenger:
    """Promote a challenger if the policy prefers it to the version in production at the moment of promotion."""

    store: ModelStore
    policy: PromotionPolicy
    clock: Clock
    attempts: int = 5

    def __call__(self, challenger: ModelVersion, held_out: HeldOut) -> Decision:
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

    def _decide(self, challenger: Contender, held_out: HeldOut) -> Decision:
        history = self.store.history()
        champion = self._champion(history.champion, held_out)
        decision = self.policy.decide(challenger, champion)
        if decision.promote:
            # The consent to the champion's features holds for a successor that takes the same.
            consent = history.features_may_change
            self.store.promote(
                challenger.name, replacing=history.champion, at=self.clock(), features_may_change=consent
            )
        log.info("challenger_judged", extra={"version": challenger.name, "promoted": decision.promote})
        return decision

    def _champion(self, name: str | None, held_out: HeldOut) -> Contender | Unscored | None:
        if name is None:
            return None
        try:
            champion = self.store.load(name)
        except (BrokenModel, ModelNotFound) as error:
            return Unscored(name, str(error))
        try:
            return self._score(champion, held_out)
        except BadData as error:
            return Unscored(name, str(error), champion.model.feature_names)

    @staticmethod
    def _score(version: ModelVersion, held_out: HeldOut) -> Contender:
        features = version.model.feature_names
        return Contender(version.name, version.model.digest, features, evaluate(version.model, held_out(features)))


def keep_challenger(challenger: ModelVersion, held_out: Callable[[Sequence[str]], Rows]) -> Decision:
    """Return a refusal, for use in place of `JudgeChallenger` while the registry, which names the champion, is away."""
    del challenger, held_out
    return Decision(False, ("the registry cannot be used, so there is no champion to compare with",))
