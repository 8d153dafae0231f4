"""Whitened fit: sample, whiten, descend, certify, and factor all rows if the sample does not represent them."""

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.rows import LearnableRows
from domain.data.sums import DrawnRows
from domain.learning.fit import Fit, FitReport, OnProgress, StopReason
from domain.learning.sgd.block_reader import BlockReader, Shift
from domain.learning.sgd.descent import Descent
from domain.learning.sgd.factor import Factor, FactorOf
from domain.learning.sgd.optimality import LossAt, OptimalityCertificate, certify
from domain.learning.sgd.penalty import Penalty, penalty_scales
from domain.learning.sgd.sample import SampleFactorOf, is_far_from_zero, sample_size
from domain.learning.sgd.settings import SGDSettings
from domain.learning.sgd.whitening import EPSILON, Whitening

# Share of the excess that a Newton step leaves, at most: in coordinates of a sample, whose covariance is an estimate,
# and in those of all rows, where a larger share is rounding.
MAX_LEFT, MAX_LEFT_OF_ALL = 0.25, 0.5
# What the first certificate is compared with: one above 1 shows that the sample does not represent the table.
FIRST_EXCESS_BEFORE = 1.0 / MAX_LEFT
# Passes of a descent that is given up at a direction which the sample lacks, of a factorization, and of a certificate.
MIN_PASSES_AFTER_GIVING_UP = 3
# Newton steps that restore the digits which whitening lost, in a table that is its own sample.
CORRECTIONS = 2


