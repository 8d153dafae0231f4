import copy
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from domain.data.split import HoldOutLast
from domain.learning.plan import Training
from domain.learning.sgd import SGD
from domain.model.calibration import Calibration
from domain.model.distributions import Distributions
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from domain.model.model_version import MAX_WARNING_CHARACTERS, MAX_WARNINGS, ModelVersion
from domain.model.moments import MAX_FEATURES, Moments
from domain.model.moments_record import from_moments, to_moments
from domain.model.prediction_input import input_values
from domain.model.scores import evaluate
from domain.model.serialization import SCHEMA, from_record, to_record
from tests.support.examples import a_lineage, a_table, a_training, a_version
from tests.support.mixed_tables import a_mixed_model, mixed_tables

MOMENTS = Moments(60, 50, np.array([0.25]), np.array([[0.1 + 0.2]]), 2500.0)
CALIBRATION = Calibration(4, np.array([0.0, 0.1 + 0.2, 7.0]))


def record():
    return to_record(replace(a_version("7"), moments=MOMENTS, calibration=CALIBRATION))


def places(value, path=()):
    """Yield the path of everything inside a record."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from places(inner, (*path, key))


STEERING = ("\x1b]0;pwned\x07", "\x9b31m", "a\nb", "a\u2028b", "a\u202eb")
PLACES = [path for path in places(record()) if "settings" not in path[:-1]]
OPTIONAL = (
    *(("moments",), ("calibration",), ("lineage", "intervals"), ("lineage", "warnings")),
    *(("lineage", "intervals", name) for name in ("r2", "rmse", "mae")),
)
# Other values that a record may have.
FITTING = (
    *(("settings", {}), ("intervals", {}), ("warnings", []), ("residual_variance", None), ("factor", [[1]])),
    ("conformity_scores", []),
)


def encoding_of(name):
    """Return the record's encoding with another name of its column."""
    encoding = record()["encoding"]
    return encoding | {"columns": [encoding["columns"][0] | {"name": name}]}


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
    assert (made["schema"], made["digest"]) == (SCHEMA, a_version().model.digest)


def test_records_of_older_schemas_are_read():
    for schema, made in ((1, to_record(a_version("7"))), (2, record())):
        old = made | {"schema": schema, "features": made["terms"]}
        if schema == 2:
            old["moments"] = made["moments"] | {"factor": [[0.1 + 0.2]]}
        for key in ("encoding", "terms", "target_transform", *(["calibration"] if schema == 2 else [])):
            del old[key]

        read = from_record(old, "7")

        assert (read.model, read.moments is None) == (a_version().model, schema == 1)
        assert read.moments is None or read.moments.factor.tolist() == [[0.1 + 0.2]]


def test_record_of_schema_4_without_intervals_and_warnings_is_read():
    old = record() | {"schema": 4, "lineage": dict(record()["lineage"])}
    del old["lineage"]["intervals"], old["lineage"]["warnings"]

    lineage = from_record(old, "7").lineage

    assert (lineage.intervals, lineage.warnings) == ({}, None)
    assert "warnings" not in to_record(from_record(old, "7"))["lineage"]


def test_record_of_schema_3_without_distributions_is_read():
    read = from_record(record() | {"schema": 3}, "7")

    assert (read, read.distributions) == (a_version("7"), None)


def test_distributions_travel_with_the_record_and_broken_ones_are_a_corrupt_model():
    distributions = Distributions.of(a_version().model, np.linspace(0, 1, 40)[:, np.newaxis], seed=0)
    made = to_record(replace(a_version("7"), distributions=distributions))

    assert from_record(json.loads(json.dumps(made)), "7").distributions == distributions
    with pytest.raises(CorruptModel, match="not those of its rows"):
        from_record(made | {"distributions": made["distributions"] | {"rows": 1}}, "7")


def test_moments_with_invalid_values_are_a_corrupt_model():
    for moments in (
        *({"mean": [0.25, 0.5]}, {"factor": [[0.1, 0.2]]}, {"factor": [[0.1], [0.2]]}, {"rows": 40}),
        *({"factor": text} for text in ("M" * 8, "M" * 16, "?" * 12, "é" * 12, "AAAAAAAA8H8=", "M" * 900_000)),
        *({"measured_rows": 0}, {"rows": 60.0}, {"residual_variance": -1.0}),
    ):
        with pytest.raises(CorruptModel):
            from_record(record() | {"moments": record()["moments"] | moments}, "7")
    for mean, factor in (([0.0, 1.0], [[1.0]]), ([float("nan")], [[1.0]]), ([0.0], [[float("inf")]])):
        with pytest.raises(ValueError, match="moments"):
            Moments(9, 9, mean, factor, None)


def test_moments_of_the_most_terms_take_1_4_megabytes_and_survive_json_to_the_last_bit():
    factor = np.triu(np.random.default_rng(0).normal(size=(MAX_FEATURES, MAX_FEATURES)))
    written = json.dumps(from_moments(Moments(9, 9, np.zeros(MAX_FEATURES), factor, None)))

    assert len(written) < 1_450_000
    assert to_moments(json.loads(written), MAX_FEATURES).factor.tobytes() == factor.tobytes()


