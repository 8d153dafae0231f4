"""The passes that certify, begun with a preconditioner that is worse than the learner's own."""

from dataclasses import replace

import numpy as np
import pytest

from domain.dataset import Dataset
from domain.linear_model import LinearModel
from domain.sgd import SGD
from domain.sgd.certificate import Certificate
from domain.sgd.precision import DOUBLE
from domain.sgd.preconditioner import Preconditioner
from domain.sgd.reading import Reader
from domain.sgd.refinement import Refinement
from domain.sgd.sample import CentredSample
from domain.sgd.solve import solve
from domain.sgd.whitened import WhitenedSpace
from tests.domain.sgd.least_squares import excess_risk
from tests.examples import a_table

TABLE = a_table(rows=5_000, features=20)


NOTHING = Certificate(np.zeros(21), np.zeros(21), loss=1.0)


def begun(sample_rows: int, max_passes: int = 30) -> tuple[Refinement, Certificate]:
    """Return the passes to come and where they begin: the answer of a sample, in coordinates that it whitens."""
    sample = CentredSample.of(TABLE.sample(sample_rows, seed=0))
    space = WhitenedSpace(Preconditioner.from_sample(sample), np.zeros(21))
    answer = solve(sample.features @ space.preconditioner.whiten, sample.target + sample.target_centre)
    return Refinement(Reader(TABLE, 500), space, max_passes, tol=1e-12, target_square=1.0, precision=DOUBLE), answer


def test_sample_that_proves_slow_is_replaced_by_all_rows():
    passes, answer = begun(sample_rows=150)

    best = passes.refine(answer)

    assert passes.rebuilt == "a pass gained less than tenfold"
    assert passes.stop_reason == "tol"
    assert excess_risk(TABLE, passes.space.model(best.point, TABLE.feature_names)) < 1e-11


def test_direction_that_the_sample_takes_for_shorter_than_it_is_is_noticed():
    shrunk = TABLE.features.copy()
    shrunk[:, 0] /= 10
    sample = CentredSample.of(Dataset(shrunk, TABLE.target, TABLE.feature_names, "y"))
    space = WhitenedSpace(Preconditioner.from_sample(sample), np.zeros(21))
    known = SGD().fit(TABLE).model
    near = LinearModel(known.coefficients + 1e-3 * np.eye(20)[0], known.intercept, known.feature_names)
    passes = Refinement(Reader(TABLE, 500), space, 30, tol=1e-12, target_square=1.0, precision=DOUBLE)

    best = passes.refine(replace(NOTHING, point=space.point_of(near)))

    assert passes.rebuilt == "the loss curves more than the sample shows"  # a hundred times
    assert excess_risk(TABLE, passes.space.model(best.point, TABLE.feature_names)) < 1e-11


def test_each_pass_gains_what_the_sample_is_worth():
    passes, answer = begun(sample_rows=2_000)

    passes.refine(answer)

    gains = np.array(passes.reader.excess_risk[1:-1]) / passes.reader.excess_risk[:-2]
    # Columns over rows of the sample, 0.01, within a factor of 5; the last one ends in rounding.
    assert (gains < 0.05).all()
    assert passes.rebuilt == ""


@pytest.mark.parametrize("max_passes", range(1, 10))
def test_point_reached_is_certified_wherever_the_passes_end(max_passes):
    passes, answer = begun(150, max_passes)

    best = passes.refine(answer)

    truth = excess_risk(TABLE, passes.space.model(best.point, TABLE.feature_names))
    assert passes.reader.passes <= max_passes
    # The certificate is that of the point, in the space it is in; 150 rows know their covariance to a factor of 2.
    assert best.excess_risk == pytest.approx(truth, rel=1) or truth < 1e-12
