"""What every source of a table does, whatever it reads."""

import numpy as np
import pytest

from domain.dataset import Dataset
from domain.errors import BadData
from domain.ports import DatasetSource
from tests.contracts.rows import collected

TABLE = Dataset([[1, 2], [3, 4], [5, 6], [7, 8]], [9, 10, 11, 12], ("a", "b"), "y")


class DatasetSourceContract:
    """Subclasses give the fixture `source`, which holds `TABLE`."""

    @pytest.fixture
    def source(self) -> DatasetSource:
        raise NotImplementedError

    def test_columns_are_named_in_their_order(self, source):
        assert source.columns() == ("a", "b", "y")

    def test_rows_are_those_of_the_table(self, source):
        rows = source.load("y", ("a", "b"))

        assert np.array_equal(collected(rows), np.column_stack([TABLE.features, TABLE.target]))

    def test_columns_come_in_the_order_asked_for(self, source):
        rows = source.load("a", ("y", "b"))

        assert (rows.feature_names, rows.target_name) == (("y", "b"), "a")
        assert collected(rows).tolist() == [[9, 2, 1], [10, 4, 3], [11, 6, 5], [12, 8, 7]]

    def test_table_can_be_loaded_again(self, source):
        first, again = (source.load("y", ("a",)) for _ in range(2))

        assert np.array_equal(collected(first), collected(again))
        assert first.fingerprint == again.fingerprint

    def test_table_can_have_no_features(self, source):
        assert collected(source.load("y", ())).tolist() == [[9], [10], [11], [12]]

    @pytest.mark.parametrize(("target", "features"), [("price", ("a",)), ("y", ("a", "size"))])
    def test_unknown_column_is_named_with_those_there_are(self, source, target, features):
        with pytest.raises(BadData, match="the columns are a, b, y"):
            source.load(target, features)

    @pytest.mark.parametrize("features", [("a", "a"), ("a", "y")])
    def test_column_asked_for_twice_is_refused(self, source, features):
        with pytest.raises(BadData):
            source.load("y", features)
