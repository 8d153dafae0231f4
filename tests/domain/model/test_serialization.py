import copy
import json
from dataclasses import replace

import numpy as np
import pytest

from domain.data.split import HoldOutLast
from domain.learning.plan import Training
from domain.learning.sgd import SGD
from domain.model.errors import CorruptModel
from domain.model.moments import MAX_FEATURES, Moments
from domain.model.scores import evaluate
from domain.model.serialization import from_record, to_record
from tests.support.examples import a_table, a_training, a_version

MOMENTS = Moments(60, 50, np.array([0.25]), np.array([[0.1 + 0.2]]), 2500.0)


def record():
    return to_record(replace(a_version("7"), moments=MOMENTS))


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

    read = from_record(json.loads(json.dumps(made)), "7")

    assert read == a_version("7")
    assert to_record(read) == made
    assert (made["schema"], made["digest"]) == (1, a_version().model.digest)


def test_record_of_old_without_moments_is_read():
    old = to_record(a_version("7"))

    assert "moments" not in old
    assert from_record(old, "7").moments is None


@pytest.mark.parametrize(
    "moments",
    [
        {"mean": [0.25, 0.5]},
        {"factor": [[0.1, 0.2]]},
        {"factor": [[0.1], [0.2]]},
        {"rows": 40},
        {"measured_rows": 0},
        {"rows": 60.0},
        {"residual_variance": -1.0},
    ],
    ids=str,
)
def test_moments_that_cannot_be_are_a_broken_model(moments):
    made = record()
    made["moments"] |= moments

    with pytest.raises(CorruptModel):
        from_record(made, "7")


def test_moments_have_matching_shapes_and_finite_numbers():
    for mean, factor in (([0.0, 1.0], [[1.0]]), ([float("nan")], [[1.0]]), ([0.0], [[float("inf")]])):
        with pytest.raises(ValueError, match="moments"):
            Moments(9, 9, mean, factor, None)


def test_moments_of_many_features_are_not_kept():
    table = a_table(rows=5, features=MAX_FEATURES + 1)
    split = HoldOutLast(2)(table)
    fit = SGD().fit(split.train)

    assert Training("", split, fit, evaluate(fit.model, split.test)).moments() is None
    assert a_training().moments() is not None


@pytest.mark.parametrize("path", PLACES, ids=".".join)
def test_wrong_value_anywhere_is_a_broken_model(path):
    right = holder_of(record(), path)[path[-1]]
    for wrong in (None, True, [], {}, "nonsense", [[1]], {"a": []}, b"x", float("nan"), 10**400):
        if right == wrong or (path[-1], wrong) in (("settings", {}), ("residual_variance", None), ("factor", [[1]])):
            continue
        try:
            version = from_record(changed(path, wrong), "7")
        except CorruptModel as error:
            assert error.version == "7"  # noqa: PT017  # either outcome is checked
        else:
            # Free text may be any text; the weights may not be any weights.
            assert isinstance(wrong, str)
            assert version.model == a_version("7").model


@pytest.mark.parametrize("path", [path for path in PLACES if path != ("moments",)], ids=".".join)
def test_missing_key_and_long_text_anywhere_are_a_broken_model_in_few_words(path):
    without = copy.deepcopy(record())
    del holder_of(without, path)[path[-1]]
    long = "x" * 900_000

    with pytest.raises(CorruptModel, match="does not hold exactly"):
        from_record(without, "7")
    with pytest.raises(CorruptModel) as caught:
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
    with pytest.raises(CorruptModel, match=message):
        from_record(junk, "7")


def test_value_that_holds_itself_often_is_refused_without_being_written_down():
    bomb = []
    for _ in range(100):
        bomb = [bomb, bomb]

    for key in ("schema", "name"):
        with pytest.raises(CorruptModel, match="list stands where"):
            from_record(record() | {key: bomb}, "7")
