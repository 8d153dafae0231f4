from domain.model.feature_change import feature_change

BEFORE = {"bmi": "number", "bp": "number"}


def test_change_names_removed_and_added_features_and_a_new_order():
    assert feature_change(BEFORE, dict(BEFORE)) == ""
    assert feature_change(BEFORE, {**BEFORE, "s5": "category"}) == "added: s5"
    assert feature_change(BEFORE, {"s5": "number", "age": "number"}) == "removed: bmi, bp; added: age, s5"
    assert feature_change(BEFORE, {"bp": "number", "bmi": "number"}) == "the same in another order"
    assert feature_change(BEFORE, BEFORE | {"bp": "boolean"}) == "other kinds: bp (boolean, was number)"
    assert len(feature_change(BEFORE, {f"x{number:03}": "number" for number in range(1000)})) < 200
