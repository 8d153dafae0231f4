from domain.model.feature_change import feature_change

BEFORE = ("bmi", "bp")


def test_change_names_removed_and_added_features_and_a_new_order():
    assert feature_change(BEFORE, ["bmi", "bp"]) == ""
    assert feature_change(BEFORE, ("bmi", "bp", "s5")) == "added: s5"
    assert feature_change(BEFORE, ("s5", "age")) == "removed: bmi, bp; added: age, s5"
    assert feature_change(BEFORE, ("bp", "bmi")) == "the same in another order"
    assert len(feature_change(BEFORE, [f"x{number:03}" for number in range(1000)])) < 200
