"""Arrow kinds: the kind of the values that a type of pyarrow holds."""

from typing import Literal

import pyarrow as pa

from domain.data.columns import Kind

ArrowKind = Kind | Literal["text", "empty", "other"]


def kind_of(kind: pa.DataType) -> ArrowKind:
    """Return the kind of a type's values; a type of nulls is 'empty', and one that no model learns from 'other'."""
    if pa.types.is_dictionary(kind):
        return kind_of(kind.value_type)
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return "datetime"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    return "empty" if pa.types.is_null(kind) else "other"


def is_whole(kind: pa.DataType) -> bool:
    """Return whether a type holds whole numbers only."""
    if pa.types.is_dictionary(kind):
        return is_whole(kind.value_type)
    return bool(pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale <= 0))
