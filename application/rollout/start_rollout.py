"""StartRollout: writes the first state of a rollout, which a controller then drives."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from domain.delivery.errors import RolloutRefused
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase, Rollout
from domain.delivery.supersession import supersession
from domain.delivery.transition import Move, Transition
from domain.model.errors import CorruptModel
from domain.model.feature_change import feature_change
from domain.model.model_version import ModelVersion
from domain.ports import Clock, ModelStore, RolloutStore
from domain.promotion.history import PromotionHistory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StartRollout:
    """Start a rollout of a sound version that takes the champion's features.

    Parameters
    ----------
    store : ModelStore
    rollouts : RolloutStore
    clock : Clock
    draw_salt : callable
        Returns 16 random hexadecimal digits.
    """

    store: ModelStore
    rollouts: RolloutStore
    clock: Clock
    draw_salt: Callable[[], str]

    def __call__(self, version: str, plan: RolloutPlan, *, by: str, again: bool = False) -> Rollout:
        """Return the first state, which is in the store.

        Parameters
        ----------
        version : str
            The challenger.
        plan : RolloutPlan
        by : str
            Who starts it.
        again : bool
            Whether an aborted rollout of the version is no objection.

        Raises
        ------
        RolloutRefused
            If there is no champion, another rollout, or an objection to the version.
        ModelNotFound
            If the version does not exist.
        RolloutConflict
            If another process starts a rollout at the same time.
        """
        history, (champion, challenger) = self.store.history(), self.compared(version, again=again)
        replacing = self._generation_to_replace(history)
        if again:
            self.rollouts.reject(version, "")
        rollout = self._first(champion, challenger, plan, history, by)
        self.rollouts.write(rollout, replacing=replacing)
        log.info("rollout_started", extra={"rollout": rollout.id, "champion": rollout.champion, "by": by})
        return rollout

    def compared(self, version: str, *, again: bool = False) -> tuple[ModelVersion, ModelVersion]:
        """Return champion and challenger, or raise what a start raises; nothing is written."""
        champion, challenger = self._champion(), self._loaded(version)
        self._generation_to_replace(self.store.history())
        _require_fit(champion, challenger)
        if not again and (objection := self.rollouts.rejection(version)):
            raise RolloutRefused(f"a rollout of version {version} was aborted: {objection}; `--again` repeats it")
        return champion, challenger

    def _champion(self) -> ModelVersion:
        try:
            champion = self.store.champion()
        except CorruptModel as error:
            raise RolloutRefused(f"the champion cannot be compared: {error}; promote a sound version first") from error
        if champion is None:
            raise RolloutRefused("there is no champion to compare with; `endeavour promote VERSION` makes the first")
        return champion

    def _loaded(self, version: str) -> ModelVersion:
        try:
            return self.store.load(version)
        except CorruptModel as error:
            raise RolloutRefused(f"{error}; train it again, or name another version") from error

    def _generation_to_replace(self, history: PromotionHistory) -> int:
        """Return the generation of an old state that a change of champion has ended, 0 if there is none."""
        record = self.rollouts.read()
        if record is None:
            return 0
        if not supersession(record.rollout, history):
            challenger = record.rollout.challenger
            raise RolloutRefused(f"a rollout of version {challenger} is under way; `endeavour rollout abort` ends it")
        return record.rollout.generation

    def _first(
        self, champion: ModelVersion, challenger: ModelVersion, plan: RolloutPlan, history: PromotionHistory, by: str
    ) -> Rollout:
        # The clock of the host that promoted the champion may be ahead, and the rollout starts after that.
        started_at = max([self.clock(), *(change.at for change in history.changes[-1:])])
        return Rollout(
            id=f"{started_at:%Y%m%dT%H%M%SZ}-{challenger.name}",
            champion=champion.name,
            champion_digest=champion.model.digest,
            challenger=challenger.name,
            challenger_digest=challenger.model.digest,
            plan=plan,
            salt=self.draw_salt(),
            phase=Phase.PREFLIGHT,
            started_at=started_at,
            entered_at=started_at,
            by=by,
            transitions=(Transition(started_at, Move.START, by=by),),
        )


def _require_fit(champion: ModelVersion, challenger: ModelVersion) -> None:
    name = challenger.name
    if name == champion.name:
        raise RolloutRefused(f"version {name} is in production already; name another version")
    if change := feature_change(champion.model.encoding.kinds, challenger.model.encoding.kinds):
        raise RolloutRefused(
            f"version {name} takes other features than version {champion.name} ({change}), so they cannot be compared; "
            f"once clients send the new ones: `endeavour promote {name} --allow-feature-change`"
        )
