import copy
import json

import pytest

from domain.errors import BrokenModel
from domain.record import from_record, to_record
from tests.examples import a_version


def record():
    return to_record(a_version("7"))


def places(value, path=()):
    """Yield the path of everything inside a record."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from places(inner, (*path, key))


PLACES = [path for path in places(record()) if "settings" not in path[:-1]]


def holder_of(changed, path):
    for key in path[:-1]:
        changed = changed[key]
    return changed


def changed(path, value):
    made = copy.deepcopy(record())
    holder_of(made, path)[path[-1]] = value
    return made


def test_record_survives_json_to_the_last_bit_and_names_schema_and_digest():
    made = record()

    assert from_record(json.loads(json.dumps(made)), "7") == a_version("7")
    assert (made["schema"], made["digest"]) == (1, a_version().model.digest)


@pytest.mark.parametrize("path", PLACES, ids=".".join)
def test_wrong_value_anywhere_is_a_broken_model(path):
    right = holder_of(record(), path)[path[-1]]
    for wrong in (None, True, [], {}, "nonsense", [[1]], {"a": []}, b"x", float("nan"), 10**400):
        if right == wrong or (path[-1] == "settings" and wrong == {}):
            continue
        try:
            version = from_record(changed(path, wrong), "7")
        except BrokenModel as error:
            assert error.version == "7"  # noqa: PT017  # either outcome is checked
        else:
            # Free text may be any text; the weights may not be any weights.
            assert isinstance(wrong, str)
            assert version.model == a_version("7").model


@pytest.mark.parametrize("path", PLACES, ids=".".join)
def test_missing_key_and_long_text_anywhere_are_a_broken_model_in_few_words(path):
    without = copy.deepcopy(record())
    del holder_of(without, path)[path[-1]]
    long = "x" * 900_000

    with pytest.raises(BrokenModel, match="does not hold exactly"):
        from_record(without, "7")
    with pytest.raises(BrokenModel) as caught:
        from_record(changed(path, [long, long] if path == ("features",) else long), "7")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("junk", "message"),
    [
        *(
            (junk, "hold exactly|schema is not 1")
            for junk in (None, [], "text", 7, {"schema": 1}, record() | {"more": 1}, record() | {"schema": 1.5})
        ),
        (record() | {"name": "8"}, "another name"),
        *(
            (record() | {"features": [text]}, "control character")
            for text in ("\x1b]0;pwned\x07", "\x9b31m", "a\nb", "a\u2028b", "a\u202eb")
        ),
        (changed(("lineage", "settings"), {"seed": [1]}), "settings is a list"),
        (changed(("lineage", "settings"), {1: 1}), "int stands where text should"),
        *(
            (changed(("lineage", "settings"), {"tol": float(number)}), "settings is")
            for number in ("nan", "inf", "-inf")
        ),
        (record() | {"schema": 2}, r"schema 2; this one reads 1\): run that version, or promote"),
        ({"schema": 2, "weights": []}, r"schema 2; this one reads 1\): run that version, or promote"),
    ],
)
def test_what_is_no_record_is_a_broken_model(junk, message):
    with pytest.raises(BrokenModel, match=message):
        from_record(junk, "7")


def test_value_that_holds_itself_often_is_refused_without_being_written_down():
    bomb = []
    for _ in range(100):
        bomb = [bomb, bomb]

    for key in ("schema", "name"):
        with pytest.raises(BrokenModel, match="list stands where"):
            from_record(record() | {key: bomb}, "7")
