"""TrainModel: fits a challenger, tracks the run, saves the version, and passes it to the promotion gate."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, replace

from application.training.held_out_rows import HeldOutRows
from application.training.prepare_training import PreparedTraining, PrepareTraining
from domain.data.errors import InvalidData
from domain.errors import BackendUnavailable
from domain.learning.encoded_fit import fit_encoded
from domain.learning.findings import find
from domain.learning.fit import OnProgress, Progress
from domain.learning.plan import Training, TrainingPlan
from domain.model.calibration import calibrate
from domain.model.distributions import Distributions
from domain.model.errors import CorruptModel
from domain.model.importance import importances
from domain.model.model_version import Lineage, ModelVersion, Setting
from domain.model.score_intervals import score_intervals
from domain.model.scores import evaluate
from domain.model.serialization import require_readable
from domain.ports import Charts, Clock, DatasetSource, ExperimentTracker, ModelStore, TrackedRun
from domain.promotion.policy import Decision

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingBackend:
    """Tracker and store of a training, and the gate that decides about its challenger and promotes it."""

    tracker: ExperimentTracker
    store: ModelStore
    gate: Callable[[ModelVersion, Training, HeldOutRows], Decision]


@dataclass(frozen=True, slots=True)
class TrainingOutcome:
    """Result of a training.

    If a backend was `unavailable`, the version is either `kept_locally`, or it is registered and decided about, and the
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

    The data are validated before a run is opened. `defer_signals` delays signals such as Ctrl-C from the registration
    of the version until its decision is recorded.
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
        prepared = self.prepare(plan)
        fit = _FitOnce(prepared, on_progress)
        try:
            return self._train(prepared, fit, self.registry)
        except BackendUnavailable as error:
            log.info("registry_unavailable", extra={"place": error.place, "why": error.why})
            return replace(self._train(prepared, fit, self.local), unavailable=error, kept_locally=True)

    def prepare(self, plan: TrainingPlan) -> PreparedTraining:
        """Return the split table and the chosen terms, or raise `InvalidData`."""
        return PrepareTraining(self.source)(plan)

    def _train(self, prepared: PreparedTraining, fit: "_FitOnce", backend: TrainingBackend) -> TrainingOutcome:
        """Return the result; after the decision, a failure of the tracker does not undo it."""
        outcome: TrainingOutcome | None = None
        plan, settings = prepared.plan, prepared.settings
        try:
            with backend.tracker.run(settings) as run:
                champion = _champion(backend.store)
                training = replace(fit(run), champion=champion.model if champion else None)
                run.record(training, self.charts.draw(training))
                challenger = require_readable(self._challenger(run.id, plan.target, settings, training))
                held_out = HeldOutRows(self.source, plan, training.split.test)
                if champion and champion.model != challenger.model:
                    # Rows that can no longer be read end the run before anything is registered.
                    with suppress(InvalidData):
                        held_out.scores(champion.model)
                with self.defer_signals():
                    version = _saved_before(champion, challenger) or backend.store.save(challenger)
                    decision = backend.gate(version, training, held_out)
                    outcome = TrainingOutcome(run.id, version, training, decision)
                    run.conclude(version.name, decision)
        except BackendUnavailable as error:
            if outcome is None:
                raise
            return replace(outcome, unavailable=error)
        return outcome

    def _challenger(self, run_id: str, target: str, settings: dict[str, Setting], training: Training) -> ModelVersion:
        lineage = Lineage(
            run_id=run_id,
            scores=training.scores,
            target=target,
            data_fingerprint=training.data_fingerprint,
            settings=settings,
            code_revision=self.code_revision,
            created_at=self.clock(),
            intervals=training.intervals,
            warnings=training.all_warnings,
        )
        return ModelVersion(
            name="",
            model=training.fit.model,
            lineage=lineage,
            reference_predictions=training.reference_predictions(),
            moments=training.moments(),
            calibration=training.calibration,
            distributions=training.distributions,
        )


def _saved_before(champion: ModelVersion | None, challenger: ModelVersion) -> ModelVersion | None:
    """Return a champion with the challenger's weights, which is not saved again unless it is of an older schema."""
    is_same = champion is not None and champion.model == challenger.model
    return champion if is_same and champion and champion.is_complete else None


def _champion(store: ModelStore) -> ModelVersion | None:
    try:
        return store.champion()
    except CorruptModel:
        return None


@dataclass(slots=True)
class _FitOnce:
    """Fits at the first call; the local backend gets the result of the fit for the registry."""

    prepared: PreparedTraining
    on_progress: OnProgress | None
    training: Training | None = None

    def __call__(self, run: TrackedRun) -> Training:
        """Return the training; `run` keeps the progress of the fit."""
        if self.training is None:
            self.training = self._fitted(run)
        return self.training

    def _fitted(self, run: TrackedRun) -> Training:
        prepared, split = self.prepared, self.prepared.split
        learner = prepared.plan.learner
        fit = fit_encoded(learner, split.train, prepared.choice, lambda progress: self._report(run, progress))
        scores, found = evaluate(fit.model, split.test), find(fit.model, split, prepared.plan.hold_out)
        return Training(
            data_fingerprint=prepared.rows.fingerprint,
            split=split,
            fit=fit,
            scores=scores,
            candidates=prepared.choice.candidates,
            notes=prepared.notes,
            warnings=found.warnings,
            objections=found.objections,
            intervals=score_intervals(scores, fit.model, split.test),
            importances=importances(fit.model, fit.moments, split.train, prepared.choice.penalty),
            calibration=calibrate(fit.model, fit.moments, split.test),
            settings=prepared.settings,
            distributions=Distributions.measure(fit.model, split.train, prepared.plan.seed),
        )

    def _report(self, run: TrackedRun, progress: Progress) -> None:
        if self.on_progress:
            self.on_progress(progress)
        run.note(progress)
