"""Arrow streams on /batch: the same numbers as JSON gives, and nothing that a stream may hold beside plain numbers."""

import io
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pytest

from domain.linear_model import LinearModel
from entrypoints.web.arrow import messages, request
from entrypoints.web.arrow import table as reading
from tests.entrypoints.web.arrow_streams import ARROW, column, result, stream, table
from tests.entrypoints.web.conftest import MAX_BODY
from tests.entrypoints.web.test_predictions import post
from tests.entrypoints.web.test_refusals import problem

ROOT = Path(__file__).parents[3]
VALUES = np.array([0.1, -2.5, 3e-9, 1e10, 0.0])
CANARY = "sent_by_the_client"


def send(client, body, **kwargs):
    return client.post("/batch", data=body, **{"content_type": ARROW, **kwargs})


def refused(client, body, **kwargs):
    response = send(client, body, **kwargs)
    return response.status_code, problem(response), [error["place"] for error in response.json["errors"]]


def test_stream_is_answered_with_a_stream_that_tells_the_model(two_features):
    response = send(two_features, stream(table(bmi=VALUES, bp=VALUES)))

    assert (response.status_code, response.content_type) == (200, ARROW)
    assert response.headers["X-Model-Version"] == "7"
    assert len(result(response.data)) == len(VALUES)


@pytest.mark.parametrize("kind", reading.NUMBERS)
def test_numbers_of_every_type_are_predicted_as_the_same_numbers_in_json(serving, kind):
    random = np.random.default_rng(3)
    client = serving(LinearModel(random.normal(size=3), 0.1, ("a", "b", "c")))
    # The largest whole numbers have more digits than a float; both ways must round them alike.
    drawn = (
        random.normal(size=40).astype(kind)
        if kind.startswith("f")
        else random.integers(*bounds(kind), 40, kind, endpoint=True)
    )
    columns = {"c": column(drawn, kind), "a": column(drawn[::-1], kind), "b": random.normal(size=40)}

    arrow = result(send(client, stream(table(**columns))).data)

    a, c, b = drawn[::-1].tolist(), drawn.tolist(), columns["b"].tolist()
    assert arrow == post(client, "/batch", {"X": [list(row) for row in zip(a, b, c, strict=True)]}).json["result"]


def bounds(kind):
    return np.iinfo(kind).min, np.iinfo(kind).max


def test_many_batches_and_blocks_are_predicted_as_one_table(serving, mocker):
    mocker.patch.object(reading, "BLOCK", 64)
    random = np.random.default_rng(5)
    names = tuple(f"f{number}" for number in range(7))
    client = serving(LinearModel(random.normal(size=7) * 10.0 ** random.integers(-9, 9, 7), 0.1, names))
    values = random.normal(size=(400, 7)) * 10.0 ** random.integers(-12, 12, (400, 7))
    whole = table(**dict(zip(names, values.T, strict=True)))

    arrow = result(send(client, stream(whole.slice(0, 250), whole.slice(250, 0), whole.slice(250))).data)

    assert arrow == post(client, "/batch", {"X": values.tolist()}).json["result"]


@pytest.mark.parametrize("batches", [0, 1])
def test_table_without_rows_has_an_empty_result(two_features, batches):
    empty = table(bmi=[], bp=[])
    body = stream(empty) if batches else stream(empty)[: -len(messages.END)][: stream_start(empty)] + messages.END

    assert result(send(two_features, body).data) == []


def stream_start(batch):
    """Return how many bytes the schema takes."""
    return len(batch.schema.serialize())


def test_stream_of_the_old_framing_is_read(two_features):
    body = stream(table(bmi=VALUES, bp=VALUES), use_legacy_format=True)

    assert result(send(two_features, body).data) == result(
        send(two_features, stream(table(bmi=VALUES, bp=VALUES))).data
    )


@pytest.mark.parametrize("content_type", [ARROW.upper(), f"{ARROW}; x=y"])
def test_type_is_recognised_as_http_spells_it(two_features, content_type):
    response = send(two_features, stream(table(bmi=VALUES, bp=VALUES)), content_type=content_type)

    assert response.content_type == ARROW


@pytest.mark.parametrize(
    "other",
    [
        pa.nulls(2),
        pa.nulls(2, pa.bool_()),
        pa.nulls(2, pa.string()),
        pa.nulls(2, pa.float16()),
        pa.nulls(2, pa.decimal128(9, 2)),
        pa.nulls(2, pa.timestamp("s")),
        pa.nulls(2, pa.list_(pa.float64())),
        pa.nulls(2, pa.struct([("x", pa.float64())])),
        pa.nulls(2, pa.run_end_encoded(pa.int32(), pa.float64())),
        pa.nulls(2, pa.uuid()),
        pa.nulls(2, pa.bool8()),
    ],
    ids=lambda array: str(array.type),
)
def test_column_of_anything_but_numbers_is_refused_before_it_is_decoded(two_features, other):
    assert refused(two_features, stream(table(bmi=[1, 2], bp=other))) == (400, "wrong_type", ["columns[1]"])


