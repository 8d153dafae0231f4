import pytest

from domain.model.prediction_input import design_matrix
from entrypoints.example_requests import examples


def test_example_of_one_feature_is_the_blueprints():
    assert examples(["bmi"]) == (0.2, [0.2, 0.5])


@pytest.mark.parametrize("count", [1, 2, 8, 9, 40])
def test_examples_fit_the_model(count):
    names = [f"x{number}" for number in range(count)]

    one, many = examples(names)

    assert design_matrix([one, *many], tuple(names)).shape == (3, count)
