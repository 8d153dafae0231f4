"""Train a challenger, track it, keep it, and let it be judged."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from domain.errors import BackendUnavailable, NoFeatures
from domain.model_version import Lineage, ModelVersion
from domain.ports import Charts, Clock, DatasetSource, ExperimentTracker, ModelStore, TrackedRun
from domain.promotion import Decision
from domain.rows import Rows
from domain.scores import evaluate
from domain.sgd import OnProgress, Progress
from domain.split import Split
from domain.training import Training, TrainingPlan

log = logging.getLogger(__name__)

HeldOut = Callable[[Sequence[str]], Rows]
"""Gives the held-out rows with the features that are named, or raises `BadData`."""


class Judge(Protocol):
    """Decides about a challenger and carries the decision out."""

    def __call__(self, challenger: ModelVersion, held_out: HeldOut) -> Decision:
        """Return the decision, carried out."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Where a training is tracked, kept and judged."""

    tracker: ExperimentTracker
    store: ModelStore
    judge: Judge


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """What came of a training.

    Parameters
    ----------
    run_id : str
    version : ModelVersion
    training : Training
    decision : Decision
    unavailable : BackendUnavailable or None
        What was not to be reached, if anything.
    kept_locally : bool
        Whether the result is in the local backend because of that. If it is not, the version is registered and judged,
        and only the record of its run is incomplete.
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

    Nothing is opened before the data have proved usable. `uninterrupted` holds back Ctrl-C and its like from the moment
    the model is registered until the decision about it is on record.
    """

    source: DatasetSource
    charts: Charts
    clock: Clock
    code_revision: str
    registry: Backend
    local: Backend
    uninterrupted: Callable[[], AbstractContextManager[None]] = nullcontext

    def __call__(self, plan: TrainingPlan, on_progress: OnProgress | None = None) -> TrainingOutcome:
        """Return what came of `plan`; a registry that is away costs no second fit: the result is kept locally."""
        plan = replace(plan, features=plan.features or self._all_features(plan.target))
        table = self.source.load(plan.target, plan.features or ())
        split = plan.hold_out(table)
        split.refuse_unlearnable()
        learn = _Lesson(plan, table.fingerprint, split, on_progress)
        try:
            return self._train(plan, learn, self.registry)
        except BackendUnavailable as error:
            log.info("registry_unavailable", extra={"place": error.place, "why": error.why})
            return replace(self._train(plan, learn, self.local), unavailable=error, kept_locally=True)

    def _all_features(self, target: str) -> tuple[str, ...]:
        features = tuple(column for column in self.source.columns() if column != target)
        if not features:
            raise NoFeatures(target)
        return features

    def _train(self, plan: TrainingPlan, learn: Callable[[TrackedRun], Training], backend: Backend) -> TrainingOutcome:
        """Return what came of it; once the challenger is judged, no failure to write that down undoes the judgement."""
        outcome: TrainingOutcome | None = None
        try:
            with backend.tracker.run(plan.settings) as run:
                training = learn(run)
                run.record(training, self.charts.draw(training))
                lineage, golden = self._lineage(run.id, plan, training), training.golden_rows()
                with self.uninterrupted():
                    version = backend.store.save(training.fit.model, lineage, golden)
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


@dataclass(slots=True)
class _Lesson:
    """Learns once, however often it is asked to: a second backend gets what was learnt for the first."""

    plan: TrainingPlan
    fingerprint: str
    split: Split
    on_progress: OnProgress | None
    learnt: Training | None = None

    def __call__(self, run: TrackedRun) -> Training:
        """Return the training; `run` hears of its progress, and of the failure if there is nothing to return."""
        if self.learnt is None:
            fit = self.plan.learner.fit(self.split.train, partial(self._tell, run))
            self.learnt = Training(self.fingerprint, self.split, fit, evaluate(fit.model, self.split.test))
        return self.learnt

    def _tell(self, run: TrackedRun, progress: Progress) -> None:
        if self.on_progress:
            self.on_progress(progress)
        run.note(progress)
