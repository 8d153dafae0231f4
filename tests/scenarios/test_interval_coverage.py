"""Coverage of prediction intervals: the share of new rows whose target they hold."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from domain.data.arrays import Mask
from domain.data.dataset import Dataset
from domain.features.bound_encoding import BoundEncoding
from domain.learning.encoded_fit import fit_encoded
from domain.learning.fit import Fit
from domain.learning.sgd import SGD
from domain.learning.terms.choice import choose_terms
from domain.model.calibration import calibrate
from domain.model.leverage import error_scale
from domain.model.prediction_intervals import PredictionIntervals
from tests.support.interval_tables import IntervalTable, generated_table, real_tables

LEVEL, SPLITS = 0.9, 2
# Of 10 m − 1 rows, the coverage at 0.9 is 0.9; of others, it is above by up to 1 / (rows + 1).
TENTH = 10


def split(rows: Dataset, seed: int) -> tuple[Dataset, ...]:
    """Return training rows, held-out rows and as many new rows of a table: a half and nearly two quarters."""
    order = np.random.default_rng(seed).permutation(len(rows))
    held_out = len(rows) // 4 // TENTH * TENTH - 1
    return rows_at(rows, np.split(order, len(rows) // 2 + held_out * np.arange(3))[:3])


def rows_at(rows: Dataset, parts: Sequence[npt.NDArray[np.intp]]) -> tuple[Dataset, ...]:
    """Return a table of the rows at each of some positions."""
    return tuple(Dataset(rows.features[part], rows.target[part], rows.columns, rows.target_name) for part in parts)


def trained(table: IntervalTable, train: Dataset) -> Fit:
    """Return the fit of the table's terms to its training rows."""
    penalty = 0.0 if table.terms == "linear" else None
    choice = choose_terms(train, table.terms, penalty, seed=0, log_target=table.log_target)
    return fit_encoded(SGD(), train, choice)


def holds(intervals: PredictionIntervals, rows: Dataset) -> Mask:
    """Return which rows have their target in its interval."""
    bounds = intervals.bounds(BoundEncoding(intervals.model.encoding, rows.columns).values(rows.features))
    return np.asarray((bounds[:, 0] <= rows.target) & (rows.target <= bounds[:, 1]))


def coverage(table: IntervalTable, seed: int) -> float:
    """Return the share of new rows whose target is in its interval; each part of two is new to the other one."""
    train, one, other = split(table.rows, seed)
    fit = trained(table, train)
    shares = []
    for held_out, new in ((one, other), (other, one)):
        quantile = calibrate(fit.model, fit.moments, held_out).quantile(LEVEL)
        shares.append(holds(PredictionIntervals(fit.model, fit.moments, quantile), new).mean())
    return float(np.mean(shares))


def coverage_of_the_farthest(table: IntervalTable, seed: int) -> tuple[float, float]:
    """Return the share for the tenth of rows with the largest error scale, with it and without, of 60 training rows."""
    order = np.random.default_rng(seed).permutation(len(table.rows))
    train, held_out, new = rows_at(table.rows, np.split(order, [60, 159]))
    fit = trained(table, train)
    values = BoundEncoding(fit.model.encoding, new.columns).values(new.features)
    scales = error_scale(fit.model.encoding, fit.moments, values)
    (farthest,) = rows_at(new, [np.flatnonzero(scales >= np.quantile(scales, 0.9))])
    shares = []
    for moments in (fit.moments, None):
        quantile = calibrate(fit.model, moments, held_out).quantile(LEVEL)
        shares.append(float(holds(PredictionIntervals(fit.model, moments, quantile), farthest).mean()))
    return shares[0], shares[1]


@pytest.mark.slow
def test_intervals_of_generated_tables_hold_the_share_of_targets_that_the_level_is():
    found = [coverage(generated_table(seed), seed) for seed in range(200)]

    # Two standard deviations of one table are 0.02, and of the mean of 200 tables 0.0015: where one part is covered
    # less, the other one is covered more.
    assert np.mean(found) == pytest.approx(LEVEL, abs=0.02)
    assert min(found) > 0.85


@pytest.mark.slow
def test_intervals_of_columns_of_real_data_hold_the_share_of_targets_that_the_level_is():
    tables = list(real_tables())

    found = [np.mean([coverage(table, seed) for seed in range(SPLITS)]) for table in tables]

    assert len(tables) == 20
    assert np.mean(found) == pytest.approx(LEVEL, abs=0.02)
    assert min(found) > 0.86


@pytest.mark.slow
def test_rows_far_from_few_training_rows_have_intervals_that_are_wide_enough():
    with_scale, without = np.mean([coverage_of_the_farthest(generated_table(seed), seed) for seed in range(60)], axis=0)

    # Two standard errors of 60 tables are 0.02.
    assert with_scale > LEVEL - 0.02
    assert without < LEVEL - 0.02
