"""Tables in pieces: the same rows, sums and answers as the whole table's."""

from dataclasses import replace

import numpy as np
import pytest

from domain.data.pieces import FAN_IN, RangeOfTarget, added_in_tree
from domain.data.split import HoldOutFraction, HoldOutLast
from domain.errors import InvalidParameter
from domain.features.encoded_rows import EncodedRows
from domain.features.encoding import Encoding
from domain.learning.encoded_fit import fit_encoded
from domain.learning.sgd import SGD
from domain.learning.sgd.block_reader import Shift
from domain.learning.sgd.optimality import LossAt
from domain.learning.sgd.sample import SampleFactorOf
from domain.learning.terms.choice import choose_terms
from domain.model.scores import evaluate
from tests.contracts.rows import a_mixed_table
from tests.support.pieces import RoundsHere, in_pieces, traveled
from tests.support.sgd.hard_data import CASES, EXACT, SLOW, TOL, dataset, in_order_of, line, normal
from tests.support.sgd.truth import LeastSquares

ROWS = 60_000
# Two pieces, and eight of unequal lengths, three of which are empty.
CUTS = ([ROWS // 2], [0, 100, 20_000, 20_000, 45_000, 52_000, ROWS])


def a_table(rows=ROWS):
    return dataset(*line(normal(rows, 6)))


def numbers(fit):
    """Return all numbers of a fit that must not change by a bit."""
    report, moments = fit.report, fit.moments
    return (
        fit.model.digest,
        replace(report, seconds={}),
        moments.mean.tolist(),
        moments.factor.tolist(),
        moments.residual_variance,
    )


@pytest.mark.parametrize(
    "learner", [SGD(), SGD(penalty=5.0, tol=1e-12), SGD(max_passes=2, batch_size=500, seed=3), SGD.textbook(0.1, 3)]
)
def test_fit_of_a_table_in_one_piece_has_the_bits_of_the_whole_table(learner):
    for table in (a_table(), a_table(300), dataset(*in_order_of(a_table().target, line(normal(ROWS, 6))))):
        assert numbers(learner.fit(in_pieces(table, []))) == numbers(learner.fit(table))


def test_encoded_fit_of_a_table_in_one_piece_has_the_bits_of_the_whole_table():
    for rows in (12_000, 900):
        table = a_mixed_table(rows)
        choice = choose_terms(table, "splines", None, seed=0)

        assert numbers(fit_encoded(SGD(), in_pieces(table, []), choice)) == numbers(fit_encoded(SGD(), table, choice))


@pytest.mark.parametrize("cuts", CUTS, ids=["two", "eight"])
@pytest.mark.parametrize("learner", [SGD(tol=1e-8), SGD(tol=1e-8, penalty=20.0)], ids=["plain", "penalized"])
def test_encoded_fit_of_pieces_predicts_what_that_of_the_whole_table_does(cuts, learner):
    table = a_mixed_table(ROWS)
    choice = replace(choose_terms(table, "splines", 20.0, seed=0), penalty=learner.penalty)

    whole, pieces = (fit_encoded(learner, rows, choice) for rows in (table, in_pieces(table, cuts)))

    assert pieces.report.stop_reason == "tol"
    apart = whole.model.predict(table.features) - pieces.model.predict(table.features)
    # Both are within tol of the optimum: √(2 · 2 tol) of the noise of 1.
    assert np.sqrt(np.mean(apart**2)) <= 2e-4


@pytest.mark.parametrize("cuts", CUTS, ids=["two", "eight"])
def test_fits_of_pieces_and_of_the_whole_table_differ_by_less_than_their_tolerance(cuts):
    table = a_table()
    for tol in (1e-6, 1e-12):
        whole, pieces = (SGD(tol=tol).fit(rows).model for rows in (table, in_pieces(table, cuts)))

        apart = whole.predict(table.features) - pieces.predict(table.features)
        # Both are within tol of the optimum, where the RMSE is 1.
        assert np.sqrt(np.mean(apart**2)) <= 2 * np.sqrt(tol) * 1.02


# A case of each kind, and all others, which take minutes.
QUICK = {
    "iid", "sorted_by_y", "drifted_groups", "x_offset_1e9", "duplicates_and_constant", "leverage", "n_4097",
    "n_50_d_80", "constant_columns_only", "large_constants", "float32_offset_1e4",
}  # fmt: skip


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in CASES if name not in SLOW]
)
def test_fit_of_pieces_is_within_the_tolerance_and_its_certificate_is_true(name):
    features, target = CASES[name]()
    count, problem = len(target), LeastSquares(features, target)
    for cuts in ([count // 2], [0, *(count * k // 5 for k in range(1, 5)), count, count]):
        fit = SGD(tol=TOL).fit(in_pieces(dataset(features, target), cuts))

        # Bounds as for whole tables, in test_robustness.py.
        judged, report = problem.judge(fit.model), fit.report
        assert (report.stop_reason in {"tol", "exact"}, report.rank) == (True, problem.rank)
        if name in EXACT:
            assert judged.mse <= 1e-25 * np.var(problem.target) + judged.noise
        else:
            assert judged.excess <= 10 * TOL
        if name not in EXACT and report.stop_reason == "tol":
            noise, certified = 10 * judged.rounding, report.relative_excess_loss[-1]
            assert certified >= 0.7 * judged.excess - noise
            assert certified <= max(1.4 * judged.excess + noise, TOL)


@pytest.mark.slow
def test_fit_of_pieces_takes_few_passes():
    rows = 1_000_000
    features, target = line(normal(rows))
    drifting = features + np.linspace(0, 3, rows)[:, None]
    drifting_target = drifting @ np.linspace(1, 2, 20) + np.linspace(0, 5, rows) + target - features.sum(axis=1)
    eight = [rows * k // 8 for k in range(1, 8)]
    tables = {
        "iid": (dataset(features, target), eight, 2),
        "unequal": (dataset(features, target), [rows // 104, rows // 52, rows // 26], 2),
        "sorted by target": (dataset(*in_order_of(target, (features, target))), eight, 4),
        "drifting": (dataset(drifting, drifting_target), eight, 4),
    }
    for name, (table, cuts, passes) in tables.items():
        report = SGD(tol=1e-6).fit(in_pieces(table, cuts)).report

        assert (report.stop_reason, report.passes <= passes) == ("tol", True), (name, report.passes)


@pytest.mark.parametrize("cuts", CUTS, ids=["two", "eight"])
def test_scores_parts_and_target_of_pieces_are_those_of_the_whole_table(cuts):
    table, model = a_table(), SGD().fit(a_table()).model
    rows = in_pieces(table, cuts)

    for hold_out in (HoldOutFraction(0.3, seed=1), HoldOutLast(9_000)):
        whole, pieces = hold_out(table), hold_out(rows)
        for one, other in ((whole.train, pieces.train), (whole.test, pieces.test)):
            assert len(one) == len(other)
            assert one.fingerprint == other.fingerprint
            # Sums of 18,000 to 42,000 terms, added in another order.
            assert evaluate(model, other).as_dict() == pytest.approx(evaluate(model, one).as_dict(), rel=1e-12)
    assert rows.constant_target() is None
    assert next(rows.blocks(50)).target.tolist() == table.target[:50].tolist()
    assert rows.sample(20, seed=1).target.tolist() == table.sample(20, seed=1).target.tolist()


def test_target_of_pieces_is_constant_only_if_it_is_in_every_row():
    constant = np.full(ROWS, 2.5)
    other = constant.copy()
    other[-7] = 3.0

    answers = [in_pieces(dataset(normal(ROWS, 2), one), CUTS[1]).constant_target() for one in (constant, other)]

    assert answers == [2.5, None]
    assert in_pieces(dataset(normal(2, 2), constant[:2]).rows(slice(0, 0)), [0, 0]).constant_target() is None


def test_rows_of_no_piece_have_sums_of_no_row():
    none = in_pieces(a_table(10).rows(slice(0, 0)), [0])

    assert none.reduce(LossAt(np.zeros(7)), 10).rows == 0
    assert none.drawn(5, seed=0).reduce(RangeOfTarget()).low == np.inf
    assert none.chain_rows == 0


def test_sample_of_pieces_has_the_share_of_each_and_is_prepared_where_it_is():
    table = dataset(np.arange(ROWS, dtype=float)[:, None], np.arange(ROWS, dtype=float))
    rows = in_pieces(table, CUTS[1])

    some = rows.drawn(600, seed=4)
    factor = some.reduce(SampleFactorOf()).factor

    assert factor.rows == 600
    assert some.reduce(SampleFactorOf()).factor.mean.tolist() == factor.mean.tolist()
    # One row of each hundred: the mean of the numbers is off by 100 / √12 / √600 of a standard error.
    assert factor.mean[0] == pytest.approx(ROWS / 2, abs=5)
    shifted = some.prepared(Shift(np.array([0.0, 7.0]))).prepared(Shift(np.array([1.0, 0.0])))
    assert shifted.reduce(SampleFactorOf()).factor.mean == pytest.approx(factor.mean - [1, 7])
    every = rows.drawn(ROWS + 1, seed=4).reduce(SampleFactorOf()).factor
    assert (every.rows, every.mean[0]) == (ROWS, pytest.approx((ROWS - 1) / 2))


def test_no_message_of_a_fit_grows_with_the_rows():
    sizes = []
    for rows in (20_000, 60_000):
        rounds = RoundsHere()
        SGD(tol=1e-12, penalty=1.0).fit(in_pieces(a_table(rows), [rows // 3], rounds))
        sizes.append(max(rounds.sizes))

    # A factor of 8 × 8 numbers and names of classes; 64 rows of the table would be 3,584 bytes.
    assert sizes[0] == pytest.approx(sizes[1], abs=16)
    assert max(sizes) < 3_000


def test_batches_of_plain_descent_are_refused_for_pieces():
    with pytest.raises(InvalidParameter, match="batch_size is 32, but must be left out for a table in pieces"):
        SGD(0.1, batch_size=32, tol=None).fit(in_pieces(a_table(), [20_000]))


def test_progress_counts_the_rows_of_each_piece_and_can_end_the_fit():
    seen = []

    SGD().fit(in_pieces(a_table(), [20_000]), seen.append)

    assert [one.rows_seen for one in seen if one.phase == "descent"][-1] == ROWS

    def refuse(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SGD().fit(in_pieces(a_table(), [20_000]), refuse)


def test_tree_adds_neighbors_in_order():
    class Text(str):
        def __add__(self, other):
            return Text(f"({self}{other})")

    sums = [Text(letter) for letter in "abcdefghij"]

    assert FAN_IN == 8
    assert added_in_tree(sums) == "((((((((ab)c)d)e)f)g)h)(ij))"
    assert added_in_tree(sums[:1]) == "a"


def test_encoder_travels_with_its_rows():
    table = a_mixed_table(500)
    choice = choose_terms(table, "interactions", 1.0, seed=0)

    (there,) = traveled(EncodedRows(table, choice.encoding)).blocks(500)

    (here,) = EncodedRows(table, choice.encoding).blocks(500)
    assert np.array_equal(there.features, here.features)
    assert np.array_equal(EncodedRows(table, choice.encoding).sample(500, seed=0).features, here.features)


def test_plain_numbers_are_read_as_they_are():
    table = a_table(50)

    (block,) = EncodedRows(table, Encoding.of_numbers(table.feature_names)).blocks(50)

    assert np.shares_memory(block.features, table.features)


def test_table_in_memory_is_one_piece():
    table = a_table(50)

    assert table.pieces() == (table,)
