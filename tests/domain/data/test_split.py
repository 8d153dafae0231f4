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


def test_named_files_judge_and_all_of_the_table_is_learned_from():
    table, files = a_table(rows=20), a_table(rows=5, seed=8)
    asked = []

    def load(target, features):
        asked.append((target, features))
        return files

    split = HoldOutFiles("2026-*.parquet", load)(table)

    assert (split.train, split.test) == (table, files)
    assert asked == [("y", ("x0", "x1"))]


@pytest.mark.parametrize(
    ("make", "setting"),
    [
        *((lambda count=count: HoldOutLast(count), "holdout") for count in (0, -3)),
        *((lambda part=part: HoldOutFraction(part, seed=0), "holdout") for part in (0, 1, -0.2, 1.5, float("nan"))),
        *((lambda seed=seed: HoldOutFraction(0.5, seed), "seed") for seed in (-1, 2**63)),
    ],
)
def test_hold_out_that_makes_no_sense_is_refused(make, setting):
    with pytest.raises(InvalidParameter, match=setting):
        make()


def test_hold_outs_have_words_for_the_record():
    assert str(HoldOutLast(20)) == "last 20 rows"
    assert str(HoldOutFraction(0.2, seed=7)) == "random 0.2 of the rows, seed 7"
    assert str(HoldOutFiles("2026-*.parquet", load=lambda target, features: a_table())) == "the files 2026-*.parquet"


@pytest.mark.parametrize(
    ("held_out", "rows", "message"),
    [
        (10, 10, "the data rows are too few: 10, at least 11"),
        (2, 5, "the training rows are too few: 3, at least 4"),
        (1, 30, "the held-out rows are too few: 1, at least 2"),
    ],
)
def test_too_few_rows_are_refused(held_out, rows, message):
    with pytest.raises(InvalidData, match=message):
        HoldOutLast(held_out)(a_table(rows, features=2)).validate_learnable()


def test_learnable_split_passes():
    assert HoldOutLast(2)(a_table(rows=6, features=2)).validate_learnable() is None


@pytest.mark.parametrize(("part", "constant"), [("training", slice(None, 20)), ("held-out", slice(20, None))])
def test_constant_target_is_refused(part, constant):
    target = np.arange(25.0)
    target[constant] = 7
    table = Dataset(np.arange(25.0).reshape(25, 1), target, ("x",), "price")

    with pytest.raises(InvalidData, match=f"'price' is 7 in every one of the {part} rows"):
        Split(table.rows(slice(None, 20)), table.rows(slice(20, None))).validate_learnable()
