"""CompareModels: evaluates queued requests with both models of a rollout, off the request path."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from application.serving.comparison_queue import ComparedRequest, ComparisonQueue
from application.serving.current_model import CurrentModel
from application.serving.predict_rows import predict_rows
from domain.data.arrays import FloatArray
from domain.delivery.served_model import ServedModel
from domain.model.prediction_input import PredictionInput, Row, input_part

# Of a request; the time of an evaluation depends on their number.
MAX_ROWS = 64
# Of CPU time in each call; a call that takes longer is followed by calls that do nothing.
MAX_SECONDS = 0.001


class Evaluation(NamedTuple):
    """Predictions of one model, None if it failed, and the CPU seconds that they took."""

    values: FloatArray | None
    seconds: float


@dataclass(slots=True)
class CompareModels:
    """Compare the models of a rollout on queued requests, for a bounded share of a processor.

    Each request counts once, because its rows are alike: both models evaluate at most 64 consecutive rows from a random
    place, and the predictions of one row are compared. A coin decides which model is first, because the second one
    finds the rows in the processor's cache.

    Parameters
    ----------
    queue : ComparisonQueue
    current : CurrentModel
    reject_unseen : bool
        Whether a text that the training rows lack is an error.
    random : callable
        Returns numbers from 0 to 1.
    cpu_seconds : callable
        The CPU time of this thread: other threads take turns with it, which is no slowness of a model.
    """

    queue: ComparisonQueue
    current: CurrentModel
    reject_unseen: bool
    random: Callable[[], float]
    cpu_seconds: Callable[[], float]
    _credit: float = field(default=0.0, init=False)

    def __call__(self) -> None:
        """Compare queued requests until the time is used up, and add the counts to the queue's."""
        self._credit = min(self._credit + MAX_SECONDS, MAX_SECONDS)
        while self._credit > 0 and (request := self.queue.take()):
            began = self.cpu_seconds()
            if self._is_current(request):
                self.queue.count(self._compare(request))
            self._credit -= self.cpu_seconds() - began

    def _is_current(self, request: ComparedRequest) -> bool:
        """Return whether the request is of the rollout whose counts are added now."""
        rollout = self.current.models.rollout if self.current.is_loaded else None
        return rollout is not None and rollout.rollout.id == request.served.rollout.id

    def _compare(self, request: ComparedRequest) -> Mapping[str, int]:
        try:
            rows = input_part(request.rows, MAX_ROWS, self.random())
        except Exception:  # the client's rows are in a form that neither model reads
            return {"failed_both": 1}
        baseline, candidate = self._evaluations(request, rows)
        plan = request.served.rollout.plan
        rmse = request.baseline.version.lineage.scores.rmse
        return comparison_counts(baseline, candidate, plan.slow_ms / 1000, rmse / 2, self.random())

    def _evaluations(
        self, request: ComparedRequest, rows: Sequence[Row] | PredictionInput
    ) -> tuple[Evaluation, Evaluation]:
        """Return the evaluations of the baseline and of the candidate."""
        if self.random() < 1 / 2:
            return self._evaluate(request.baseline, rows), self._evaluate(request.candidate, rows)
        candidate = self._evaluate(request.candidate, rows)
        return self._evaluate(request.baseline, rows), candidate

    def _evaluate(self, model: ServedModel, rows: Sequence[Row] | PredictionInput) -> Evaluation:
        began = self.cpu_seconds()
        try:
            values = predict_rows(model, rows, self.reject_unseen).values
        except Exception:  # any error of a model is a failure, which is counted
            values = None
        return Evaluation(values, self.cpu_seconds() - began)


def comparison_counts(
    baseline: Evaluation, candidate: Evaluation, slow_seconds: float, limit: float, place: float
) -> Mapping[str, int]:
    """Return the counts of one request, by field of `RolloutCounts`.

    Parameters
    ----------
    slow_seconds : float
        Seconds of an evaluation that are not slow.
    limit : float
        Largest difference of two predictions that does not count, in target units.
    place : float
        From 0 to 1: which row's predictions are compared.
    """
    if baseline.values is None or candidate.values is None:
        if baseline.values is candidate.values:
            return {"failed_both": 1}
        return {"pairs": 1, "failed_baseline" if baseline.values is None else "failed_candidate": 1}
    if not len(baseline.values):
        return {}
    counts = Counter(pairs=1)
    is_slow = baseline.seconds > slow_seconds, candidate.seconds > slow_seconds
    if is_slow[0] != is_slow[1]:
        counts["slow_baseline" if is_slow[0] else "slow_candidate"] += 1
    row = int(place * len(baseline.values))
    counts["differences"] += int(abs(baseline.values[row] - candidate.values[row]) > limit)
    return counts
