"""Textbook method: gradient descent at a fixed learning rate, from weights 0, on the features as they are."""

import numpy as np

from domain.data.arrays import FloatArray
from domain.data.rows import LearnableRows
from domain.errors import InvalidParameter
from domain.features.encoding import Encoding
from domain.learning.errors import Diverged
from domain.learning.fit import Fit, FitReport, OnProgress
from domain.learning.sgd.block_reader import BlockReader
from domain.learning.sgd.optimality import LossAt
from domain.learning.sgd.sample import SampleFactorOf, sample_size
from domain.learning.sgd.settings import SGDSettings
from domain.learning.sgd.whitening import Whitening
from domain.model.linear_model import LinearModel

# A loss this many times that of the weights 0 is on its way to infinity.
MAX_GROWTH = 1e6


def fit_textbook(settings: SGDSettings, rows: LearnableRows, on_progress: OnProgress | None) -> Fit:
    """Make `max_passes` passes at `learning_rate` and return the model that they end with.

    Without a batch size each pass is one step along the gradient of all rows. With one, each batch is a step, and the
    loss after the pass takes a reading of its own.

    Raises
    ------
    Diverged
        If the loss grows a million times.
    InvalidParameter
        If there is a batch size for a table in pieces.
    """
    if settings.batch_size and rows.chain_rows < len(rows):
        allowed = "left out for a table in pieces, because the batches of plain descent follow each other"
        raise InvalidParameter("batch_size", settings.batch_size, allowed)
    reader = BlockReader(rows, settings.batch_size, on_progress)
    with reader.phase("sample"):
        drawn = rows.drawn(sample_size(len(rows), len(rows.feature_names)), settings.seed)
        sample = drawn.reduce(SampleFactorOf())
    with reader.phase("descent"), np.errstate(over="ignore", invalid="ignore"):
        weights = _descended(settings, reader)
    report = FitReport(
        stop_reason="max_passes",
        losses=tuple(reader.losses),
        relative_excess_loss=(),
        loss=reader.losses[-1],
        passes=reader.passes,
        rows_seen=reader.rows_seen,
        batch_size=reader.batch_size if settings.batch_size else len(rows),
        rank=Whitening(sample.factor, sample.center).rank,
        steps=reader.passes * (-(-len(rows) // reader.batch_size) if settings.batch_size else 1),
        seconds=dict(reader.seconds),
    )
    model = LinearModel(weights[:-1], float(weights[-1]), Encoding.of_numbers(rows.feature_names))
    return Fit(model, report, sample.factor.moments(len(rows), report.loss, report.rank))


def _descended(settings: SGDSettings, reader: BlockReader) -> FloatArray:
    """Return the weights, shape (d + 1,), the intercept last, after all passes."""
    rate, order = settings.learning_rate or 0.0, np.random.default_rng(settings.seed)
    weights = np.zeros(len(reader.rows.feature_names) + 1)
    first, half_gradient = _loss_and_half_gradient(reader, weights)
    for number in range(1, settings.max_passes + 1):
        if settings.batch_size:
            _step_by_batches(reader, weights, rate, order)
        else:
            weights -= 2 * rate * half_gradient
        loss, half_gradient = _loss_and_half_gradient(reader, weights)
        if not loss <= MAX_GROWTH * first:
            raise Diverged(number, rate)
        reader.passes = number  # those that learn; each has a reading of its own for the loss
        reader.finish_pass(loss)
    return weights


def _loss_and_half_gradient(reader: BlockReader, weights: FloatArray) -> tuple[float, FloatArray]:
    """Read all rows once; return the mean squared error and half of its gradient, shape (d + 1,)."""
    sums = reader.reduce(LossAt(weights))
    return sums.squares / sums.rows, sums.half_gradient / sums.rows


def _step_by_batches(reader: BlockReader, weights: FloatArray, rate: float, order: "np.random.Generator") -> None:
    """Step once along the gradient of each batch; the shorter last one takes a shorter step."""
    for features, target in reader.batches(order):
        residuals = features @ weights[:-1] - target + weights[-1]
        weights[:-1] -= (2 * rate / reader.batch_size) * (residuals @ features)
        weights[-1] -= (2 * rate / reader.batch_size) * residuals.sum()
