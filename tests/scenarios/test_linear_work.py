"""The work for wide tables and for hostile records grows in proportion to them."""

from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.data.text_formats import FORMATS
from domain.features.category_column import CategoryColumn
from domain.features.datetime_column import DatetimeColumn
from domain.features.encoding import Encoding
from domain.features.number_column import NumberColumn
from domain.features.spline import Spline
from domain.model.errors import CorruptModel, WrongKind
from domain.model.linear_model import LinearModel
from domain.model.prediction_input import input_values
from domain.model.serialization import from_record, to_record
from tests.support.examples import a_version
from tests.support.work import TIMES, grows_in_proportion

COUNT = 500


def names(count):
    return tuple(f"x{number}" for number in range(count))


def wide_table(count):
    table = Dataset(np.ones((1, count)), np.ones(1), names(count), "y")
    return lambda: table.select(names(count)[::-1])


def rows_of_two_forms(count):
    rows = [dict.fromkeys(names(count), 1.0), [1.0] * count]
    return partial(input_values, rows, Encoding.of_numbers(names(count)))


def one_golden_row_many_times(count):
    """As a pickle can hold it in the bytes of a single row."""
    record = to_record(a_version()) | {"golden": {"rows": [[1.0] * count] * count, "predictions": []}}

    def read():
        with pytest.raises(CorruptModel):
            from_record(record, "1")

    return read


def one_long_name_many_times(count):
    def make():
        with suppress(ValueError):
            LinearModel(np.ones(count), 0.0, ("x" * 10 * count,) * count)

    return make


def one_long_text_in_each_format(count):
    number, date = NumberColumn("x"), DatetimeColumn("x", 0.0, 0.0, Spline(0.0, 1.0))
    columns = [replace(date if form.kind == "datetime" else number, format=form) for form in FORMATS]
    texts = [text * 2 * count + "x" for text in ("1", "1,111", "1.111")]

    def read():
        for column, text in product(columns, texts):
            with pytest.raises(WrongKind):
                input_values([[text]], Encoding((column,)))

    return read


def one_text_of_many_accents(count):
    """Whose normal form takes quadratic time."""
    rows = ["a" + "\u0301\u0323" * 20 * count]
    return partial(input_values, rows, Encoding((CategoryColumn("city", ("Oslo",)),)))


@pytest.mark.parametrize(
    "of",
    [
        wide_table,
        rows_of_two_forms,
        one_golden_row_many_times,
        one_long_name_many_times,
        one_long_text_in_each_format,
        one_text_of_many_accents,
    ],
)
def test_work_grows_in_proportion(of):
    assert grows_in_proportion(of(COUNT), of(TIMES * COUNT))
