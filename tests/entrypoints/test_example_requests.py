from domain.features.encoding import Encoding
from domain.model.prediction_input import input_values
from domain.model.reference_predictions import ReferencePredictions
from entrypoints.example_requests import examples


def test_examples_fit_models_with_any_number_of_features():
    assert examples(Encoding.of_numbers(["bmi"]), None) == (0.2, [0.2, 0.5])
    for count in (1, 2, 8, 9, 40):
        encoding = Encoding.of_numbers([f"x{number}" for number in range(count)])

        one, many = examples(encoding, None)

        assert input_values([one, *many], encoding).shape == (3, count)


def test_examples_of_a_few_features_have_their_names():
    reference = ReferencePredictions([[0.0, 0.0], [120.5, 4.0], [80.0, 2.0]], [0.0] * 3)
    first, second = {"area": 120.5, "rooms": 4.0}, {"area": 80.0, "rooms": 2.0}

    assert examples(Encoding.of_numbers(["area", "rooms"]), reference) == (first, [first, second])
