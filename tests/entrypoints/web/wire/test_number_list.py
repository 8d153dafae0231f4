"""A number list that simdjson parses has the answers of one that orjson parses, to the byte."""

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.features.category_column import CategoryColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.model.linear_model import LinearModel
from entrypoints.web.app import create_app
from entrypoints.web.protocols.mlflow_scoring import schemas
from entrypoints.web.protocols.open_inference import infer
from entrypoints.web.routes import predictions
from entrypoints.web.wire import number_list, number_parser
from entrypoints.web.wire.number_list import NumberPlaces
from entrypoints.web.wire.request_limits import RequestLimits
from tests.support.examples import a_model
from tests.support.web.dependencies import served_models, web_dependencies
from tests.support.web.number_lists import MAX_ROWS, numbers, requests

with_simdjson = pytest.mark.skipif(number_parser.PARSER is None, reason="no wheel of simdjson for this Python")


@pytest.fixture(autouse=True)
def short_lists_too(monkeypatch):
    monkeypatch.setattr(number_list, "MIN_BYTES", 0)


def a_model_of_codes():
    """Return a model of codes, which a data frame may hold as whole numbers, and of numbers that may be missing."""
    columns = CategoryColumn("bmi", ("0150", "5003")), NumberColumn("bp", fill=1.5, has_gaps=True)
    encoding = Encoding(columns)
    return LinearModel(np.arange(1.0, len(encoding.term_names) + 1), 0.5, encoding)


def client_of(model):
    web = web_dependencies(limits=RequestLimits(100_000, MAX_ROWS))
    web.current_model.replace(served_models(model))
    return create_app(web).test_client()


def answer(client, path, body):
    response = client.post(path, data=body, content_type="application/json", headers={"X-Request-ID": "a"})
    return response.status, response.headers.get("X-Unseen-Levels"), response.data


def test_answers_are_the_same_without_simdjson(monkeypatch):
    models = a_model(0.5), a_model(938.2378612512634, -0.1), a_model_of_codes()

    @settings(max_examples=500)
    @given(requests, st.sampled_from(list(map(client_of, models))), st.sampled_from([1, 30, number_parser.PIECE_BYTES]))
    def require_same(request, client, piece_bytes):
        with monkeypatch.context() as patched:
            patched.setattr(number_parser, "PIECE_BYTES", piece_bytes)
            found = answer(client, *request)
        with monkeypatch.context() as patched:
            patched.setattr(number_parser, "PARSER", None)

            assert answer(client, *request) == found

    require_same()


@with_simdjson
@given(st.lists(numbers, min_size=1, max_size=5))
def test_numbers_are_the_same_floats(texts):
    raw = b'{"X":[' + ",".join(texts).encode() + b"]}"

    taken = NumberPlaces(("X",)).take(raw, 0)

    if taken is not None:
        assert taken.numbers.array.tobytes() == np.array(orjson.loads(raw)["X"], np.float64).tobytes()
        assert taken.numbers.to_list() == orjson.loads(raw)["X"]


@with_simdjson
def test_plain_bodies_of_each_route_are_taken():
    listed, table = "[0.5,-1,2e3]", "[[0.5,-1] , [2e3,0]]"
    for places, form in (
        (predictions.ROWS, '{"X":%}'),
        (predictions.ROWS, '{ "X" : % , "interval" : 0.9 }'),
        (infer.DATA, '{"id":"a","inputs":[{"name":"X","shape":[2,2],"datatype":"FP64","data":%}]}'),
        (
            infer.DATA,
            '{"inputs":[{"data":%,"name":"X","shape":[2,2],"datatype":"FP64"}],"outputs":[{"name":"result"}]}',
        ),
        (schemas.ROWS, '{"dataframe_split":{"index":[0,1],"columns":["a","b"],"data":%},"params":{"interval":0.9}}'),
        (schemas.ROWS, '{"instances":%}'),
        (schemas.ROWS, '{"inputs":%}'),
    ):
        for text in (listed, table):
            taken = places.take(form.replace("%", text).encode(), 2)

            assert taken.numbers.array.tolist() == taken.numbers.to_list() == orjson.loads(text)


@with_simdjson
def test_long_list_is_parsed_by_pieces(monkeypatch):
    monkeypatch.setattr(number_parser, "PIECE_BYTES", 8)
    monkeypatch.setattr(number_parser, "SPARE_PARSERS", spare := [])
    places = NumberPlaces(("X",))
    for text in (
        "[1,2.5,3,4,5,6.5,-7]",
        "[ 1 ,\n2 , 3, 4 , 5 ,6 ]",
        "[[1],[2],[3.5],[4],[5]]",
        "[[1, 2], [3, 4], [5, 6]]",
    ):
        taken = places.take(f'{{"X":{text}}}'.encode(), 5)

        assert taken.numbers.array.tolist() == taken.numbers.to_list() == orjson.loads(text)
    for text in (
        "[[1],[2],[3],4]",
        "[1,2,3,4,[5]]",
        "[[1,2],[3,4],[5]]",
        "[1,2,3,4,5, ]",
        "[1,2,3,4,,5,6,7]",
        "[123456789012345678]",
    ):
        assert places.take(f'{{"X":{text}}}'.encode(), 5) is None
    places.take(b'{"X":[1,2,3,4,5,6,7]}', 0)
    assert len(spare) == 1


@with_simdjson
def test_parser_is_kept_unless_it_fails(monkeypatch):
    monkeypatch.setattr(number_parser, "SPARE_PARSERS", spare := [])
    places = NumberPlaces(("X",))

    for raw, kept in ((b'{"X":[1]}', 1), (b'{"X":[2]}', 1), (b'{"X":[true]}', 0), (b'{"X":[3]}', 1)):
        places.take(raw, 0)
        assert len(spare) == kept


def test_more_lists_than_rows_are_counted_before_they_are_parsed(monkeypatch, mocker):
    monkeypatch.setattr(number_parser, "PARSER", lambda: mocker.Mock(parse=pytest.fail))
    monkeypatch.setattr(number_parser, "SPARE_PARSERS", [])

    assert NumberPlaces(("X",)).take(b'{"X":[[1],[1],[1]]}', 2) is None
