import csv
from datetime import datetime

import numpy as np
import pytest

import domain.learning.plan
from domain.learning.run_files import run_files
from tests.support.examples import HOSTILE, a_hostile_training, a_training

OTHERS = ("weights.csv", "model_card.md", "model_card.html")


def rows_of(file):
    return list(csv.reader(file.decode().splitlines()))


def cells(rows):
    return np.column_stack([rows.features, rows.target]).tolist()


def test_data_and_weights_read_back_to_the_last_bit():
    training = a_training()
    model, charts = training.fit.model, {"loss.png": b"png"}

    files = run_files(training, charts)

    assert set(files) == {"data/train.csv", "data/test.csv", "plots/loss.png", *OTHERS}
    for part, rows in (("train", training.split.train), ("test", training.split.test)):
        header, *table = rows_of(files[f"data/{part}.csv"])
        assert header == ["x0", "x1", "y"]
        assert [[float(cell) for cell in row] for row in table] == cells(rows)
    header, *weights = rows_of(files["weights.csv"])
    assert [name for name, _ in weights] == ["(intercept)", "x0", "x1"]
    assert [float(weight) for _, weight in weights] == [model.intercept, *model.coefficients.tolist()]


def test_sample_is_kept_of_a_table_that_is_too_large(monkeypatch):
    monkeypatch.setattr(domain.learning.plan, "MAX_ARTIFACT_CELLS", 60)  # 20 rows of 3 columns; 50 are learned from
    monkeypatch.setattr(domain.learning.plan, "ARTIFACT_SAMPLE_ROWS", 7)
    training = a_training()

    files = run_files(training, {})

    assert set(files) == {"data/train_sample.csv", "data/test.csv", *OTHERS}
    sample = [[float(cell) for cell in row] for row in rows_of(files["data/train_sample.csv"])[1:]]
    assert len(sample) == 7
    assert all(row in cells(training.split.train) for row in sample)


def test_texts_dates_truth_values_and_gaps_are_written_as_a_table_has_them():
    training = a_hostile_training()

    files = run_files(training, {})

    header, *table = rows_of(files["data/test.csv"])
    assert header == [*training.split.test.feature_names, "$y$ <b>"]
    gaps, levels, dates, booleans, only, target = zip(*table, strict=True)
    assert {*gaps, *only} == {"", "one level"}
    assert {*levels, *booleans} == {*HOSTILE, "True", "False"}
    features, actual = training.split.test.sample(100, seed=0)
    assert [datetime.fromisoformat(date).timestamp() for date in dates] == pytest.approx(features[:, 2], abs=1e-6)
    assert [*map(float, target)] == actual.tolist()
    assert [name for name, _ in rows_of(files["weights.csv"])[2:]] == list(training.fit.model.term_names)