def test_dictionaries_are_refused(two_features):
    codes = pa.DictionaryArray.from_arrays(column([0, 0], "int8"), column([0.5]))

    assert refused(two_features, stream(table(bmi=[1, 2], bp=codes)))[:2] == (400, "wrong_type")


def test_null_is_refused(two_features):
    body = stream(table(bmi=[1, 2], bp=column([3, 4], valid=[True, False])))

    assert refused(two_features, body) == (400, "wrong_type", ["columns[1]"])


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_compressed_numbers_are_refused_before_room_is_made_for_them(two_features, codec):
    bomb = stream(table(bmi=np.zeros(10**6), bp=np.zeros(10**6)), compression=codec)
    assert len(bomb) < MAX_BODY
    before = pa.total_allocated_bytes()

    answer = refused(two_features, bomb)

    assert answer == (415, "unsupported_encoding", [])
    assert pa.total_allocated_bytes() == before


@pytest.mark.parametrize(
    ("columns", "code", "place"),
    [
        ({"bmi": VALUES}, "missing_field", "bp"),
        ({"bmi": VALUES, "bp": VALUES, CANARY: VALUES}, "unknown_field", "a column"),
        ({"bmi": VALUES, CANARY * 40: VALUES}, "unknown_field", "a column"),
        ({"bmi": [1, 2, 3], "bp": [1, np.nan, np.inf]}, "not_finite", "bp[1]"),
        ({"bmi": [1, -1.1e300], "bp": [1, 1]}, "out_of_range", "bmi[1]"),
        ({"bmi": [1, 2, 1e300], "bp": [1, 2, 1]}, "result_not_finite", "result[2]"),
    ],
)
def test_wrong_meaning_is_422_and_names_the_place_in_the_models_words(serving, columns, code, place):
    client = serving(LinearModel(np.array([1e10, 1.0]), 0.0, ("bmi", "bp")))
    body = stream(table(**columns))

    assert refused(client, body) == (422, code, [place])
    assert CANARY.encode() not in send(client, body).data


def test_rows_are_counted_over_all_batches_and_blocks(two_features, mocker):
    mocker.patch.object(reading, "BLOCK", 8)
    whole = table(bmi=np.arange(30.0), bp=np.where(np.arange(30) == 23, np.nan, 1.0))

    assert refused(two_features, stream(whole.slice(0, 10), whole.slice(10))) == (422, "not_finite", ["bp[23]"])


def test_two_columns_of_one_name_are_refused(two_features):
    twice = pa.RecordBatch.from_arrays([column(VALUES)] * 3, names=["bmi", "bp", "bp"])

    assert refused(two_features, stream(twice)) == (400, "duplicate_key", [])


def test_stream_that_is_cut_anywhere_is_refused(two_features):
    half = table(bmi=VALUES, bp=VALUES)
    body = stream(half, half)

    codes = {refused(two_features, body[:length])[1] for length in range(len(body))}

    # One of the cuts is between the two batches, and one before the mark of the end.
    assert codes == {"bad_arrow"}


@pytest.mark.parametrize("more", [b"\0", b"\0" * 8, b"more"])
def test_bytes_after_the_end_are_refused(two_features, more):
    assert refused(two_features, stream(table(bmi=VALUES, bp=VALUES)) + more)[:2] == (400, "bad_arrow")


@pytest.mark.parametrize("body", [b'{"X": [1]}', b"ARROW1\0\0", b"\xff" * 64, b"\0" * 64])
def test_what_is_no_stream_is_refused(two_features, body):
    assert refused(two_features, body)[:2] == (400, "bad_arrow")


def test_narrow_numbers_may_not_become_a_table_beyond_the_limit(two_features):
    rows = 2 * MAX_BODY // 16
    narrow = table(bmi=column(np.ones(rows + 1), "int8"), bp=column(np.ones(rows + 1), "int8"))

    assert send(two_features, stream(narrow.slice(1))).status_code == 200
    assert refused(two_features, stream(narrow)) == (422, "too_many_rows", ["the stream"])


