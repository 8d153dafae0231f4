"""Coverage of prediction intervals: the share of new rows whose target they hold."""

import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.learning.encoded_fit import fit_encoded
from domain.learning.sgd import SGD
from domain.learning.terms.choice import choose_terms
from domain.model.calibration import calibrate
from domain.model.model_version import ModelVersion
from domain.model.prediction_intervals import prediction_intervals
from tests.support.examples import a_lineage
from tests.support.interval_tables import IntervalTable, generated_table, real_tables

LEVEL, SPLITS = 0.9, 4
# Of 10 m − 1 rows, the coverage at 0.9 is 0.9; of others, it is above by up to 1 / (rows + 1).
TENTH = 10


def split(rows: Dataset, seed: int) -> tuple[Dataset, ...]:
    """Return training rows, held-out rows and new rows of a table: a half and nearly two quarters."""
    order = np.random.default_rng(seed).permutation(len(rows))
    held_out = len(rows) // 4 // TENTH * TENTH - 1
    parts = np.split(order, [len(rows) // 2, len(rows) // 2 + held_out])
    return tuple(Dataset(rows.features[part], rows.target[part], rows.columns, rows.target_name) for part in parts)


def coverage(table: IntervalTable, seed: int) -> float:
    """Return the share of new rows whose target is in its interval."""
    train, held_out, new = split(table.rows, seed)
    penalty = 0.0 if table.terms == "linear" else None
    choice = choose_terms(train, table.terms, penalty, seed=0, log_target=table.log_target)
    fit = fit_encoded(SGD(), train, choice)
    calibration = calibrate(fit.model, fit.moments, held_out)
    version = ModelVersion("1", fit.model, a_lineage(), None, fit.moments, calibration)
    bounds = prediction_intervals(version, fit.model.encoding.bind(new.columns).values(new.features), LEVEL)
    return float(np.mean((bounds[:, 0] <= new.target) & (new.target <= bounds[:, 1])))


@pytest.mark.slow
def test_intervals_of_generated_tables_hold_the_share_of_targets_that_the_level_is():
    found = [coverage(generated_table(seed), seed) for seed in range(200)]

    # Two standard deviations of one table are 0.05, and of the mean of 200 tables 0.004.
    assert np.mean(found) == pytest.approx(LEVEL, abs=0.02)
    assert min(found) > 0.75


@pytest.mark.slow
def test_intervals_of_real_tables_hold_the_share_of_targets_that_the_level_is():
    tables = list(real_tables())

    found = [np.mean([coverage(table, seed) for seed in range(SPLITS)]) for table in tables]

    assert len(tables) == 20
    assert np.mean(found) == pytest.approx(LEVEL, abs=0.02)
    assert min(found) > 0.85
