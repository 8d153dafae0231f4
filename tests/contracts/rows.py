"""The contract of all rows, in memory and in files."""

import numpy as np
import pytest

from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.data.errors import InvalidCell, InvalidData
from domain.data.rows import Rows
from domain.data.split import HoldOutFraction, HoldOutLast

ROWS = 2000


def a_long_table(rows=ROWS, seed=0):
    """Return a table whose first feature is the number of the row."""
    random = np.random.default_rng(seed)
    features = np.column_stack([np.arange(rows, dtype=float), random.normal(size=(rows, 2))])
    return Dataset(features, random.normal(size=rows), ("row", "a", "b"), "y")


def a_mixed_table(rows=ROWS):
    """Return a table with a column of each kind; three of them have gaps."""
    random = np.random.default_rng(1)
    columns = (
        Column("rooms", nullable=True),
        Column("garden", "boolean", nullable=True),
        Column("city", "category", ("Bergen", "Oslo, a", "Ålesund")),
        Column("sold", "datetime", nullable=True),
    )
    drawn = (random.normal(size=rows), *(random.integers(0, end, rows) for end in (2, 3, 10**9)))
    features = np.column_stack(drawn).astype(float)
    features[random.random((rows, 4)) < [0.2, 0.1, 0, 0.3]] = np.nan
    return Dataset(features, random.normal(size=rows), columns, "y")


def collected(rows, size=512, order=None):
    """Return all blocks in one table, C-ordered, the target last."""
    blocks = [np.column_stack([block.features, block.target]) for block in rows.blocks(size, order)]
    return np.concatenate(blocks) if blocks else np.empty((0, len(rows.feature_names) + 1))


def whole(table):
    return np.column_stack([table.features, table.target])


def of_target(table, target):
    return Dataset(table.features, target, table.feature_names, table.target_name)


