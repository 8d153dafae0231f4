"""From the bytes of an Arrow stream to columns of float64, and back."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from domain.dataset import FloatArray
from entrypoints.web.arrow.messages import look_through
from entrypoints.web.forms import too_many_rows
from entrypoints.web.problems import Place, Refused

Columns = Mapping[str, FloatArray]

NUMBERS = ("float64", "float32", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
TYPES: dict[pa.DataType, "np.dtype[Any]"] = {pa.type_for_alias(name): np.dtype(name) for name in NUMBERS}
VALUE = np.dtype(np.float64).itemsize
# Values that are worked on at once: 1 MiB stays in a core's own cache from the first look to the prediction.
BLOCK = 128 * 1024
RESULT = pa.schema([pa.field("result", pa.float64(), nullable=False)])
# Nothing here is worth a pool of threads: what would be decoded in parallel, compressed buffers, is refused.
OPTIONS = ipc.IpcReadOptions(use_threads=False)


def read(raw: bytes, limit: int) -> Iterator[Columns]:
    """Yield the columns of the table in `raw`, some rows at a time; none in the first, which only tells the columns.

    Parameters
    ----------
    raw : bytes
        An Arrow IPC stream. float64 columns are views of it.
    limit : int
        Bytes that the table may have as float64, since a column of bytes would become eight times as large.

    Raises
    ------
    Refused
        If it is no whole stream, or not of columns of numbers without nulls.
    """
    try:
        buffer = pa.py_buffer(raw)
        look_through(buffer)
        with ipc.open_stream(buffer, options=OPTIONS) as stream:
            _refuse_other_columns(stream.schema)
            yield {name: np.empty(0) for name in stream.schema.names}
            yield from _rows(stream, limit // (VALUE * max(1, len(stream.schema))))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Refused(400, "bad_arrow", "the body is not one whole Arrow IPC stream") from error


def written(values: FloatArray) -> bytes:
    """Return `values`, of shape (n_rows,), as a stream of the one column `result`."""
    # Not `pa.array`, which imports pandas where it is installed.
    column = pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(values)])
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, RESULT) as stream:
        stream.write_batch(pa.RecordBatch.from_arrays([column], schema=RESULT))
    body: bytes = sink.getvalue().to_pybytes()
    return body


def _refuse_other_columns(schema: pa.Schema) -> None:
    others = [number for number, field in enumerate(schema) if field.type not in TYPES]
    if others:
        places = [Place(f"columns[{number}]", "must be float64, float32 or whole numbers") for number in others]
        raise Refused(400, "wrong_type", f"{places[0].place} {places[0].detail}", places)
    if len(set(schema.names)) != len(schema):
        raise Refused(400, "duplicate_key", "two columns have the same name")


def _rows(stream: ipc.RecordBatchStreamReader, most: int) -> Iterator[Columns]:
    rows = 0
    for batch in stream:
        # What a column says of its length must be true of its buffers before anything else of it is believed.
        batch.validate()
        rows += batch.num_rows
        if rows > most:
            fault = too_many_rows(most)
            raise Refused(422, fault.code, f"the stream {fault.detail}", [Place("the stream", fault.detail)])
        if batch.num_rows:
            yield from _blocks(batch)


def _blocks(batch: pa.RecordBatch) -> Iterator[Columns]:
    columns = {name: _values(number, batch) for number, name in enumerate(batch.schema.names)}
    step = max(1, BLOCK // len(columns))
    for start in range(0, batch.num_rows, step):
        # Views stay views if they are float64 already.
        yield {name: values[start : start + step].astype(np.float64, copy=False) for name, values in columns.items()}


def _values(number: int, batch: pa.RecordBatch) -> "np.ndarray[Any, np.dtype[Any]]":
    """Return a column as it stands in the stream."""
    column = batch.column(number)
    if column.null_count:
        place = Place(f"columns[{number}]", "holds a null; each row needs a number")
        raise Refused(400, "wrong_type", f"{place.place} {place.detail}", [place])
    kind = TYPES[column.type]
    return np.frombuffer(column.buffers()[1], kind, len(column), column.offset * kind.itemsize)
