"""File format: what a file is by its first bytes."""

import re

from adapters.pyarrow.read_errors import read_errors_of
from adapters.pyarrow.table_path import TablePath
from domain.data.errors import UnreadableData

PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})
_ZIP = b"PK\x03\x04"
# First bytes, the name of the format, and what to do with such a file.
_OTHER_FORMATS = (
    (_ZIP, "a zip archive", "unpack it"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook of the old format", "save the sheet as CSV"),
    (b"ARROW1", "a Feather (Arrow) file", "save it as Parquet"),
    (b"FEA1", "a Feather file", "save it as Parquet"),
    (b"SQLite format 3", "an SQLite database", "save the table as CSV or Parquet"),
    (b"\x89HDF", "an HDF5 file", "save the table as CSV or Parquet"),
    (b"\x89PNG", "a picture", "give a table as CSV or Parquet"),
    (b"%PDF", "a PDF document", "give a table as CSV or Parquet"),
    (b"BZh", "compressed with bzip2", "unpack it"),
    (b"\xfd7zXZ", "compressed with xz", "unpack it"),
)
_TEXT_FORMATS = (
    (rb"\s*(\[\s*)?\{\s*\"", "JSON"),
    (rb"(?i)\s*<(!doctype|html|table)", "an HTML page"),
    (rb"\s*<\?xml", "XML"),
)
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PARQUET, _GZIP, _ZSTD = b"PAR1", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_FIRST_BYTES = 512


def file_format(path: TablePath, encoding: str = "utf-8") -> str:
    """Return 'parquet', 'csv', 'gzip' or 'zstd' by the first bytes; the last two are a compressed CSV.

    Raises
    ------
    UnreadableData
        If the file has another known format, which the message names.
    """
    with read_errors_of(str(path)), path.open() as file:
        first = file.read(_FIRST_BYTES)
    if first.startswith(_PARQUET) or path.pure.suffix.lower() in PARQUET_SUFFIXES:
        return "parquet"
    for start, name in ((_GZIP, "gzip"), (_ZSTD, "zstd")):
        if first.startswith(start):
            return name
    if first.startswith(_ZIP) and (b"[Content_Types]" in first or path.pure.suffix.lower().startswith(".xls")):
        raise UnreadableData(str(path), "it is an Excel workbook; save the sheet as CSV")
    for start, name, remedy in _OTHER_FORMATS:
        if first.startswith(start):
            raise UnreadableData(str(path), f"it is {name}; {remedy}")
    if first.startswith(_UTF16_MARKS) and encoding == "utf-8":
        raise UnreadableData(str(path), "it is encoded in UTF-16; read it with --encoding utf-16")
    for pattern, name in _TEXT_FORMATS:
        if re.match(pattern, first):
            raise UnreadableData(str(path), f"it is {name}; save the table as CSV or Parquet")
    return "csv"