def test_stream_may_be_larger_than_json_but_not_without_bounds(two_features):
    limit = 2 * MAX_BODY
    fits = table(bmi=np.ones(limit // 17), bp=np.ones(limit // 17))
    larger = table(bmi=np.ones(limit // 16), bp=np.ones(limit // 16))

    assert len(stream(fits)) > MAX_BODY
    assert send(two_features, stream(fits)).status_code == 200
    assert refused(two_features, stream(larger)) == (413, "body_too_large", [])


@pytest.mark.parametrize(("bound", "least"), [("MOST_BATCHES", 1), ("LARGEST_METADATA", 100)])
def test_pieces_may_not_be_too_many_or_too_large(two_features, mocker, bound, least):
    mocker.patch.object(messages, bound, least)
    one = table(bmi=VALUES, bp=VALUES)

    assert refused(two_features, stream(one, one))[:2] == (400, "wrong_shape")


def test_encoding_of_the_body_is_refused(two_features):
    body = stream(table(bmi=VALUES, bp=VALUES))

    assert refused(two_features, body, headers={"Content-Encoding": "gzip"})[:2] == (415, "unsupported_encoding")


def test_pickle_in_the_metadata_stays_a_pickle(two_features, tmp_path):
    """Until pyarrow 14 a column of this kind was unpickled on being read (CVE-2023-47248)."""
    touched = tmp_path / "touched"
    pickled = f"cos\nsystem\n(S'touch {touched}'\ntR.".encode()
    metadata = {"ARROW:extension:name": "arrow.py_extension_type", "ARROW:extension:metadata": pickled}
    fields = [pa.field("bmi", pa.float64(), metadata=metadata), pa.field("bp", pa.float64())]
    batch = pa.RecordBatch.from_arrays([column(VALUES)] * 2, schema=pa.schema(fields))

    assert send(two_features, stream(batch)).status_code == 200
    assert not touched.exists()


def test_without_the_extra_it_is_said_which_is_missing(two_features, monkeypatch):
    monkeypatch.setitem(sys.modules, "entrypoints.web.arrow.table", None)
    monkeypatch.delattr("entrypoints.web.arrow.table")

    response = send(two_features, b"")

    assert (response.status_code, problem(response)) == (415, "unsupported_media_type")
    assert "extra `arrow`" in response.json["detail"]
    assert post(two_features, "/batch", {"X": [[1, 2]]}).status_code == 200


class Slow(io.RawIOBase):
    """A body that does not come until `sent` is set."""

    def __init__(self, body):
        self.body, self.asked, self.sent = body, threading.Event(), threading.Event()

    def read(self, size=-1):
        self.asked.set()
        self.sent.wait(10)
        return self.body


def test_few_large_bodies_are_in_memory_at_once(two_features, mocker):
    mocker.patch.object(request, "PATIENCE", 0.01)
    small = stream(table(bmi=VALUES, bp=VALUES))
    large = stream(table(bmi=np.ones(MAX_BODY // 16), bp=np.ones(MAX_BODY // 16)))
    slow = [Slow(large) for _ in range(request.LARGE_AT_ONCE)]
    length = {"CONTENT_LENGTH": str(len(large))}
    answers = []

    def wait(body):
        answers.append(send(two_features, b"", environ_overrides={**length, "wsgi.input": body}))

    threads = [threading.Thread(target=wait, args=(body,)) for body in slow]
    for thread, body in zip(threads, slow, strict=True):
        thread.start()
        assert body.asked.wait(5)

    assert refused(two_features, large)[:2] == (503, "overloaded")
    assert send(two_features, small).status_code == 200
    for thread, body in zip(threads, slow, strict=True):
        body.sent.set()
        thread.join()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert send(two_features, large).status_code == 200


def mutations(tmp_path, seed, count):
    """Return how often each answer was given to so many mutations of good streams, by a process that lived on."""
    last = tmp_path / "last"
    run = subprocess.run(
        [sys.executable, "-m", "tests.entrypoints.web.arrow_mutations", str(seed), str(count)],
        check=False,  # told below, with what was sent
        cwd=ROOT,
        env={"LAST_BODY": str(last)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, (run.returncode, run.stderr[-2000:], last.read_bytes().hex())
    return orjson.loads(run.stdout)


def test_broken_streams_are_refused_and_harm_nothing(tmp_path):
    answers = mutations(tmp_path, seed=7, count=1_000)

    assert sum(answers.values()) == 1_000
    assert {"200", "bad_arrow", "unsupported_encoding"} < set(answers)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1004))
def test_many_broken_streams_are_refused_and_harm_nothing(tmp_path, seed):
    assert sum(mutations(tmp_path, seed, 25_000).values()) == 25_000
