"""A first look at an Arrow stream: which messages it has, before anything in them is decoded."""

from struct import unpack_from

import pyarrow as pa
from pyarrow import ipc

from entrypoints.web.problems import Refused

# A schema of some thousand features, or a batch of as many columns.
LARGEST_METADATA = 1024 * 1024
# Each costs some 50 µs, however few rows it has.
MOST_BATCHES = 10_000
END, END_OF_OLD = b"\xff\xff\xff\xff\0\0\0\0", b"\0\0\0\0"

# Positions of fields in the tables of Arrow's Message.fbs.
HEADER_OF_MESSAGE, COMPRESSION_OF_BATCH = 2, 3


class NotWhole(ValueError):
    """The bytes are no stream from its schema to its end."""


def look_through(buffer: pa.Buffer) -> None:
    """Refuse a stream that is not a schema, batches whose numbers are there as they are, and the mark of its end.

    Without the mark, a body that was cut between two batches would be a shorter table. Compressed numbers may be a
    thousand times as many as bytes came in, and are found out here, before pyarrow makes room for them.

    Raises
    ------
    NotWhole, pyarrow.ArrowException, OSError
        If there is no such stream in `buffer`.
    Refused
        If there is one that is not served.
    """
    source = pa.BufferReader(buffer)
    messages = ipc.MessageReader.open_stream(source)
    batches = -1
    while (message := _next(messages, source, buffer)) is not None:
        _refuse(message, "schema" if batches < 0 else "record batch")
        batches += 1
        if batches > MOST_BATCHES:
            raise Refused(400, "wrong_shape", f"the stream may have {MOST_BATCHES} batches; make them larger")


def _next(messages: ipc.MessageReader, source: pa.BufferReader, buffer: pa.Buffer) -> ipc.Message | None:
    began = source.tell()
    try:
        return messages.read_next_message()
    except StopIteration:
        if buffer[began:].to_pybytes() not in (END, END_OF_OLD):
            raise NotWhole from None
        return None


def _refuse(message: ipc.Message, expected: str) -> None:
    metadata = message.metadata
    if metadata.size > LARGEST_METADATA:
        raise Refused(400, "wrong_shape", "the stream has too many columns")
    if message.type == "dictionary":
        raise Refused(400, "wrong_type", "the stream has dictionaries; send numbers as they are")
    if message.type != expected:
        raise NotWhole
    if expected == "record batch" and _is_compressed(metadata.to_pybytes()):
        raise Refused(415, "unsupported_encoding", "the stream's buffers are compressed; send them as they are")


def _is_compressed(metadata: bytes) -> bool:
    """Tell whether a batch's metadata, a flatbuffer that pyarrow has verified, names a compression of its buffers."""
    message = _follow(metadata, 0)
    header = _field(metadata, message, HEADER_OF_MESSAGE)
    return header is None or _field(metadata, _follow(metadata, header), COMPRESSION_OF_BATCH) is not None


def _follow(metadata: bytes, position: int) -> int:
    """Return the position that an offset leads to."""
    offset: int = unpack_from("<I", metadata, position)[0]
    return position + offset


def _field(metadata: bytes, table: int, number: int) -> int | None:
    """Return the position of a table's field, None if it has its default."""
    vtable = table - unpack_from("<i", metadata, table)[0]
    size, entry = unpack_from("<H", metadata, vtable)[0], 4 + 2 * number
    offset: int = unpack_from("<H", metadata, vtable + entry)[0] if entry < size else 0
    return table + offset if offset else None
