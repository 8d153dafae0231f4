import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from domain.features.encoding import Encoding
from domain.model.linear_model import BLOCK_ROWS, LinearModel

NUMBERS = st.floats(-1e6, 1e6)


@given(st.data(), st.integers(0, 40), st.integers(1, 30))
def test_a_row_predicts_the_same_bits_alone_as_among_others(data, rows, columns):
    design = data.draw(arrays(float, (rows, columns), elements=NUMBERS))
    weights = data.draw(arrays(float, columns, elements=NUMBERS))
    model = LinearModel(weights, 1.5, tuple(f"x{column}" for column in range(columns)))

    together = model.predict(design)

    alone = np.concatenate([np.empty(0), *(model.predict(design[row : row + 1]) for row in range(rows))])
    assert together.tobytes() == alone.tobytes()


def test_a_row_with_products_predicts_the_same_bits_alone_as_among_others():
    random, columns = np.random.default_rng(7), 12
    products = tuple((first, second) for first in range(columns) for second in range(first))
    encoding = Encoding(Encoding.of_numbers([f"x{column}" for column in range(columns)]).columns, products)
    model = LinearModel(random.normal(size=columns + len(products)), 1.5, encoding)
    design = random.normal(size=(BLOCK_ROWS + 2, columns))

    together = model.predict(design)

    alone = [model.predict(row[np.newaxis]).item() for row in design]
    assert together.tolist() == alone


def test_invalid_model_is_refused():
    for coefficients, intercept, names in (
        ([1.0, 2.0], 0.0, ("a",)),
        ([], 0.0, ()),
        ([[1.0]], 0.0, ("a",)),
        ([1.0, 2.0], 0.0, ("a", "a")),
        ([np.nan], 0.0, ("a",)),
        ([1.0], np.nan, ("a",)),
    ):
        with pytest.raises(ValueError, match=r"coefficient|repeat|no column"):
            LinearModel(coefficients, intercept, names)


def test_models_are_equal_exactly_if_names_and_weights_are():
    model = LinearModel([1.0], 2.0, ("a",))

    assert model == LinearModel(np.array([1.0]), 2, ("a",))
    assert len({model, LinearModel([1.0], 2.0, ("a",))}) == 1
    for other in (
        LinearModel([1.0], 2.0, ("b",)),
        LinearModel([np.nextafter(1, 2)], 2.0, ("a",)),
        LinearModel([1.0], 2.5, ("a",)),
        "a model",
    ):
        assert model != other


def test_weights_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        LinearModel([1.0], 2.0, ("a",)).coefficients[0] = 3
