"""GateChallenger: promotes a challenger that the promotion policy prefers to the champion, or starts its rollout."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from application.training.held_out_rows import HeldOutRows
from domain.data.errors import InvalidData
from domain.delivery.errors import RolloutConflict, RolloutRefused
from domain.learning.plan import Training
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import ModelVersion
from domain.model.scores import Scores
from domain.ports import ChangeRecorder, Clock, ModelStore
from domain.promotion.errors import PromotionConflict
from domain.promotion.policy import Candidate, Decision, PromotionPolicy, UnscorableChampion

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class GateChallenger:
    """Promote a challenger if the policy prefers it to the champion at the moment of promotion.

    With `start_rollout`, a rollout replaces the promotion, except that of the first champion. The function starts the
    rollout of a version and returns its id; it may raise `RolloutRefused` or `RolloutConflict`.
    """

    store: ModelStore
    policy: PromotionPolicy
    clock: Clock
    record: ChangeRecorder
    start_rollout: Callable[[str], str] | None = None
    attempts: int = 5

    def __call__(self, challenger: ModelVersion, training: Training, held_out: HeldOutRows) -> Decision:
        """Return the decision after the promotion, if any.

        The champion is scored on the rows `held_out`, on which the challenger has the scores of its `training`.

        If another training promotes between comparison and promotion, the challenger is compared with the new champion.

        Raises
        ------
        PromotionConflict
            After `attempts` such races.
        """
        candidate = replace(
            _candidate(challenger, training.scores),
            held_out_rows=len(held_out.rows),
            objections=training.objections,
        )
        for _ in range(self.attempts - 1):
            try:
                return self._decide(candidate, held_out, challenger.lineage.run_id)
            except PromotionConflict as error:
                log.info("promotion_raced", extra={"version": challenger.name, "champion": error.found})
        return self._decide(candidate, held_out, challenger.lineage.run_id)

    def _decide(self, challenger: Candidate, held_out: HeldOutRows, run_id: str) -> Decision:
        history = self.store.history()
        champion = self._champion(history.champion, challenger, held_out)
        decision = self.policy.decide(challenger, champion)
        if decision.promote and history.champion and self.start_rollout:
            decision = _rolled_out(decision, challenger.name, self.start_rollout)
        elif decision.promote:
            # A successor with the same features inherits the approval.
            approved = history.feature_change_approved
            promoted = self.store.promote(
                challenger.name, replacing=history.champion, at=self.clock(), feature_change_approved=approved
            )
            self.record(promoted, f"train, run {run_id}", "; ".join(decision.reasons))
        log.info("challenger_judged", extra={"version": challenger.name, "promoted": decision.promote})
        return decision

    def _champion(
        self, name: str | None, challenger: Candidate, held_out: HeldOutRows
    ) -> Candidate | UnscorableChampion | None:
        if name is None:
            return None
        try:
            champion = self.store.load(name)
        except (CorruptModel, ModelNotFound) as error:
            return UnscorableChampion(name, str(error))
        features = champion.model.encoding.kinds
        if champion.model.digest == challenger.digest:
            return _candidate(champion, challenger.scores)
        try:
            return _candidate(champion, held_out.scores(champion.model))
        except InvalidData as error:
            return UnscorableChampion(name, str(error), features)


def _candidate(version: ModelVersion, scores: Scores) -> Candidate:
    model, is_complete = version.model, version.is_complete
    return Candidate(version.name, model.digest, model.encoding.kinds, scores, is_complete=is_complete)


def _rolled_out(decision: Decision, version: str, start_rollout: Callable[[str], str]) -> Decision:
    """Return the decision after the start of the rollout, or with the reason why it was refused."""
    try:
        return replace(decision, promote=False, rollout=start_rollout(version))
    except (RolloutConflict, RolloutRefused) as error:
        return replace(decision, promote=False, reasons=(str(error), *decision.reasons), awaits_rollout=True)


def defer_promotion(challenger: ModelVersion, training: Training, held_out: HeldOutRows) -> Decision:
    """Return a refusal; replaces `GateChallenger` while the registry, which names the champion, is unreachable."""
    del challenger, training, held_out
    return Decision(False, ("the registry cannot be used, so there is no champion to compare with",))
