import numpy as np
import pytest

from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.data.errors import UnusableColumns
from domain.features.target_transform import IDENTITY
from domain.learning.encoded_fit import fit_encoded
from domain.learning.sgd import SGD
from domain.learning.terms import cross_validation
from domain.learning.terms.choice import choose_terms

ROWS, RANDOM = 400, np.random.default_rng(1)
NUMBERS, NOISE = RANDOM.normal(size=(ROWS, 3)), RANDOM.normal(size=ROWS)
CODES, SECONDS = RANDOM.integers(0, 3, ROWS), RANDOM.integers(0, 10**8, ROWS)
LEVELS = ("Bergen", "Moss", "Oslo")
COLUMNS = (
    Column("a", nullable=True),
    Column("b"),
    Column("new", "boolean"),
    Column("city", "category", LEVELS, nullable=True),
    Column("sold", "datetime"),
)
MIXED = np.column_stack([NUMBERS[:, :2], NUMBERS[:, 2] > 0, CODES, SECONDS]).astype(float)
MIXED[::7, 0] = MIXED[::11, 3] = np.nan
PRICE = 5 + NUMBERS[:, 0] + CODES + NOISE


def mixed(order=range(5), levels=LEVELS):
    """Return the mixed table with its columns in another order, and with other texts for the levels."""
    features, texts = MIXED.copy(), sorted(levels)
    features[:, 3] = [code if np.isnan(code) else texts.index(levels[int(code)]) for code in MIXED[:, 3]]
    columns = [
        Column("city", "category", tuple(texts), nullable=True) if each.name == "city" else each for each in COLUMNS
    ]
    return Dataset(features[:, list(order)], PRICE, tuple(columns[place] for place in order), "price")


def chosen(choice):
    return [candidate.name for candidate in choice.candidates if candidate.chosen]


def numbers(target):
    return Dataset(NUMBERS, target, ("a", "b", "c"), "price")


def coefficients(table):
    choice = choose_terms(table, "auto", None, 0)
    model = fit_encoded(SGD(tol=1e-12), table, choice).model
    return choice.penalty, dict(zip(model.term_names, model.coefficients.tolist(), strict=True))


def test_terms_are_those_that_predict_rows_from_others():
    line, bend = NUMBERS[:, 0], np.abs(NUMBERS[:, 1])
    product = NUMBERS[:, 0] * NUMBERS[:, 1]
    for target, terms, expected in (
        (NOISE, "auto", "linear"),
        (line + NOISE, "auto", "linear"),
        (line + bend + 0.1 * NOISE, "auto", "splines with 10 knots"),
        (line + bend + 0.1 * NOISE, "linear", "linear"),
        (line + product + NOISE, "auto", "linear and products"),
        (line + product + NOISE, "splines", "splines with 2 knots"),
        (NOISE, "interactions", "linear and products"),
    ):
        choice = choose_terms(numbers(target), terms, None, 0)

        assert chosen(choice) == [expected], (terms, expected)


def test_order_of_columns_and_levels_does_not_matter():
    penalty, expected = coefficients(mixed())

    for order, levels in (((4, 2, 0, 3, 1), LEVELS), (range(5), ("Moss", "Oslo", "Bergen"))):
        found_penalty, found = coefficients(mixed(order, levels))

        renamed = {f"city={level}": f"city={other}" for level, other in zip(LEVELS, levels, strict=True)}
        assert found_penalty == penalty
        # An excess loss of 1e-12 is 1e-6 of the noise.
        assert found == pytest.approx({renamed.get(name, name): each for name, each in expected.items()}, abs=1e-5)


def test_units_and_extreme_numbers_do_not_matter():
    line = NUMBERS[:, 0] + NOISE
    expected = choose_terms(numbers(line), "auto", None, 0)

    for unit, offset in ((1e140, 0.0), (1e-140, 0.0), (1.0, 1e9)):
        features = np.column_stack([NUMBERS * unit + offset, NUMBERS[:, 0] * 3, np.ones(ROWS)])
        for target in (line, line * unit + offset):
            found = choose_terms(Dataset(features, target, tuple("abcde"), "price"), "auto", None, 0)
            scores = found.candidates[0]
            assert chosen(found) == ["linear"]
            # The third column of the same information makes room for a little less penalty.
            assert scores.r2 == pytest.approx(expected.candidates[0].r2, abs=0.01)
            assert scores.rmse / np.std(target) == pytest.approx(np.sqrt(1 - scores.r2), rel=1e-6)


def test_linear_terms_without_a_penalty_are_plain_least_squares():
    table = numbers(NUMBERS[:, 0] + NOISE)

    plain = choose_terms(table, "linear", 0.0, 0)
    almost = choose_terms(table, "linear", 1e-9, 0)

    assert (plain.penalty, plain.target_transform, plain.candidates) == (0.0, IDENTITY, ())
    assert plain.encoding.is_plain
    low, high = table.target.min(), table.target.max()
    limits = (low - (high - low) / 10, high + (high - low) / 10)
    assert (almost.target_transform.low, almost.target_transform.high) == pytest.approx(limits)
    design = np.column_stack([NUMBERS, np.ones(ROWS)])
    errors = table.target - design @ np.linalg.lstsq(design, table.target, rcond=None)[0]
    left = 1 - np.einsum("ij,ji->i", design, np.linalg.pinv(design))
    assert almost.candidates[0].rmse == pytest.approx(np.sqrt(np.mean((errors / left) ** 2)), rel=1e-6)


def test_logarithm_is_judged_in_target_units():
    table = numbers(np.exp(3 * NUMBERS[:, 0] + 0.1 * NOISE))

    linear, log = (choose_terms(table, "linear", None, 0, log_target=log) for log in (False, True))

    assert log.target_transform.log
    assert log.candidates[0].r2 > 0.9 > linear.candidates[0].r2


def test_wide_tables_are_judged_by_fewer_rows_and_without_more_terms(monkeypatch):
    monkeypatch.setattr(cross_validation, "MAX_MULTIPLICATIONS", 6 * 6 * 100)

    choice = choose_terms(numbers(NOISE), "auto", None, 0)

    assert [candidate.terms for candidate in choice.candidates] == [3, 6]
    assert choice.penalty in cross_validation.PENALTIES_PER_ROW * 100


def test_columns_of_empty_cells_are_refused():
    table = Dataset(np.full((ROWS, 1), np.nan), PRICE, (Column("a", nullable=True),), "price")

    with pytest.raises(UnusableColumns, match="'a'"):
        choose_terms(table, "auto", None, 0)


def test_constant_target_is_predicted_by_straight_lines_without_an_error():
    rows = Dataset(np.random.default_rng(0).normal(size=(40, 1)), np.full(40, 7.0), ("x",), "y")

    (best,) = (each for each in choose_terms(rows, "auto", None, 0).candidates if each.chosen)

    assert (best.name, best.rmse) == ("linear", 0.0)


def test_largest_penalty_of_equal_merit_is_chosen():
    one, other = np.zeros(16), np.tile([0.0, 1.0], 8)  # 0.5 ± 0.125

    for columns, expected in (([other, one, one], 2), ([one, other], 0), ([one, 0.1 * other, other], 0), ([one], 0)):
        assert cross_validation.largest_within_chance(np.column_stack(columns)) == expected
    noisy = np.column_stack([one, np.tile([-1.0, 1.05], 8)])  # 0.025 ± 0.26
    assert cross_validation.largest_within_chance(noisy) == 1