class RowsContract:
    """Subclasses give the fixture `build`: it returns rows that hold what a `Dataset` does."""

    @pytest.fixture
    def table(self) -> Dataset:
        return a_long_table()

    @pytest.fixture
    def rows(self, build, table) -> Rows:
        return build(table)

    def test_blocks_hold_every_row_once_in_order_and_are_about_as_long_as_asked_for(self, rows, table):
        assert (len(rows), rows.feature_names, rows.target_name) == (ROWS, table.feature_names, "y")
        next(iter(rows.blocks(100)))  # a pass that is given up
        for size in (1, 7, 100, 512, ROWS, 10 * ROWS):
            assert np.array_equal(collected(rows, size), whole(table))
        for size in (7, 100):
            lengths = [len(block.target) for block in rows.blocks(size)]
            assert max(lengths) <= 1.5 * size
            assert np.mean(lengths) > size / 2

    def test_rows_of_every_kind_are_those_of_a_table_in_memory(self, build):
        table = a_mixed_table()
        rows = build(table)
        parts, known = HoldOutFraction(0.2, 3)(rows), HoldOutFraction(0.2, 3)(table)

        assert rows.columns == table.columns
        assert np.array_equal(collected(rows), whole(table), equal_nan=True)
        assert np.array_equal(collected(parts.test), collected(known.test), equal_nan=True)
        assert np.isnan(rows.sample(640, seed=0).features).sum(axis=0).astype(bool).tolist() == [
            True,
            True,
            False,
            True,
        ]

    def test_random_order_holds_every_row_once_and_is_that_of_the_generator(self, rows, table):
        first, again, other = (collected(rows, 100, np.random.default_rng(seed)) for seed in (1, 1, 2))

        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)
        assert not np.array_equal(first, whole(table))
        for shuffled in (first, other):
            assert np.array_equal(shuffled[shuffled[:, 0].argsort()], whole(table))

    def test_parts_and_parts_of_parts_are_those_of_a_table_in_memory(self, rows, table):
        for hold_out in (HoldOutLast(20), HoldOutLast(ROWS - 1), HoldOutFraction(0.2, 3)):
            split, known = hold_out(rows), hold_out(table)
            for part, expected in ((split.train, known.train), (split.test, known.test)):
                assert len(part) == len(expected)
                assert np.array_equal(collected(part), collected(expected))
                shuffled = collected(part, 100, np.random.default_rng(0))
                assert np.array_equal(shuffled[shuffled[:, 0].argsort()], collected(expected))
        for inner in (HoldOutFraction(0.5, 2), HoldOutLast(10)):
            part, expected = (inner(HoldOutFraction(0.3, 1)(one).train).test for one in (rows, table))
            assert np.array_equal(collected(part), collected(expected))

    def test_rule_that_chooses_nothing_leaves_no_rows(self, rows):
        every, none = rows.parts(lambda first, count, total: np.zeros(count, bool))

        assert len(every) == len(rows)
        assert (len(none), list(none.blocks(10)), none.constant_target()) == (0, [], None)

    def test_sample_comes_from_all_over_in_order_and_is_that_of_its_seed(self, rows, table):
        sample, again, other = (rows.sample(640, seed) for seed in (0, 0, 2))

        numbers = sample.features[:, 0].astype(int)
        tenths = np.histogram(numbers, 10, (0, ROWS))[0]
        assert (np.diff(numbers) >= 0).all()
        assert np.array_equal(whole(sample), whole(table)[numbers])
        assert 600 <= len(sample.target) <= 640
        assert (tenths >= 32).all()
        assert np.array_equal(whole(sample), whole(again))
        assert not np.array_equal(whole(sample), whole(other))

    def test_sample_of_a_few_rows_of_a_part_and_of_all(self, rows, table):
        for count in (1, 10, 100):
            assert len(rows.sample(count, seed=0).target) == count
        assert np.array_equal(whole(rows.sample(ROWS, seed=0)), whole(table))
        part = HoldOutFraction(0.2, 3)(rows).test
        sample = part.sample(100, seed=0)
        assert len(sample.target) == 100
        assert set(sample.features[:, 0]) <= set(collected(part)[:, 0])

    def test_selected_columns_come_in_the_order_asked_for(self, rows, table):
        part, known = (HoldOutFraction(0.2, 3)(one).test.select(("b", "row")) for one in (rows, table))

        assert part.feature_names == ("b", "row")
        assert np.array_equal(collected(part), collected(known))
        with pytest.raises(InvalidData, match="no column 'c'; the columns are 'row', 'a', 'b'"):
            rows.select(("a", "c"))

    def test_fingerprint_is_that_of_the_rows(self, build, rows, table):
        changed = table.features.copy()
        changed[ROWS // 2, 1] = 10
        other = build(Dataset(changed, table.target, table.feature_names, "y"))
        split = HoldOutFraction(0.2, 3)(rows)

        prints = [one.fingerprint for one in (rows, other, split.train, split.test, rows.select(("a",)))]

        assert len(set(prints)) == len(prints)
        assert rows.fingerprint == prints[0]
        assert {len(one) for one in prints} == {64}

    def test_constant_target_is_its_value_and_none_if_it_varies(self, build, table):
        constant = np.full(ROWS, 2.5)

        assert build(of_target(table, constant)).constant_target() == 2.5
        assert build(of_target(table, np.append(constant[1:], 3.0))).constant_target() is None

    def test_unusable_number_is_named_by_row_and_column(self, build, table):
        for column, value in (("y", np.inf), ("b", -1e200)):
            values = whole(table)
            values[1765, ["row", "a", "b", "y"].index(column)] = value
            with pytest.raises(InvalidCell) as caught:
                collected(build(self.unchecked(table, values)))
            assert (caught.value.row, caught.value.column) == (self.row_in_its_file(1766), column)

    def row_in_its_file(self, row: int) -> int:
        """Return the number, counted from 1, of a row of the table in the file that it is in."""
        return row

    @staticmethod
    def unchecked(table, values):
        """Return a table that was never checked, to be written to where `build` will read it."""
        made = object.__new__(Dataset)
        for name, value in (
            *(("features", values[:, :-1]), ("target", values[:, -1])),
            *(("columns", table.columns), ("target_name", "y")),
        ):
            object.__setattr__(made, name, value)
        return made
