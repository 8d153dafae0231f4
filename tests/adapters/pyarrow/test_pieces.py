"""Pieces of Parquet rows: they travel, and hold the rows of the table under their numbers."""

import pickle

import numpy as np
import pytest

from adapters.pyarrow import parquet_rows
from domain.data.dataset import Dataset
from domain.data.errors import InvalidCell
from domain.data.pieces import PiecewiseRows
from domain.data.split import HoldOutFraction, HoldOutLast
from domain.learning.encoded_fit import fit_encoded
from domain.learning.sgd import SGD
from domain.learning.terms.choice import choose_terms
from domain.model.scores import evaluate
from tests.contracts.rows import a_long_table, a_mixed_table, collected
from tests.support.pieces import RoundsHere, traveled
from tests.support.tables import parquet_files, read, write_parquet

ROWS = 9_000


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr(parquet_rows, "MIN_PIECE_ROWS", 1_000)
    monkeypatch.setattr("adapters.pyarrow.parquet_files.ROW_GROUP_RUN_ROWS", 250)


def rows_of_files(directory, table):
    return read(parquet_files(directory, table, files=4, group=200), features=table.feature_names)


def lengths(rows):
    return [len(piece) for piece in rows.pieces()]


def test_pieces_are_of_about_equal_length_and_hold_the_rows_in_order(tmp_path, monkeypatch):
    table = a_long_table(ROWS)
    rows = rows_of_files(tmp_path, table)

    assert len(lengths(rows)) == 9
    assert min(lengths(rows)) >= 750
    assert max(lengths(rows)) <= 1_250
    for rule in (HoldOutFraction(0.3, seed=2), HoldOutLast(2_500)):
        for part in (rows, rule(rows).train, rule(rule(rows).train).train, rule(rule(rows).train).test):
            pieces = [collected(traveled(piece)) for piece in part.pieces()]

            assert np.array_equal(np.concatenate(pieces), collected(part))
    monkeypatch.setattr(parquet_rows, "MAX_PIECES", 3)
    assert len(lengths(rows)) == 3
    monkeypatch.setattr(parquet_rows, "MIN_PIECE_ROWS", 1_000_000)
    assert lengths(rows) == [ROWS]


def test_rows_without_a_target_are_missing_from_the_pieces(tmp_path):
    target = np.where(np.arange(ROWS) % 7 == 3, np.nan, np.arange(ROWS))
    rows = read([write_parquet(tmp_path / "a.parquet", {"a": np.arange(ROWS), "y": target}, 100)])

    pieces = [collected(traveled(piece))[:, -1] for piece in HoldOutLast(100)(rows).train.pieces()]

    assert np.concatenate(pieces).tolist() == target[~np.isnan(target)][:-100].tolist()


def test_numbers_of_a_piece_have_the_type_of_the_whole_table(tmp_path):
    values = np.arange(2_000)
    single = write_parquet(tmp_path / "a.parquet", {"a": values.astype("f4"), "y": values.astype("f4")}, 500)
    double = write_parquet(tmp_path / "b.parquet", {"a": values.astype("f8"), "y": values.astype("f8")}, 500)

    types = [
        {next(traveled(piece).blocks(100)).features.dtype for piece in read(paths).pieces()}
        for paths in ([single], [single, double])
    ]

    assert types == [{np.dtype("f4")}, {np.dtype("f8")}]


def test_piece_travels_without_footers_and_columns_that_are_not_read(tmp_path):
    wide = {f"c{number}": np.arange(ROWS) for number in range(200)} | {"a": np.arange(ROWS), "y": np.arange(ROWS)}
    rows = read([write_parquet(tmp_path / "a.parquet", wide, 100)])

    sizes = [len(pickle.dumps(piece, protocol=5)) for piece in HoldOutFraction(0.2, 0)(rows).train.pieces()]

    assert max(sizes) < 8_000


def test_fit_and_scores_of_pieces_are_near_those_of_the_whole_table(tmp_path):
    table = a_mixed_table(ROWS)
    effect = np.nan_to_num(table.features[:, 0]) + table.features[:, 2]
    table = Dataset(table.features, table.target + effect, table.columns, table.target_name)
    rows = HoldOutFraction(0.2, seed=1)(rows_of_files(tmp_path, table))
    choice = choose_terms(rows.train, "splines", None, seed=0)

    fits = [
        fit_encoded(SGD(tol=1e-8), train, choice) for train in (rows.train, PiecewiseRows(rows.train, RoundsHere()))
    ]

    whole, pieces = (
        evaluate(fits[0].model, test).as_dict() for test in (rows.test, PiecewiseRows(rows.test, RoundsHere()))
    )
    assert fits[1].report.stop_reason == "tol"
    # Sums of 1,800 terms, added in another order; models within √(4 tol) of each other.
    assert pieces == pytest.approx(whole, rel=1e-12)
    assert evaluate(fits[1].model, rows.test).r2 == pytest.approx(whole["r2"], abs=2e-4)


def test_invalid_cell_of_a_piece_is_named_by_its_row_in_the_file(tmp_path):
    values = np.arange(ROWS, dtype=float)
    target = values.copy()
    target[7_123] = np.inf
    path = write_parquet(tmp_path / "a.parquet", {"a": values, "y": target}, 100)

    with pytest.raises(InvalidCell) as caught:
        SGD().fit(PiecewiseRows(read([path]), RoundsHere()))

    assert (caught.value.row, caught.value.column, caught.value.place) == (7_124, "y", str(path))
