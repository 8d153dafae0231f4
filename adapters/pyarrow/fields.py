"""Fields: the columns of a file under the names that a model uses, and the columns that are not read."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from adapters.pyarrow.arrays import from_array, from_texts
from domain.data.column_names import clean_text, name_problem

PATH_KEY = "\x1f"
"""Beginning of the key of a column in the path of a file; names of a file with a control character are not read."""
PATH_TYPE = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a file.

    Parameters
    ----------
    name : str
        Without blanks at both ends, in Unicode's form NFC.
    key : str
        The name that the reader of the file takes.
    type : pyarrow.DataType
    problem : str
        Why it cannot be used, '' if it can.
    is_index : bool
        Whether it is the index of a data frame, which is no feature unless it is named.
    """

    name: str
    key: str
    type: pa.DataType
    problem: str = ""
    is_index: bool = False
    renamed: bool = False
    """Whether the file has the name with blanks at an end, or in another form of Unicode."""
    in_path: bool = False
    """Whether the path of the file holds the one value of all rows, as ``year=2024/`` does."""


def partition_fields(names: Iterable[str], taken: Iterable[Field]) -> tuple[Field, ...]:
    """Return the fields of the columns in the path of a file that its own fields do not have."""
    known = {field.name for field in taken}
    fields = ((clean_text(name), name) for name in names)
    return tuple(
        Field(name, PATH_KEY + raw, PATH_TYPE, name_problem(name), in_path=True)
        for name, raw in fields
        if name not in known
    )


def with_partition(batch: pa.RecordBatch, keys: Sequence[str], partition: Mapping[str, str | None]) -> pa.RecordBatch:
    """Return the columns `keys` of a batch in this order; those in the path of its file have one value."""

    def column(key: str) -> pa.Array:
        if not key.startswith(PATH_KEY):
            return batch.column(batch.schema.get_field_index(key))
        places = from_array(np.zeros(len(batch), np.int32))
        return pa.DictionaryArray.from_arrays(places, from_texts([partition[key.removeprefix(PATH_KEY)]]))

    return pa.RecordBatch.from_arrays([column(key) for key in keys], names=list(keys))


def named_fields(
    names: Sequence[str], keys: Sequence[str], types: Sequence[pa.DataType], index: Collection[str] = ()
) -> tuple[Field, ...]:
    """Return the fields of a file; those that cannot be used have a problem."""
    cleaned = [clean_text(name) for name in names]
    count = Counter(cleaned)

    def problem(name: str) -> str:
        if "\N{REPLACEMENT CHARACTER}" in name:
            return "has a name that is not UTF-8; read the file with --encoding latin-1"
        repeats = "appears more than once; rename or remove one of them" if count[name] > 1 else ""
        return name_problem(name) or repeats

    return tuple(
        Field(name, key, kind, problem(name), raw in index, raw != name)
        for raw, name, key, kind in zip(names, cleaned, keys, types, strict=True)
    )
