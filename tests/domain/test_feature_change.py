import pytest

from domain.feature_change import feature_change


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (["bmi", "bp"], ""),
        (("bmi", "bp", "s5"), "new: s5"),
        (("bp",), "gone: bmi"),
        (("s5", "age"), "gone: bmi, bp; new: age, s5"),
        (("bp", "bmi"), "the same in another order"),
    ],
)
def test_change_names_what_is_gone_and_what_is_new(after, words):
    assert feature_change(("bmi", "bp"), after) == words


def test_change_of_many_features_stays_readable():
    change = feature_change(["bmi"], [f"x{number:03}" for number in range(1000)])

    assert change.endswith("… (1000 in all)")
    assert len(change) < 200
