"""Whitened fit: sample, whiten, descend, certify, and factor all rows if the sample does not represent them."""

import numpy as np

from domain.data.arrays import Block, FloatArray
from domain.data.rows import LearnableRows
from domain.learning.fit import Fit, FitReport, OnProgress, StopReason
from domain.learning.sgd.block_reader import BlockReader
from domain.learning.sgd.descent import descend
from domain.learning.sgd.factor import Factor
from domain.learning.sgd.optimality import OptimalityCertificate, certify
from domain.learning.sgd.penalty import Penalty, penalty_scales
from domain.learning.sgd.sample import centered, is_far_from_zero, sample_size
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
            sample, self._center = centered(rows.sample(sample_size(len(rows), len(rows.feature_names)), settings.seed))
            self._factor = Factor.of([sample], self._center, self._strength)
            if len(sample.target) == len(rows) or is_far_from_zero(self._factor):
                reader.origin = self._center
            self._space = self._whitening()
            may_descend = self._space.is_full or settings.max_passes >= MIN_PASSES_AFTER_GIVING_UP
            reliable = may_descend and not self._space.has_high_leverage(sample.features)
        if len(sample.target) == len(rows):
            return self._result(self._solved(sample))
        descended = self._descended() if reliable else None
        return self._result(self._refined(*(descended or self._factored())))

    def _solved(self, sample: Block) -> OptimalityCertificate:
        """Return the answer of a table that is its own sample, which no pass can improve."""
        reader = self._reader
        with reader.phase("solve"):
            best = certify([sample], self._space, self._space.least_squares())
            for _ in range(CORRECTIONS):
                best = certify([sample], self._space, best.corrected)
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
        start, order = self._space.least_squares(), np.random.default_rng(self._settings.seed)
        with self._reader.phase("descent"), np.errstate(over="ignore", invalid="ignore"):
            found = descend(self._reader, self._space, start, order)
            if not found:
                self._reader.passes += 1
                return None
            if found.penalty is not self._space.penalty:
                self._space = self._whitening(found.penalty)
            distance = self._space.squared_distance(start, found.weights)
        self._steps = found.steps
        self._reader.finish_pass(found.loss)
        coordinates, least = len(start), self._space.mean_squared_error(start)
        limit = (3 + 10 / np.sqrt(coordinates)) * coordinates * least / self._factor.rows + self._space.rounding(start)
        return (found.weights, found.loss) if distance <= limit else (start, least)

    def _factored(self) -> tuple[FloatArray, float]:
        """Factor all rows, which takes a pass, whiten with them, and return their least-squares weights and loss."""
        self._reader.origin = self._center
        with self._reader.phase("factor"):
            self._factor = Factor.of(self._reader.blocks(), self._center, self._strength)
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
                seen = certify(reader.blocks(), self._space, weights)
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
