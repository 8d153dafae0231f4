"""The contract of every source of a table."""

import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.data.errors import InvalidData
from tests.contracts.rows import a_mixed_table, collected, whole

MIXED = a_mixed_table(40)
TABLE = Dataset([[1, 2], [3, 4], [5, 6], [7, 8]], [9, 10, 11, 12], ("a", "b"), "y")


class DatasetSourceContract:
    """Subclasses give the fixtures `source`, which holds `TABLE`, and `mixed`, which holds `MIXED`."""

    def test_columns_of_every_kind_are_read_with_their_kinds(self, mixed):
        rows = mixed.load("y").rows
        some = mixed.load("y", exclude=("city", "rooms")).rows

        assert (rows.columns, some.feature_names) == (MIXED.columns, ("garden", "sold"))
        assert np.array_equal(collected(rows), whole(MIXED), equal_nan=True)
        for words in ({"exclude": ("size",)}, {"kinds": {"size": "number"}}):
            with pytest.raises(InvalidData, match="no column 'size'"):
                mixed.load("y", **words)

    def test_rows_are_those_of_the_table_each_time(self, source):
        first, again = (source.load("y", ("a", "b")).rows for _ in range(2))

        assert source.columns() == ("a", "b", "y")
        for rows in (first, again):
            assert np.array_equal(collected(rows), whole(TABLE))
        assert first.fingerprint == again.fingerprint

    def test_columns_come_in_the_order_asked_for(self, source):
        rows = source.load("a", ("y", "b")).rows

        assert (rows.feature_names, rows.target_name) == (("y", "b"), "a")
        assert collected(rows).tolist() == [[9, 2, 1], [10, 4, 3], [11, 6, 5], [12, 8, 7]]
        assert collected(source.load("y", ()).rows).tolist() == [[9], [10], [11], [12]]

    def test_column_that_is_unknown_or_asked_for_twice_is_refused(self, source):
        for target, features, message in (
            ("price", ("a",), "no column 'price'; the columns are 'a', 'b', 'y'"),
            ("y", ("a", "size"), "no column 'size'; the columns are 'a', 'b', 'y'"),
            ("y", ("a", "a"), "column 'a' appears more than once"),
            ("y", ("a", "y"), "column 'y' appears more than once"),
        ):
            with pytest.raises(InvalidData, match=message):
                source.load(target, features)
