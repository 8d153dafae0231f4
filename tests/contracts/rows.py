"""What all rows do, wherever they are."""

import numpy as np
import pytest

from domain.dataset import Dataset
from domain.errors import BadCell, BadData
from domain.rows import Rows
from domain.split import LastRows, RandomFraction

ROWS = 2000


def a_long_table(rows=ROWS, seed=0):
    """Return a table whose first feature is the number of the row."""
    random = np.random.default_rng(seed)
    features = np.column_stack([np.arange(rows, dtype=float), random.normal(size=(rows, 2))])
    return Dataset(features, random.normal(size=rows), ("row", "a", "b"), "y")


def collected(rows, size=512, order=None):
    """Return all blocks in one table, C-ordered, the target last."""
    blocks = [np.column_stack([block.features, block.target]) for block in rows.blocks(size, order)]
    return np.concatenate(blocks) if blocks else np.empty((0, len(rows.feature_names) + 1))


def whole(table):
    return np.column_stack([table.features, table.target])


def in_order(values):
    return values[np.lexsort(values.T[::-1])]


class RowsContract:
    """Subclasses give the fixture `build`: it returns rows that hold what a `Dataset` does."""

    @pytest.fixture
    def build(self):
        raise NotImplementedError

    @pytest.fixture
    def table(self) -> Dataset:
        return a_long_table()

    @pytest.fixture
    def rows(self, build, table) -> Rows:
        return build(table)

    def test_names_and_length_are_those_of_the_table(self, rows, table):
        assert (len(rows), rows.feature_names, rows.target_name) == (ROWS, table.feature_names, "y")

    @pytest.mark.parametrize("size", [1, 7, 512, ROWS, 10 * ROWS])
    def test_blocks_hold_every_row_once_and_in_order(self, rows, table, size):
        assert np.array_equal(collected(rows, size), whole(table))

    @pytest.mark.parametrize("size", [7, 100])
    def test_blocks_are_about_as_long_as_asked_for(self, rows, size):
        lengths = [len(block.target) for block in rows.blocks(size)]

        assert max(lengths) <= 1.5 * size
        assert np.mean(lengths) > size / 2

    def test_rows_can_be_read_again(self, rows, table):
        next(iter(rows.blocks(100)))

        assert np.array_equal(collected(rows), collected(rows))

    def test_random_order_holds_every_row_once(self, rows, table):
        shuffled = collected(rows, 100, np.random.default_rng(0))

        assert not np.array_equal(shuffled, whole(table))
        assert np.array_equal(in_order(shuffled), whole(table))

    def test_random_order_is_that_of_the_generator(self, rows):
        first, again, other = (collected(rows, 100, np.random.default_rng(seed)) for seed in (1, 1, 2))

        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    @pytest.mark.parametrize("hold_out", [LastRows(20), LastRows(ROWS - 1), RandomFraction(0.2, 3)], ids=str)
    def test_parts_are_those_of_a_table_in_memory(self, rows, table, hold_out):
        split, known = hold_out(rows), hold_out(table)

        for part, expected in ((split.train, known.train), (split.test, known.test)):
            assert len(part) == len(expected)
            assert np.array_equal(collected(part), whole(expected))

    def test_parts_share_no_row_and_miss_none(self, rows, table):
        split = RandomFraction(0.3, 1)(rows)

        together = np.concatenate([collected(split.train), collected(split.test, 100, np.random.default_rng(0))])

        assert np.array_equal(in_order(together), whole(table))

    def test_part_of_a_part_is_that_of_a_table_in_memory(self, rows, table):
        inner, known = (RandomFraction(0.5, 2)(RandomFraction(0.3, 1)(one).train).test for one in (rows, table))
        last, known_last = (LastRows(10)(RandomFraction(0.3, 1)(one).train).test for one in (rows, table))

        assert np.array_equal(collected(inner), whole(known))
        assert np.array_equal(collected(last), whole(known_last))

    def test_rule_that_chooses_nothing_leaves_no_rows(self, rows):
        none = rows.where(lambda first, count, total: np.zeros(count, bool), chosen=True)

        assert (len(none), list(none.blocks(10)), none.constant_target()) == (0, [], None)

    def test_sample_comes_from_all_over_and_in_order(self, rows, table):
        sample = rows.sample(640, seed=0)

        numbers = sample.features[:, 0].astype(int)
        tenths = np.histogram(numbers, 10, (0, ROWS))[0]
        assert (np.diff(numbers) >= 0).all()
        assert np.array_equal(whole(sample), whole(table)[numbers])
        assert 600 <= len(sample) <= 640
        assert (tenths >= 32).all()

    @pytest.mark.parametrize("count", [1, 10, 100])
    def test_small_sample_has_rows_of_its_own(self, rows, count):
        assert len(rows.sample(count, seed=0)) == count

    def test_sample_is_that_of_its_seed(self, rows):
        first, again, other = (whole(rows.sample(100, seed)) for seed in (1, 1, 2))

        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_sample_of_all_rows_is_the_table(self, rows, table):
        assert np.array_equal(whole(rows.sample(ROWS, seed=0)), whole(table))

    def test_sample_of_a_part_is_within_the_part(self, rows):
        split = RandomFraction(0.2, 3)(rows)

        sample = split.test.sample(100, seed=0)

        assert len(sample) == 100
        assert set(sample.features[:, 0]) <= set(collected(split.test)[:, 0])

    def test_selected_columns_come_in_the_order_asked_for(self, rows, table):
        part = RandomFraction(0.2, 3)(rows).test.select(("b", "row"))

        known = RandomFraction(0.2, 3)(table).test.select(("b", "row"))
        assert part.feature_names == ("b", "row")
        assert np.array_equal(collected(part), whole(known))

    def test_selecting_a_stranger_is_refused_with_those_there_are(self, rows):
        with pytest.raises(BadData, match="row, a, b"):
            rows.select(("a", "c"))

    def test_fingerprint_is_that_of_the_rows(self, build, rows, table):
        changed = table.features.copy()
        changed[ROWS // 2, 1] = 10
        other = build(Dataset(changed, table.target, table.feature_names, "y"))
        split = RandomFraction(0.2, 3)(rows)

        prints = [one.fingerprint for one in (rows, other, split.train, split.test, rows.select(("a",)))]

        assert len(set(prints)) == len(prints)
        assert rows.fingerprint == prints[0]
        assert {len(one) for one in prints} == {64}

    def test_constant_target_is_told(self, build, table):
        constant = np.full(ROWS, 2.5)
        almost = np.append(constant[1:], 3.0)

        found = [build(Dataset(table.features, y, table.feature_names, "y")) for y in (constant, almost)]

        assert [rows.constant_target() for rows in found] == [2.5, None]

    @pytest.mark.parametrize("value", [np.nan, np.inf, -1e200])
    @pytest.mark.parametrize("column", ["a", "y"])
    def test_unusable_number_is_named_by_row_and_column(self, build, table, column, value):
        values = whole(table)
        values[1765, ["row", "a", "b", "y"].index(column)] = value

        with pytest.raises(BadCell) as caught:
            collected(build(self.unchecked(table, values)))

        assert (caught.value.row, caught.value.column) == (self.row_in_its_file(1766), column)

    def row_in_its_file(self, row: int) -> int:
        """Return the number, counted from 1, of a row of the table in the file that it is in."""
        return row

    @staticmethod
    def unchecked(table, values):
        """Return a table that was never checked, to be written to where `build` will read it."""
        made = object.__new__(Dataset)
        for name, value in {
            "features": values[:, :-1],
            "target": values[:, -1],
            "feature_names": table.feature_names,
            "target_name": "y",
        }.items():
            object.__setattr__(made, name, value)
        return made
