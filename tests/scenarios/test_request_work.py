"""The work for a request grows in proportion to its body, for the worst known bodies of every route."""

import gc
import random
from functools import partial

import numpy as np
import pytest

from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.model.calibration import Calibration
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from entrypoints.web.app import create_app
from entrypoints.web.wire.request_limits import MAX_ROWS, RequestLimits
from tests.support.examples import a_lineage
from tests.support.mixed_tables import moments_of
from tests.support.web.dependencies import web_dependencies
from tests.support.work import TIMES, grows_in_proportion, work

BYTES = 128 * 1024
FEATURES = tuple(f"x{number}" for number in range(10))
INFER = "/v2/models/endeavour/infer"


def answer(client, path, body, kind):
    assert client.post(path, data=body, content_type=kind).status_code in (200, 400, 422)


@pytest.fixture(scope="module")
def client():
    web = web_dependencies(limits=RequestLimits(2**25))
    model = LinearModel(np.ones(len(FEATURES)), 0.0, FEATURES)
    version = ModelVersion("7", model, a_lineage(), None, moments_of(model), Calibration(9, np.arange(9.0)))
    web.current_model.replace(ServedModels(ServedModel(version, ModelOrigin.REGISTRY)))
    # As in a worker: the garbage collector does not visit the objects of other tests for each body.
    gc.freeze()
    yield create_app(web).test_client()
    gc.unfreeze()


def unterminated(size):
    """Return more brackets than there may be, and an escaped quote after another in a string without an end."""
    return b"[" * (MAX_ROWS + 5_000) + b'"' + b'\\"' * (size // 64)


def repeated(size, begin, piece, end):
    return begin + piece * (size // len(piece)) + end


def string(size, piece):
    """Return a string longer than `MAX_ROWS` at either size: brackets of a shorter body are not counted."""
    return repeated(2 * size, b'{"X":"', piece, b'"}')


def csv(size, cell, first=b"1", last=b"1"):
    head = b",".join(name.encode() for name in FEATURES)
    lines = [b",".join([one] + [cell] * 9) for one in (first, *[cell] * (size // len(cell + b",") // 10))]
    return b"\n".join([head, *lines, b",".join([cell] * 9 + [last])])


def tensor(size, datatype, last):
    rows = size // 20
    data = b"1," * (10 * rows - 1) + last
    return b'{"inputs":[{"name":"X","datatype":"%s","shape":[%d,10],"data":[%s]}]}' % (datatype, rows, data)


def tensors(size):
    one = b'{"name":"%x","datatype":"FP64","shape":[1],"data":[1]}'
    return b'{"inputs":[' + b",".join(one % number for number in range(size // 60)) + b"]}"


def keys(size, begin, end):
    return begin + b",".join(b'"%x":1' % number for number in range(size // 9)) + end


def colliding_columns(size):
    """Return names that are numbers: a dict of this many finds each of the last ones after all of the first."""
    places = 2 ** (size.bit_length() - 4)
    chain, at = {}, 0
    for number in range(int(0.6 * places)):
        chain[at] = number
        at = (5 * at + 1) % places
    names, draw = [*chain], random.Random(0)  # noqa: S311  # no secret
    while len(names) < 0.65 * places:
        name = draw.randrange(places << 12)
        if all(at in chain for at in probes(name, places)):
            names.append(name)
    return b'{"dataframe_split":{"data":[],"columns":[' + b",".join(b"%d" % name for name in names) + b"]}}"


def probes(name, places):
    """Yield where CPython looks for a number in a dict of so many places, while that depends on all of its bits."""
    at, rest = name % places, name
    yield at
    while rest:
        rest >>= 5
        at = (5 * at + rest + 1) % places
        yield at


ROW = b"[1,1,1,1,1,1,1,1,1,1],"
JSON, CSV = "application/json", "text/csv"
WORST = [
    *((path, unterminated, JSON) for path in ("/stream", "/batch", "/invocations", INFER)),
    ("/stream", partial(keys, begin=b'{"X":{', end=b"}}"), JSON),
    ("/stream", partial(keys, begin=b'{"X":1,', end=b"}"), JSON),
    *(("/batch", partial(string, piece=piece), JSON) for piece in (b"[", b'\\"')),
    *(
        ("/batch", partial(repeated, begin=begin, piece=piece, end=end), JSON)
        for begin, piece, end in (
            (b'{"X":[', ROW, ROW[:-1] + b"]}"),
            (b'{"interval":0.9,"X":[', ROW, ROW[:-1] + b"]}"),
            (b'{"X":[],"interval":', b"9", b"}"),
            (b'{"X":[', ROW, b"[true]]}"),
            (b'{"X":[', ROW, b"{}]}"),
            (b'{"X":[', b"1e999,", b"1]}"),
            (b'{"X":[', b"9" * 770 + b",", b"1]}"),
            (b'{"X":', b"9", b"}"),
            (b'{"X":[],', b'"a":1,', b'"a":1}'),
        )
    ),
    ("/invocations", partial(repeated, begin=b'{"inputs":[],"more":[', piece=b'{"a":{"b":1}},', end=b"1]}"), JSON),
    ("/invocations", colliding_columns, JSON),
    *(("/invocations", partial(csv, cell=cell), CSV) for cell in (b"", b"01", b"nan", b"1")),
    ("/invocations", partial(csv, cell=b"1", last=b"x"), CSV),
    ("/invocations", partial(csv, cell=b"1", first=b'"1"'), CSV),
    *(
        (INFER, partial(tensor, datatype=datatype, last=last), JSON)
        for datatype, last in ((b"INT32", b"3000000000"), (b"INT64", b"0.5"), (b"FP32", b"1e39"), (b"FP64", b"1"))
    ),
    (INFER, tensors, JSON),
]


@pytest.mark.parametrize(("path", "make", "kind"), WORST)
def test_work_grows_in_proportion_to_the_body(client, path, make, kind):
    small, large = (partial(answer, client, path, make(size), kind) for size in (BYTES, TIMES * BYTES))

    assert grows_in_proportion(small, large)


@pytest.mark.parametrize(
    ("path", "kind", "valid", "invalid"),
    [
        ("/invocations", CSV, csv(BYTES, b"1"), csv(BYTES, b"")),
        (INFER, JSON, tensor(BYTES, b"INT32", b"1"), tensor(BYTES, b"INT32", b"3000000000")),
        # 1e30 is valid, and too large for simdjson's way, as 1e39 is.
        (INFER, JSON, tensor(BYTES, b"FP32", b"1e30"), tensor(BYTES, b"FP32", b"1e39")),
    ],
    ids=["CSV", "INT32", "FP32"],
)
def test_invalid_values_cost_little_more_than_valid_ones(client, path, kind, valid, invalid):
    one, other = (partial(answer, client, path, body, kind) for body in (valid, invalid))

    least = min(work(one) for _ in range(5))

    # Measured: up to 1.4 times; with a step in Python for every value, 6 to 8 times.
    assert any(work(other) < 3 * least for _ in range(5))
