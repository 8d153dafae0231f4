"""Arrow streams to send, and what is wrong with bytes that once were one."""

import random

import numpy as np
import pyarrow as pa

ARROW = "application/vnd.apache.arrow.stream"


def column(values, kind="float64", valid=None):
    """Return an array, made from buffers as `pa.array` imports pandas."""
    values = np.ascontiguousarray(values, kind)
    bitmap = None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.type_for_alias(kind), len(values), [bitmap, pa.py_buffer(values)])


def table(**columns):
    arrays = [values if isinstance(values, pa.Array) else column(values) for values in columns.values()]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))


def stream(*batches, **options):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batches[0].schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for batch in batches:
            writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def result(body):
    """Return the values of an answer."""
    read = pa.ipc.open_stream(body).read_all()
    assert read.schema == pa.schema([pa.field("result", pa.float64(), nullable=False)])
    return read["result"].to_pylist()


WORDS = (0, 1, 8, 2**15, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 8)


def mutated(raw, chance: random.Random):
    """Return `raw` with one to four things wrong: bits, bytes, lengths and offsets, pieces missing or repeated."""
    body = bytearray(raw)
    for _ in range(chance.choice((1, 1, 2, 4))):
        if not body:
            break
        at = chance.randrange(len(body))
        match chance.randrange(6):
            case 0:
                body[at] ^= 1 << chance.randrange(8)
            case 1:
                body[at] = chance.choice((0, 1, 127, 128, 255))
            case 2:
                del body[at:]
            case 3:
                body[at & ~3 : (at & ~3) + 4] = (chance.choice(WORDS) & 0xFFFFFFFF).to_bytes(4, "little")
            case 4:
                body[at & ~7 : (at & ~7) + 8] = chance.choice((*WORDS, chance.getrandbits(64))).to_bytes(8, "little")
            case 5:
                begin = chance.randrange(len(body))
                body[at:at] = body[begin : begin + chance.randrange(1, 64)]
    return bytes(body)
