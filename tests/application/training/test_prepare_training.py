import numpy as np
import pytest

from adapters.memory.dataset_source import InMemorySource
from application.training.prepare_training import PrepareTraining
from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.data.errors import InvalidData, UnusableColumns
from domain.data.split import HoldOutFiles, HoldOutLast
from domain.data.table import LeftOut, Table
from domain.learning.plan import TrainingPlan
from domain.learning.sgd import SGD

ROWS, RANDOM = 60, np.random.default_rng(0)
MIXED = Dataset(
    np.column_stack([RANDOM.normal(size=ROWS), np.ones(ROWS), RANDOM.integers(0, 2, ROWS)]),
    RANDOM.normal(size=ROWS),
    (Column("area"), Column("country"), Column("city", "category", ("Bergen", "Oslo"))),
    "price",
)


class SourceWithText(InMemorySource):
    """Has a column of lists beside the table, which it leaves out."""

    def load(self, target, features=None, **options):
        rows = super().load(target, None if features is None else [name for name in features if name != "tags"])
        named = features is None or "tags" in features
        return Table(rows.rows, (LeftOut("tags", "holds lists"),) if named else (), ("12 rows have no target",))


def prepared(source, features=None, hold_out=HoldOutLast(20), **options):  # noqa: B008  # it is a value
    return PrepareTraining(source)(TrainingPlan("price", features, hold_out, SGD(), **options))


def test_columns_that_suit_a_model_are_chosen_from_the_training_rows_and_others_have_reasons():
    rows = HoldOutFiles("other.csv", lambda target, columns: MIXED.select([column.name for column in columns]))
    for hold_out in (HoldOutLast(20), rows):
        made = prepared(SourceWithText(MIXED), hold_out=hold_out, terms="auto", penalty=None)

        assert made.split.train.feature_names == ("area", "city")
        assert [column.name for column in made.choice.encoding.left_out] == ["tags", "country", "price"]
        assert (made.settings["features"], made.settings["penalty"]) == ("area, city", made.choice.penalty)
        assert made.notes == ("12 rows have no target",)


def test_named_columns_are_taken_as_they_are_and_all_unusable_ones_are_refused_at_once():
    source = SourceWithText(MIXED)

    settings = prepared(source, kinds={"country": "number"}, exclude=("city",)).settings
    assert (settings["kinds"], settings["exclude"]) == ("country: number", "city")
    assert TrainingPlan("price", None, HoldOutLast(20), SGD(), log_target=True).settings["log_target"]
    assert prepared(source, ("country", "area"), terms="auto").split.train.feature_names == ("country", "area")
    with pytest.raises(UnusableColumns) as caught:
        prepared(source, ("area", "tags"))
    assert caught.value.reasons == {"tags": "holds lists"}
    with pytest.raises(UnusableColumns) as caught:
        prepared(InMemorySource(MIXED), exclude=("area", "city"))
    assert list(caught.value.reasons) == ["country", "area", "city"]
    assert caught.value.usable == ("country",)


def test_table_of_the_target_alone_is_refused():
    with pytest.raises(InvalidData, match="'price' is the only column"):
        prepared(InMemorySource(MIXED.select(())))


def test_rows_that_are_needed_depend_on_the_penalty():
    few = InMemorySource(Dataset(RANDOM.normal(size=(12, 6)), RANDOM.normal(size=12), tuple("abcdef"), "price"))

    assert len(prepared(few, hold_out=HoldOutLast(5), penalty=1.0).split.train) == 7
    with pytest.raises(InvalidData, match="training rows are too few: 7, at least 8"):
        prepared(few, hold_out=HoldOutLast(5))


def test_levels_that_a_model_does_not_keep_are_noted_with_their_rows():
    levels = ("a\nb", *(f"{number:04}" for number in range(1_203)))

    def notes(codes):
        table = Dataset(
            np.array(codes)[:, None], RANDOM.normal(size=len(codes)), (Column("city", "category", levels),), "price"
        )
        return prepared(InMemorySource(table), ("city",), terms="linear", penalty=1.0).notes

    odd = "column 'city': 1 level in 7 training rows left out, because 'a\\nb' has control characters or is too long"
    rare = "column 'city': 3 levels in 6 training rows left out, because a model keeps the 1,200 most frequent"
    assert notes([*range(1, 1_204)] * 2 + [0] * 7 + list(range(1, 1_001))) == (odd, rare)
    assert notes([*range(1, 1_204)] * 2 + list(range(1, 1_001))) == (rare,)
    assert notes([0] * 7 + [1, 2] * 30) == (odd,)
    assert notes([1, 2, 3] * 20 + [0] * 20) == ()
    (sampled,) = notes([0] * 7 + [1, 2, 3] * 6_000)
    assert "of a sample of 16,384 left out" in sampled
