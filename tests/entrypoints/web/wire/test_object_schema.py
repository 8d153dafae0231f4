import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.web.wire.object_schema import Field, FieldError, InvalidFieldError, ObjectSchema
from entrypoints.web.wire.problems import MAX_ERRORS, ProblemError


def negated(value):
    if isinstance(value, int):
        return -value
    raise InvalidFieldError(FieldError("out_of_range", "must be whole"), FieldError("wrong_type", "is one", ".a"))


SCHEMA = ObjectSchema(
    {"X": Field(negated, null="must not be null", is_required=True), "n": Field(negated)},
    "is not known",
    "must be an object",
)


def problem(value):
    with pytest.raises(ProblemError) as caught:
        SCHEMA.load(value)
    error = caught.value
    return error.status, error.code, [f"{each.place} {each.detail}" for each in error.locations]


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        ({"n": 2, "X": 1}, {"X": -1, "n": -2}),
        ({"X": 1, "n": None}, {"X": -1, "n": None}),
        ({"X": 1}, {"X": -1}),
    ],
)
def test_fields_are_read(value, fields):
    assert SCHEMA.load(value) == fields


@pytest.mark.parametrize(
    ("value", "status", "code", "places"),
    [
        ([], 400, "not_object", ["the body must be an object"]),
        (None, 400, "not_object", ["the body must be an object"]),
        ({}, 400, "missing_field", ["X is missing"]),
        ({"X": None}, 400, "wrong_type", ["X must not be null"]),
        ({"X": "1"}, 422, "out_of_range", ["X must be whole", "X.a is one"]),
        ({"n": "1"}, 400, "missing_field", ["X is missing", "n must be whole", "n.a is one"]),
        ({"y": 1, "X": 1}, 400, "unknown_field", ["y is not known"]),
        ({"<y>": 1, "X": "1"}, 422, "out_of_range", ["X must be whole", "X.a is one", "… is not known"]),
    ],
)
def test_errors_have_their_places_and_the_first_decides_the_code(value, status, code, places):
    assert problem(value) == (status, code, places)


VALUES = st.none() | st.integers() | st.text(max_size=2)


@given(VALUES | st.dictionaries(st.sampled_from(["X", "n", "y"]), VALUES))
def test_object_is_read_as_marshmallow_reads_it(value):
    outcomes = []
    for load in (SCHEMA.load, SCHEMA._loaded):
        try:
            outcomes.append(load(value))
        except ProblemError as found:
            outcomes.append((found.status, found.code, found.detail, found.locations))

    assert outcomes[0] == outcomes[1]


def test_unknown_keys_are_bounded():
    _, _, places = problem({"X": 1, **{f"key{number}": 1 for number in range(2 * MAX_ERRORS)}})

    assert places == [f"key{number} is not known" for number in range(MAX_ERRORS)]
