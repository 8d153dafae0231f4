"""The quick look at a batch's bytes never takes for numbers what the schema would refuse."""

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from entrypoints.web.wire.json_body import JsonBody
from entrypoints.web.wire.schemas import batch_schema, is_plain_number_batch, load_rows
from tests.support.web.strategies import numbers, values

SCHEMA = batch_schema(100)


def test_list_of_numbers_is_seen_at_once():
    for raw in (b'{"X":[0.2,-1e-3,5]}', b' { "\\u0058" : [ ] } ', b'{"X":[1E5]}', b'{"X":[[1,2],[],[3]]}'):
        assert is_plain_number_batch(JsonBody(orjson.loads(raw), raw)), raw


@given(
    value=st.fixed_dictionaries(
        {"X": values | st.lists(numbers, max_size=4) | st.lists(st.lists(numbers | st.lists(numbers), max_size=2))},
        optional={"Y": numbers, "[": values},
    )
)
@example({"X": [[1], [2]]})
def test_what_is_seen_at_once_is_what_the_schema_accepts(value):
    raw = orjson.dumps(value)

    if is_plain_number_batch(JsonBody(value, raw)):
        assert load_rows(SCHEMA, value).rows == value["X"]
        rows = value["X"] if list in map(type, value["X"]) else [value["X"]]
        assert {type(number) for row in rows for number in row} <= {int, float}


def test_other_values_and_other_keys_need_a_closer_look():
    for raw in (
        *(b'{"X":[1],"X":[2]}', b'{"X":[1],"Y":1}', b'{"Y":1,"X":[2]}', b"[1]", b'{"[":1}', b'{"Y":[1]}'),
        *(b'{"X":[[1],2]}', b'{"X":[[[1]],2]}', b'{"X":[[[1],2]]}', b'{"X":[[[1]]]}', b'{"X":1}', b'{"X":[{}]}'),
        *(b'{"X":[1,true]}', b'{"X":[false]}', b'{"X":[[true]]}', b'{"X":[null]}', b'{"X":["1"]}'),
    ):
        assert not is_plain_number_batch(JsonBody(orjson.loads(raw), raw)), raw
