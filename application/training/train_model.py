"""Train a challenger, track the run, save the model, and have it judged."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial

from application.training.gate_challenger import HeldOutRows
from domain.data.errors import InvalidData
from domain.data.rows import Rows
from domain.data.split import Split
from domain.errors import BackendUnavailable
from domain.learning.fit import OnProgress, Progress
from domain.learning.plan import Training, TrainingPlan
from domain.model.errors import CorruptModel, ModelNotFound
from domain.model.model_version import Lineage, ModelVersion
from domain.model.scores import evaluate
from domain.ports import Charts, Clock, DatasetSource, ExperimentTracker, ModelStore, TrackedRun
from domain.promotion.policy import Decision

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingBackend:
    """Where a training is tracked, kept and judged; `judge` decides about a challenger and carries the decision out."""

    tracker: ExperimentTracker
    store: ModelStore
    judge: Callable[[ModelVersion, HeldOutRows], Decision]


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """The result of a training.

    If a backend was `unavailable`, the result is either `kept_locally`, or it is registered and judged and only the
    record of its run is incomplete.
    """

    run_id: str
    version: ModelVersion
    training: Training
    decision: Decision
    unavailable: BackendUnavailable | None = None
    kept_locally: bool = False


@dataclass(frozen=True, slots=True)
class TrainModel:
    """Fit a challenger and promote it if the policy prefers it to the champion.

    No run is opened before the data have been checked. `defer_signals` holds back signals such as Ctrl-C from the
    registration of the model until the decision about it is recorded.
    """

    source: DatasetSource
    charts: Charts
    clock: Clock
    code_revision: str
    registry: TrainingBackend
    local: TrainingBackend
    defer_signals: Callable[[], AbstractContextManager[None]] = nullcontext

    def __call__(self, plan: TrainingPlan, on_progress: OnProgress | None = None) -> TrainingOutcome:
        """Return the result; if the registry is unavailable, it is kept locally without a second fit."""
        plan, table, split = self.prepare(plan)
        learn = _FitOnce(plan, table.fingerprint, split, on_progress)
        try:
            return self._train(plan, learn, self.registry)
        except BackendUnavailable as error:
            log.info("registry_unavailable", extra={"place": error.place, "why": error.why})
            return replace(self._train(plan, learn, self.local), unavailable=error, kept_locally=True)

    def prepare(self, plan: TrainingPlan) -> tuple[TrainingPlan, Rows, Split]:
        """Return the plan with its features, its table and the split, or raise `InvalidData` or `InvalidParameter`."""
        plan = replace(plan, features=plan.features or self._all_features(plan.target))
        table = self.source.load(plan.target, plan.features or ())
        split = plan.hold_out(table)
        split.validate_learnable()
        return plan, table, split

    def _all_features(self, target: str) -> tuple[str, ...]:
        features = tuple(column for column in self.source.columns() if column != target)
        if not features:
            raise InvalidData(f"{target!r} is the only column: there is nothing to predict it from")
        return features

    def _train(
        self, plan: TrainingPlan, learn: Callable[[TrackedRun], Training], backend: TrainingBackend
    ) -> TrainingOutcome:
        """Return the result; once the challenger is judged, a failure to record that does not undo the decision."""
        outcome: TrainingOutcome | None = None
        try:
            with backend.tracker.run(plan.settings) as run:
                training = learn(run)
                run.record(training, self.charts.draw(training))
                lineage = self._lineage(run.id, plan, training)
                kept = training.reference_predictions(), training.moments()
                with self.defer_signals():
                    challenger = ModelVersion("", training.fit.model, lineage, *kept)
                    version = _identical_champion(backend.store, challenger) or backend.store.save(challenger)
                    decision = backend.judge(version, partial(self._held_out, plan, training.split.test))
                    outcome = TrainingOutcome(run.id, version, training, decision)
                    run.conclude(version.name, decision)
        except BackendUnavailable as error:
            if outcome is None:
                raise
            return replace(outcome, unavailable=error)
        return outcome

    def _lineage(self, run_id: str, plan: TrainingPlan, training: Training) -> Lineage:
        return Lineage(
            run_id=run_id,
            scores=training.scores,
            target=plan.target,
            data_fingerprint=training.data_fingerprint,
            settings=plan.settings,
            code_revision=self.code_revision,
            created_at=self.clock(),
        )

    def _held_out(self, plan: TrainingPlan, test: Rows, features: Sequence[str]) -> Rows:
        """Return the same held-out rows with `features`: a champion may predict from other columns than were read."""
        if set(features) <= set(test.feature_names):
            return test.select(features)
        return plan.hold_out(self.source.load(plan.target, features)).test


def _identical_champion(store: ModelStore, challenger: ModelVersion) -> ModelVersion | None:
    """Return the champion if it has the challenger's weights: no version is saved twice in a row."""
    try:
        champion = store.champion()
    except (CorruptModel, ModelNotFound):
        return None
    return champion if champion and champion.model.digest == challenger.model.digest else None


@dataclass(slots=True)
class _FitOnce:
    """Learns at the first call; a second backend gets what was learned for the first."""

    plan: TrainingPlan
    fingerprint: str
    split: Split
    on_progress: OnProgress | None
    training: Training | None = None

    def __call__(self, run: TrackedRun) -> Training:
        """Return the training; `run` notes the progress."""
        if self.training is None:
            fit = self.plan.learner.fit(self.split.train, partial(self._note, run))
            self.training = Training(self.fingerprint, self.split, fit, evaluate(fit.model, self.split.test))
        return self.training

    def _note(self, run: TrackedRun, progress: Progress) -> None:
        if self.on_progress:
            self.on_progress(progress)
        run.note(progress)
