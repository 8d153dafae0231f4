"""A body with known keys is read as marshmallow reads it, with the same errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from entrypoints.web.wire import schemas
from entrypoints.web.wire.problems import ProblemError
from entrypoints.web.wire.schemas import FieldError, field, load_object, object_schema


def _number(value):
    if not isinstance(value, int):
        raise ValidationError([FieldError("wrong_type", "must be a number"), FieldError("wrong_type", "is one", ".a")])
    return -value


SCHEMA = object_schema(
    {"X": field(_number, null="must be a number", required=True), "n": field(_number, allow_none=True)},
    "is not known",
    "must be an object",
)
values = st.none() | st.integers() | st.text(max_size=2)


def outcome(load, value):
    try:
        return load(SCHEMA, value)
    except ProblemError as problem:
        return problem.status, problem.code, problem.detail, problem.locations


@given(values | st.dictionaries(st.sampled_from(["X", "n", "y"]), values))
def test_object_is_loaded_as_marshmallow_loads_it(value):
    assert outcome(load_object, value) == outcome(schemas._loaded, value)


def test_marshmallow_is_not_called_for_known_keys(monkeypatch):
    monkeypatch.setattr(schemas, "_loaded", pytest.fail)

    assert load_object(SCHEMA, {"n": 2, "X": 1}) == {"X": -1, "n": -2}
    with pytest.raises(ProblemError, match="X must be a number"):
        load_object(SCHEMA, {"n": "2", "X": "1"})
