import csv

import numpy as np

import domain.learning.plan
from domain.learning.run_files import run_files
from tests.support.examples import a_training


def rows_of(file):
    return list(csv.reader(file.decode().splitlines()))


def cells(rows):
    return np.column_stack([rows.features, rows.target]).tolist()


def test_data_and_weights_read_back_to_the_last_bit():
    training = a_training()
    model, charts = training.fit.model, {"loss.png": b"png"}

    files = run_files(training, charts)

    assert set(files) == {"data/train.csv", "data/test.csv", "weights.csv", "plots/loss.png"}
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

    assert set(files) == {"data/train_sample.csv", "data/test.csv", "weights.csv"}
    sample = [[float(cell) for cell in row] for row in rows_of(files["data/train_sample.csv"])[1:]]
    assert len(sample) == 7
    assert all(row in cells(training.split.train) for row in sample)
