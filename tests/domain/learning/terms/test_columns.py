import numpy as np
import pytest

from domain.data.columns import Column
from domain.data.dataset import Dataset
from domain.learning.terms import columns
from domain.learning.terms.columns import select_columns

ROWS = 60
RANDOM = np.random.default_rng(0)
SHUFFLED = RANDOM.permutation(ROWS) + 1_000.0
NUMBERED = np.arange(float(ROWS))
CATEGORY = {"kind": "category", "levels": tuple(f"{place:02}" for place in range(ROWS))}
NAN = np.nan


@pytest.mark.parametrize(
    ("column", "values", "word"),
    [
        (Column("area"), RANDOM.normal(size=ROWS), ""),
        (Column("area", nullable=True), np.full(ROWS, NAN), "no values"),
        (Column("country"), np.ones(ROWS), "same value"),
        (Column("limit", nullable=True), np.where(NUMBERED < 9, NAN, 1.0), ""),
        (Column("address", "category", ("1 Main St\nOslo", "2\tB")), NUMBERED % 2, "line breaks"),
        (Column("line"), NUMBERED, "numbers"),
        (Column("line"), NUMBERED + 500, ""),
        (Column("line"), NUMBERED * 3, ""),
        (Column("line"), NUMBERED[::-1].copy(), ""),
        (Column("year"), NUMBERED, ""),
        (Column("customerId"), SHUFFLED, "id"),
        (Column("grid"), SHUFFLED, ""),
        (Column("row_id"), SHUFFLED + 0.5, ""),
        (Column("row_id"), SHUFFLED // 2, ""),
        (Column("row_id", **CATEGORY), NUMBERED, "id"),
        (Column("Unnamed: 0", **CATEGORY), NUMBERED, "id"),
        (Column("name", **CATEGORY), np.where(NUMBERED < 29, 0.0, NUMBERED), "once"),
        (Column("state", **CATEGORY), NUMBERED // 2, ""),
        (Column("sold", "datetime"), NUMBERED * 86_400, ""),
    ],
)
def test_columns_that_only_number_or_name_rows_are_left_out(column, values, word):
    kept, left_out = select_columns(Dataset(values[:, None], SHUFFLED, (column,), "price"))

    assert (len(kept), len(left_out)) == ((0, 1) if word else (1, 0))
    assert all(word in each.reason for each in left_out)


def test_row_numbers_are_recognized_in_a_sample_of_training_rows(monkeypatch):
    monkeypatch.setattr("domain.learning.terms.sample.MAX_SAMPLE_ROWS", 500)
    chosen = np.sort(RANDOM.permutation(5_000)[:4_000]).astype(float)
    table = Dataset(np.column_stack([chosen, np.sqrt(chosen) // 1, chosen // 2]), chosen, ("a", "b", "c"), "price")

    assert [each.name for each in select_columns(table)[1]] == ["a"]
    few = table.rows(slice(columns.MIN_ROWS - 1))
    assert select_columns(few)[1] == ()
