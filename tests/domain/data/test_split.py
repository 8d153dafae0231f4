import numpy as np
import pytest

from domain.data.dataset import Dataset
from domain.data.errors import InvalidData
from domain.data.split import HoldOutFiles, HoldOutFraction, HoldOutLast, Split
from domain.errors import InvalidParameter
from tests.support.examples import a_table


def test_last_rows_are_held_out():
    table = a_table(rows=10)

    split = HoldOutLast(3)(table)

    assert np.array_equal(split.train.target, table.target[:7])
    assert np.array_equal(split.test.features, table.features[7:])


def test_random_fraction_parts_all_rows_once_in_their_order():
    table = Dataset(np.arange(10_000.0).reshape(-1, 1), np.arange(10_000.0), ("x",), "y")

    split = HoldOutFraction(0.2, seed=7)(table)

    train, test = (part.sample(len(part), seed=0).target for part in (split.train, split.test))
    assert len(test) == pytest.approx(2_000, abs=120)  # three standard deviations of 10,000 draws
    assert sorted([*train, *test]) == table.target.tolist()
    assert (np.diff(train) > 0).all()
    assert (np.diff(test) > 0).all()


def test_rows_that_are_appended_leave_the_choice_among_the_others_as_it_was():
    table = a_table(rows=200)

    part, both = (HoldOutFraction(0.2, seed=7)(rows).test for rows in (table.rows(slice(None, 150)), table))

    assert np.array_equal(part.positions, both.positions[: len(part)])


def test_files_are_held_out_and_all_of_the_table_is_learned_from():
    table = a_table()

    split = HoldOutFiles("2026-*.parquet", load=lambda target, features: (target, features))(table)

    assert (split.train, split.test) == (table, ("y", table.columns))


def test_hold_out_outside_its_range_is_refused():
    makers = [
        *(("holdout", lambda count=count: HoldOutLast(count)) for count in (0, -3)),
        *(("holdout", lambda part=part: HoldOutFraction(part, seed=0)) for part in (0, 1, -0.2, 1.5, float("nan"))),
        *(("seed", lambda seed=seed: HoldOutFraction(0.5, seed)) for seed in (-1, 2**63)),
    ]
    for name, make in makers:
        with pytest.raises(InvalidParameter) as caught:
            make()
        assert caught.value.name == name


def test_hold_outs_are_recorded_as_text():
    assert str(HoldOutLast(20)) == "last 20 rows"
    assert str(HoldOutFraction(0.2, seed=7)) == "random 0.2 of the rows, seed 7"
    assert str(HoldOutFiles("2026-*.parquet", load=lambda target, features: a_table())) == "the files 2026-*.parquet"


def test_too_few_rows_are_refused():
    HoldOutLast(2)(a_table(rows=6, features=2)).validate_learnable(4)
    for held_out, rows, why in ((10, 10, "data.* 10, .*11"), (2, 5, "training.* 3, .*4"), (1, 30, "held-out.* 1, .*2")):
        with pytest.raises(InvalidData, match=why):
            HoldOutLast(held_out)(a_table(rows, features=2)).validate_learnable(4)


def test_constant_target_is_refused():
    for part, constant in (("training", slice(None, 20)), ("held-out", slice(20, None))):
        target = np.arange(25.0)
        target[constant] = 7
        table = Dataset(np.arange(25.0).reshape(25, 1), target, ("x",), "price")

        with pytest.raises(InvalidData, match=f"'price' is 7 .*{part}"):
            Split(table.rows(slice(None, 20)), table.rows(slice(20, None))).validate_learnable(4)
