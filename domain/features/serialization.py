"""Serialization of encodings and target transforms: to plain values that every store writes, and from them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, get_args

from domain.data.plain_values import (
    require_count,
    require_fields,
    require_flag,
    require_list,
    require_number,
    require_numbers,
    require_text,
)
from domain.data.table import LeftOut
from domain.data.text_formats import FORMATS, TextFormat
from domain.features.category_column import MAX_LEVELS, MAX_POOLED_LEVELS, CategoryColumn
from domain.features.datetime_column import DatetimeColumn, Part
from domain.features.encoding import AnyColumn, Encoding
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline
from domain.features.target_transform import TargetTransform

Record = dict[str, Any]


def from_encoding(encoding: Encoding) -> Record:
    """Return `encoding` as dicts, lists, texts and numbers."""
    return {
        "columns": [{"kind": column.kind} | _plain(column) for column in encoding.columns],
        "products": _plain(encoding.products),
        "left_out": _plain(encoding.left_out),
    }


def to_encoding(record: object) -> Encoding:
    """Return the encoding that was kept as `record`, or raise `ValueError`."""
    read = require_fields(record, "columns", "products", "left_out")
    products = [tuple(map(require_count, require_list(pair))) for pair in require_list(read["products"])]
    if any(len(product) != 2 for product in products):  # noqa: PLR2004  # a pair
        raise ValueError("a product is not one of two terms")
    left_out = [require_fields(each, "name", "reason") for each in require_list(read["left_out"])]
    return Encoding(
        columns=tuple(map(_column, require_list(read["columns"]))),
        products=tuple(products),  # type: ignore[arg-type]  # their lengths are checked above
        left_out=tuple(LeftOut(require_text(each["name"]), require_text(each["reason"])) for each in left_out),
    )


def from_target_transform(transform: TargetTransform) -> Record:
    """Return `transform` as a dict of numbers."""
    values: Record = _plain(transform)
    return values


def to_target_transform(record: object) -> TargetTransform:
    """Return the transform that was kept as `record`, or raise `ValueError`."""
    read = require_fields(record, "log", "correction", "low", "high")
    low, high = _optional(require_number, read["low"]), _optional(require_number, read["high"])
    return TargetTransform(require_flag(read["log"]), require_number(read["correction"]), low, high)


def canonical(encoding: Encoding, transform: TargetTransform) -> bytes:
    """Return bytes that are equal exactly for equal encodings and transforms, but for the columns that are left out."""
    record = from_encoding(encoding) | {"left_out": [], "target": from_target_transform(transform)}
    return json.dumps(record, sort_keys=True).encode()


def _plain(value: Any) -> Any:
    """Return `value` with a dict in place of a dataclass, and a list in place of a tuple.

    `dataclasses.asdict` would copy each value, which takes longer than everything else that is done to a record.
    """
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    return list(map(_plain, value)) if isinstance(value, tuple) else value


def _column(record: object) -> AnyColumn:
    kind = record.get("kind") if isinstance(record, dict) else None
    if not isinstance(kind, str) or kind not in _COLUMNS:
        raise ValueError("a column has no known kind")
    return _COLUMNS[kind](record)


def _number_column(record: object) -> NumberColumn:
    read = require_fields(
        record, "kind", "name", "fill", "has_gaps", "spline", "center", "scale", "low", "high", "format"
    )
    return NumberColumn(
        name=require_text(read["name"]),
        kind=read["kind"],  # type: ignore[arg-type]  # one of the keys of `_COLUMNS`
        fill=_optional(require_number, read["fill"]),
        has_gaps=require_flag(read["has_gaps"]),
        spline=_optional(_spline, read["spline"]),
        center=require_number(read["center"]),
        scale=require_number(read["scale"]),
        low=_optional(require_number, read["low"]),
        high=_optional(require_number, read["high"]),
        format=_optional(_text_format, read["format"]),
    )


def _category_column(record: object) -> CategoryColumn:
    read = require_fields(record, "kind", "name", "levels", "pooled", "has_gaps")
    levels, pooled = require_list(read["levels"]), require_list(read["pooled"])
    if len(levels) > MAX_LEVELS or len(pooled) > MAX_POOLED_LEVELS:
        raise ValueError("a category has too many levels")
    return CategoryColumn(
        name=require_text(read["name"]),
        levels=tuple(map(require_text, levels)),
        pooled=tuple(map(require_text, pooled)),
        has_gaps=require_flag(read["has_gaps"]),
    )


def _datetime_column(record: object) -> DatetimeColumn:
    names = ("kind", "name", "origin", "fill", "elapsed", "parts", "has_gaps", "center", "scale", "format")
    read = require_fields(record, *names)
    parts = tuple(map(require_text, require_list(read["parts"])))
    if not set(parts) <= set(get_args(Part)) or len(set(parts)) != len(parts):
        raise ValueError("a datetime has unknown parts")
    return DatetimeColumn(
        name=require_text(read["name"]),
        origin=require_number(read["origin"]),
        fill=require_number(read["fill"]),
        elapsed=_spline(read["elapsed"]),
        parts=parts,  # type: ignore[arg-type]  # checked above
        has_gaps=require_flag(read["has_gaps"]),
        center=require_number(read["center"]),
        scale=require_number(read["scale"]),
        format=_optional(_text_format, read["format"]),
    )


_COLUMNS: Mapping[str, Callable[[object], AnyColumn]] = {
    "number": _number_column,
    "boolean": _number_column,
    "category": _category_column,
    "datetime": _datetime_column,
}


def _text_format(record: object) -> TextFormat:
    """Return one of our own formats, because a regular expression of a stranger may take any time."""
    found = next((form for form in FORMATS if _plain(form) == record), None)
    if found is None:
        raise ValueError("a column has an unknown format")
    return found


def _spline(record: object) -> Spline:
    read = require_fields(record, "low", "high", "knots")
    return Spline(require_number(read["low"]), require_number(read["high"]), tuple(require_numbers(read["knots"])))


def _optional(read: Callable[[object], Any], value: object) -> Any:
    return None if value is None else read(value)