class WhitenedFit:
    """One fit in whitened coordinates.

    Parameters
    ----------
    settings : SGDSettings
    rows : LearnableRows
        To be read.
    on_progress : callable or None
    """

    def __init__(self, settings: SGDSettings, rows: LearnableRows, on_progress: OnProgress | None) -> None:
        self._settings, self._rows = settings, rows
        strength = settings.penalty / len(rows)
        self._strength = strength if strength > EPSILON else 0.0  # less is rounding of the products
        self._reader = BlockReader(rows, settings.batch_size, on_progress)
        self._stop_reason: StopReason = "max_passes"
        self._steps = 0

    def fit(self) -> Fit:
        """Solve a table that is no larger than its sample; of a larger one, go on from the sample's answer."""
        reader, rows, settings = self._reader, self._rows, self._settings
        with reader.phase("sample"):
            sample = rows.drawn(sample_size(len(rows), len(rows.feature_names)), settings.seed)
            sampled = sample.reduce(SampleFactorOf(self._strength))
            self._center, self._factor = sampled.center, sampled.factor
            is_whole = self._factor.rows == len(rows)
            if is_whole or is_far_from_zero(self._factor):
                reader.origin = self._center
            self._space = self._whitening()
            reliable = not is_whole and self._may_descend() and not self._has_high_leverage(sample)
        if is_whole:
            return self._result(self._solved(sample))
        descended = self._descended() if reliable else None
        return self._result(self._refined(*(descended or self._factored())))

    def _may_descend(self) -> bool:
        return self._space.is_full or self._settings.max_passes >= MIN_PASSES_AFTER_GIVING_UP

    def _has_high_leverage(self, sample: DrawnRows) -> bool:
        largest = sample.prepared(Shift(self._center)).reduce(self._space.leverage)
        return self._space.has_high_leverage(largest.value)

    def _solved(self, sample: DrawnRows) -> OptimalityCertificate:
        """Return the answer of a table that is its own sample, which no pass can improve."""
        reader, rows = self._reader, sample.prepared(Shift(self._center))
        with reader.phase("solve"):
            weights = self._space.least_squares()
            for _ in range(1 + CORRECTIONS):
                best = certify(rows.reduce(LossAt(weights)), self._space, weights)
                weights = best.corrected
            self._stop_reason = "exact"
            reader.passes, reader.rows_seen = 1, len(self._rows)
            reader.finish_pass(best.loss, best.relative_excess_loss)
        return best

    def _descended(self) -> tuple[FloatArray, float] | None:
        """Return the weights and the loss of a descent, or those of the sample if the descent went astray.

        Return None if rows vary in a direction in which the sample is constant. Such a descent counts as a pass.

        Both are least-squares estimates of one optimum: in whitened coordinates their squared distance is about
        loss / m for each of the k + 1 coordinates. A descent over unlike blocks, or over a few huge
        rows, ends much further away.
        """
        start, space, size = self._space.least_squares(), self._space, self._reader.batch_size
        metric = space.embedding @ space.embedding.T
        with self._reader.phase("descent"), np.errstate(over="ignore", invalid="ignore"):
            descent = Descent(start, metric, size, space.penalty, space.span)
            sums = self._reader.reduce_shuffled(descent, self._settings.seed)
            if not sums.is_spanned:
                return None
            penalty = space.penalty
            if penalty.strength:
                penalty = Penalty(penalty.strength, penalty_scales(self._rows.columns, sums.columns.deviations))
                self._space = self._whitening(penalty)
            weights = sums.corrected(metric, penalty)
            distance = self._space.squared_distance(start, weights)
        self._steps = sums.steps
        self._reader.finish_pass(sums.loss)
        coordinates, least = len(start), self._space.mean_squared_error(start)
        limit = (3 + 10 / np.sqrt(coordinates)) * coordinates * least / self._factor.rows + self._space.rounding(start)
        return (weights, sums.loss) if distance <= limit else (start, least)

    def _factored(self) -> tuple[FloatArray, float]:
        """Factor all rows, which takes a pass, whiten with them, and return their least-squares weights and loss."""
        self._reader.origin = self._center
        with self._reader.phase("factor"):
            sums = self._reader.reduce(FactorOf(len(self._center), self._strength))
            self._factor = Factor.from_sums(sums, self._center)
            self._space = self._whitening()
            weights = self._space.least_squares()
            loss = self._space.mean_squared_error(weights)
            self._reader.finish_pass(loss)
        return weights, loss

    def _whitening(self, penalty: Penalty | None = None) -> Whitening:
        origin = self._reader.origin if self._reader.origin is not None else np.zeros_like(self._center)
        scales = penalty_scales(self._rows.columns, self._factor.deviations)
        return Whitening(self._factor, origin, penalty or Penalty(self._strength, scales))

    def _refined(self, weights: FloatArray, loss: float) -> OptimalityCertificate:
        """Certify the weights and step on until they are within `tol`, no pass is left, or a step gains too little.

        If a certificate shows that the sample does not represent the table, all rows are factored.
        """
        reader, before = self._reader, FIRST_EXCESS_BEFORE
        best = OptimalityCertificate(weights, loss, float("inf"), weights)
        while reader.passes < self._settings.max_passes:
            with reader.phase("certificate"):
                seen = certify(reader.reduce(LossAt(weights)), self._space, weights)
                reader.finish_pass(seen.loss, seen.relative_excess_loss)
            best = min(seen, best, key=lambda each: each.relative_excess_loss)
            if seen.relative_excess_loss <= (self._settings.tol or 0.0):
                self._stop_reason = "tol"
                break
            weights, gain = seen.corrected, seen.relative_excess_loss / before
            before = seen.relative_excess_loss
            if self._factor.rows == len(self._rows):
                if not gain <= MAX_LEFT_OF_ALL:
                    self._stop_reason = "stall"
                    break
            elif not gain <= MAX_LEFT and reader.passes + 1 < self._settings.max_passes:
                weights, loss = self._factored()
                best, before = OptimalityCertificate(weights, loss, float("inf"), weights), FIRST_EXCESS_BEFORE
        return best

    def _result(self, best: OptimalityCertificate) -> Fit:
        reader, factor, rank = self._reader, self._factor, self._space.rank
        report = FitReport(
            stop_reason=self._stop_reason,
            losses=tuple(reader.losses),
            relative_excess_loss=tuple(reader.relative_excess_loss),
            loss=best.loss,
            passes=reader.passes,
            rows_seen=reader.rows_seen,
            batch_size=reader.batch_size,
            rank=rank,
            steps=self._steps,
            seconds=dict(reader.seconds),
        )
        model = self._space.model(best.weights, self._rows.feature_names)
        return Fit(model, report, factor.moments(len(self._rows), best.loss, self._space.degrees_of_freedom))
