import pytest

from domain.feature_change import FeatureChange


def test_same_features_in_the_same_order_are_no_change():
    assert FeatureChange.between(["bmi", "bp"], ("bmi", "bp")) is None


@pytest.mark.parametrize(
    ("after", "gone", "new", "words"),
    [
        (("bmi", "bp", "s5"), (), ("s5",), "new: s5"),
        (("bp",), ("bmi",), (), "gone: bmi"),
        (("s5", "age"), ("bmi", "bp"), ("age", "s5"), "gone: bmi, bp; new: age, s5"),
        (("bp", "bmi"), (), (), "the same in another order"),
    ],
)
def test_change_names_what_is_gone_and_what_is_new(after, gone, new, words):
    change = FeatureChange.between(("bmi", "bp"), after)

    assert change == FeatureChange(gone, new)
    assert str(change) == words


def test_change_of_many_features_stays_readable():
    change = FeatureChange.between(["bmi"], [f"x{number:03}" for number in range(1000)])

    assert str(change).endswith("… (1000 in all)")
    assert len(str(change)) < 200
