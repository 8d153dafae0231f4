import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.features.encoding import Encoding
from domain.model.leverage import error_scale
from domain.model.moments import MAX_FEATURES, Moments
from domain.model.prediction_input import input_values
from tests.support.mixed_tables import mixed_tables


def moments_of(terms):
    centered = terms - terms.mean(axis=0)
    factor = np.linalg.qr(centered, mode="r") / np.sqrt(len(terms))
    return Moments(len(terms), len(terms), terms.mean(axis=0), factor, None)


def leverage(moments, terms):
    """Return the leverage of rows of plain numbers."""
    encoding = Encoding.of_numbers(tuple(f"x{place}" for place in range(terms.shape[1])))
    return error_scale(encoding, moments, terms) ** 2 - 1


def test_leverage_is_the_diagonal_of_the_hat_matrix_but_for_one_row():
    random = np.random.default_rng(1)
    terms = random.normal(size=(400, 5)) @ (np.eye(5) + 0.3 * random.normal(size=(5, 5))) + 7

    found = leverage(moments_of(terms), terms)

    design = np.column_stack([np.ones(400), terms])
    hat = np.einsum("ij,ij->i", design @ np.linalg.inv(design.T @ design), design)
    # One row of 400 is added to the spread.
    assert found == pytest.approx(hat, rel=0.02)


def test_leverage_is_bounded_where_the_training_rows_do_not_vary():
    levels = np.eye(3)[np.arange(30) % 3]  # each row is of one of three levels
    moments = moments_of(np.column_stack([levels, np.full(30, 5.0), np.arange(30.0)]))

    unseen_level, another_constant, far = leverage(
        moments, np.array([[0.0, 0.0, 0.0, 5.0, 14.5], [1.0, 0.0, 0.0, 6.0, 14.5], [1.0, 0.0, 0.0, 5.0, 1e4]])
    )

    assert 0.5 < unseen_level < 3
    assert another_constant < 1.5
    assert far > 1e4


def test_scale_of_the_largest_values_is_finite():
    moments = Moments(4, 4, np.zeros(1), np.ones((1, 1)), None)

    # The leverage is x² / (4 + 1) there.
    assert error_scale(Encoding.of_numbers(("x",)), moments, np.array([[1e300]])) == pytest.approx(1e300 / np.sqrt(5))


def test_scale_is_1_without_moments_and_with_those_of_too_many_terms():
    many = MAX_FEATURES + 1
    encoding = Encoding.of_numbers(tuple(f"x{place}" for place in range(many)))
    values = np.ones((2, many))

    for moments in (None, Moments(9, 9, np.zeros(many), np.eye(many), None)):
        assert error_scale(encoding, moments, values).tolist() == [1.0, 1.0]


@settings(max_examples=50)
@given(mixed_tables(), st.integers(0, 9))
def test_scale_of_a_row_is_the_same_to_the_bit_alone_and_among_others(table, seed):
    encoding, rows = table
    count = len(encoding.term_names)
    random = np.random.default_rng(seed)
    moments = Moments(99, 99, random.normal(size=count), np.triu(random.normal(size=(count, count))), None)
    values = np.tile(input_values(rows, encoding), (2_000 // len(rows), 1))

    among = error_scale(encoding, moments, values)

    alone = [error_scale(encoding, moments, values[place : place + 1])[0] for place in range(len(rows))]
    assert np.tile(alone, 2_000 // len(rows)).tobytes() == among.tobytes()
    assert (among >= 1).all()
