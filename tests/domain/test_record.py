import copy
import json

import pytest

from domain.errors import BrokenModel
from domain.record import from_record, to_record
from tests.examples import a_version


def record():
    return to_record(a_version("7"))


def test_record_survives_json_to_the_last_bit():
    assert from_record(json.loads(json.dumps(record())), "7") == a_version("7")


def test_record_names_its_schema_and_digest():
    assert record()["schema"] == 1
    assert record()["digest"] == a_version().model.digest


def test_record_kept_under_another_name_is_refused():
    with pytest.raises(BrokenModel, match="another name"):
        from_record(record(), "8")


def places(value, path=()):
    """Yield the path of everything inside a record."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from places(inner, (*path, key))


PLACES = [path for path in places(record()) if "settings" not in path[:-1]]


@pytest.mark.parametrize("path", PLACES, ids=".".join)
@pytest.mark.parametrize("wrong", [None, True, [], {}, "nonsense", [[1]], {"a": []}, b"x", float("nan"), 10**400])
def test_wrong_value_anywhere_is_a_broken_model(path, wrong):
    changed = copy.deepcopy(record())
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    if holder[path[-1]] == wrong or (path[-1] == "settings" and wrong == {}):
        return
    holder[path[-1]] = wrong

    try:
        version = from_record(changed, "7")
    except BrokenModel as error:
        assert error.version == "7"  # noqa: PT017  # either outcome is checked
    else:
        # Free text may be any text; the weights may not be any weights.
        assert isinstance(wrong, str)
        assert version.model == a_version("7").model


@pytest.mark.parametrize("text", ["\x1b]0;pwned\x07", "\x9b31m", "a\nb", "a\u2028b", "a\u202eb"])
def test_text_with_a_control_character_is_a_broken_model(text):
    changed = record()
    changed["features"] = [text]

    with pytest.raises(BrokenModel, match="control character"):
        from_record(changed, "7")


@pytest.mark.parametrize("path", PLACES, ids=".".join)
def test_missing_key_is_a_broken_model(path):
    changed = copy.deepcopy(record())
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]

    with pytest.raises(BrokenModel, match="does not hold exactly"):
        from_record(changed, "7")


@pytest.mark.parametrize(
    "junk", [None, [], "text", 7, {"schema": 1}, record() | {"more": 1}, record() | {"schema": 1.5}]
)
def test_what_is_no_record_is_a_broken_model(junk):
    with pytest.raises(BrokenModel):
        from_record(junk, "7")


def test_record_of_another_schema_names_both_schemas_and_the_way_out_whatever_else_it_holds():
    for changed in (record() | {"schema": 2}, {"schema": 2, "weights": []}):
        with pytest.raises(BrokenModel, match=r"schema 2; this one reads 1\): run that version, or promote"):
            from_record(changed, "7")


def test_setting_that_is_a_structure_is_refused():
    changed = record()
    changed["lineage"]["settings"] = {"seed": [1]}

    with pytest.raises(BrokenModel, match="settings is a list"):
        from_record(changed, "7")


def test_setting_whose_name_is_no_text_is_refused():
    changed = record()
    changed["lineage"]["settings"] = {1: 1}

    with pytest.raises(BrokenModel, match="int stands where text should"):
        from_record(changed, "7")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_setting_that_is_no_finite_number_is_refused(number):
    changed = record()
    changed["lineage"]["settings"] = {"tol": number}

    with pytest.raises(BrokenModel, match="settings is"):
        from_record(changed, "7")


@pytest.mark.parametrize("path", PLACES, ids=".".join)
def test_long_text_anywhere_is_a_broken_model_that_is_told_in_few_words(path):
    changed = copy.deepcopy(record())
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    long = "x" * 900_000
    holder[path[-1]] = [long, long] if path == ("features",) else long

    with pytest.raises(BrokenModel) as caught:
        from_record(changed, "7")

    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("key", ["schema", "name"])
def test_value_that_holds_itself_often_is_refused_without_being_written_down(key):
    bomb = []
    for _ in range(100):
        bomb = [bomb, bomb]

    with pytest.raises(BrokenModel, match="list stands where"):
        from_record(record() | {key: bomb}, "7")