def test_calibration_with_invalid_values_is_a_corrupt_model():
    for calibration in ({"rows": 2}, {"rows": 1_001}, {"conformity_scores": [0.3, 0.0]}, {"conformity_scores": [-0.1]}):
        with pytest.raises(CorruptModel):
            from_record(record() | {"calibration": record()["calibration"] | calibration}, "7")


def test_moments_of_many_features_are_not_kept():
    table = a_table(rows=5, features=MAX_FEATURES + 1)
    split = HoldOutLast(2)(table)
    fit = SGD().fit(split.train)

    assert Training("", split, fit, evaluate(fit.model, split.test)).moments() is None
    assert a_training().moments() is not None


def test_wrong_value_anywhere_is_a_corrupt_model():
    for path in PLACES:
        right = holder_of(record(), path)[path[-1]]
        for wrong in (None, True, [], {}, "nonsense", [[1]], {"a": []}, b"x", float("nan"), 10**400):
            if right == wrong or (path[-1], wrong) in FITTING:
                continue
            try:
                version = from_record(changed(path, wrong), "7")
            except CorruptModel as error:
                assert error.version == "7"  # noqa: PT017  # either outcome is checked
            else:
                # Free text may be any text; the weights may not be any weights.
                assert isinstance(wrong, str), path
                assert version.model == a_version("7").model, path


def test_missing_key_and_long_text_anywhere_are_a_corrupt_model_with_a_short_message():
    long = "x" * 900_000
    for path in PLACES:
        without = copy.deepcopy(record())
        del holder_of(without, path)[path[-1]]
        broken = [changed(path, [long, long] if path == ("terms",) else long)]
        for value in broken if path in OPTIONAL else [without, *broken]:
            with pytest.raises(CorruptModel) as caught:
                from_record(value, "7")
            assert len(str(caught.value)) < 200, path


@settings(max_examples=50)
@given(mixed_tables())
def test_generated_columns_survive_json(table):
    encoding, rows = table
    model = LinearModel(np.linspace(-1, 1, len(encoding.term_names)), 0.5, encoding)
    made = to_record(ModelVersion("7", model, a_lineage()))

    read = from_record(json.loads(json.dumps(made)), "7").model

    assert (read.encoding, read.digest) == (encoding, model.digest)
    values = input_values(rows, encoding)
    assert read.predict(values).tobytes() == model.predict(values).tobytes()


def test_columns_that_no_version_writes_are_a_corrupt_model():
    made = to_record(ModelVersion("7", a_mixed_model(), a_lineage()))
    area, new, city, sold = made["encoding"]["columns"]
    for wrong in (
        [area, new, city | {"levels": [str(place) for place in range(201)]}, sold],
        [area, new, city, sold | {"parts": ["minute"]}],
        [area | {"format": {"kind": "number", "pattern": "(a+)+$", "accepted": "", "rules": []}}, new, city, sold],
    ):
        with pytest.raises(CorruptModel, match=r"too many levels|unknown parts|unknown format"):
            from_record(made | {"encoding": made["encoding"] | {"columns": wrong}}, "7")


def test_invalid_record_is_a_corrupt_model_with_the_reason():
    for junk in (None, [], {"schema": 1}, record() | {"more": 1}, *(record() | {"schema": bad} for bad in (1.5, 0))):
        with pytest.raises(CorruptModel):
            from_record(junk, "7")
    for junk, why in (
        (record() | {"name": "8"}, "its name is not"),
        (record() | {"coefficients": [float("nan")]}, "expected a finite number"),
        (record() | {"coefficients": [1.0, 2.0]}, "coefficients for 1 terms"),
        (record() | {"terms": ["bp"]}, "its terms are not"),
        (record() | {"coefficients": [2.0]}, "digest is not that of its weights"),
        *((record() | {"encoding": encoding_of(text)}, "control character") for text in STEERING),
        (changed(("lineage", "settings"), {"seed": [1]}), "a setting is a list"),
        (changed(("lineage", "settings"), {1: 1}), "expected text, got int"),
        (changed(("lineage", "scores"), {1: 1}), "expected text, got int"),
        *((changed(("lineage", "settings"), {"tol": float(number)}), "setting is") for number in ("nan", "-inf")),
        (
            record() | {"schema": 6},
            "(schema 6; this one reads 1 and 2 and 3 and 4 and 5): run that version, or promote",
        ),
        ({"schema": 6, "weights": []}, "(schema 6; this one reads 1 and 2"),
        (changed(("lineage", "intervals"), {"rmse": [1.0]}), "an interval has not two ends"),
        (changed(("lineage", "warnings"), ["many"] * (MAX_WARNINGS + 1)), "its warnings are too many"),
        (changed(("lineage", "warnings"), ["x" * (MAX_WARNING_CHARACTERS + 1)]), "its warnings are too many, or too"),
    ):
        with pytest.raises(CorruptModel) as caught:
            from_record(junk, "7")
        assert why in caught.value.why


def test_value_that_contains_itself_often_is_refused_without_being_written():
    bomb = []
    for _ in range(100):
        bomb = [bomb, bomb]

    for key in ("schema", "name"):
        with pytest.raises(CorruptModel, match="got list"):
            from_record(record() | {key: bomb}, "7")
