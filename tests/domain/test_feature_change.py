from domain.feature_change import feature_change

BEFORE = ("bmi", "bp")


def test_change_names_what_is_gone_and_what_is_new():
    assert feature_change(BEFORE, ["bmi", "bp"]) == ""
    assert feature_change(BEFORE, ("bmi", "bp", "s5")) == "new: s5"
    assert feature_change(BEFORE, ("s5", "age")) == "gone: bmi, bp; new: age, s5"
    assert feature_change(BEFORE, ("bp", "bmi")) == "the same in another order"
    many = feature_change(BEFORE, [f"x{number:03}" for number in range(1000)])
    assert many.endswith("… (1000 in all)")
    assert len(many) < 200
