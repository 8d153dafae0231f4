from domain.model.prediction_input import design_matrix
from entrypoints.example_requests import examples


def test_examples_fit_models_with_any_number_of_features():
    assert examples(["bmi"]) == (0.2, [0.2, 0.5])
    for count in (1, 2, 8, 9, 40):
        names = [f"x{number}" for number in range(count)]

        one, many = examples(names)

        assert design_matrix([one, *many], tuple(names)).shape == (3, count)


def test_examples_are_plausible_rows_where_there_are_two():
    rows = [[120.5, 4.0], [80.0, 2.0], [1.0, 1.0]]
    first, second = {"area": 120.5, "rooms": 4.0}, {"area": 80.0, "rooms": 2.0}

    assert examples(["area", "rooms"], rows) == (first, [first, second])
    assert examples(["bmi"], [[0.03]]) == (0.2, [0.2, 0.5])
