"""Mixed columns: `/batch` of records with numbers and texts, beside MLflow's server of a scikit-learn pipeline."""

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.report import Finding
from benchmarks.serving.contenders import endeavour, mlflow_serving, post, trained
from benchmarks.serving.turns import FEW_CONNECTIONS, take_turns

NUMBERS, TEXTS = [f"number_{place}" for place in range(5)], [f"text_{place}" for place in range(5)]
TRAINING_ROWS, LEVELS, MIN_RATIO = 5_000, 20, 8


def mixed_finding(folder: Path, rows: int, seconds: float, rounds: int) -> Finding:
    """Return requests a second for `rows` records by name, over those of MLflow's server; both have one worker."""
    folder.mkdir()
    table = _table()
    table.to_csv(folder / "table.csv", index=False)
    trained(folder, "--data", str(folder / "table.csv"), "--target", "y")
    _save_pipeline(table, folder / "model")
    records = table[NUMBERS + TEXTS][:rows].to_dict("records")
    asked = post("/invocations", {"dataframe_records": records})
    ours, key = endeavour(folder, workers=1)
    with ours, mlflow_serving(folder, [asked], workers=1) as other:
        both = {"Endeavour": (ours, post("/batch", {"X": records}, key)), "MLflow": (other, asked)}
        turns = take_turns(both, seconds, rounds, FEW_CONNECTIONS)
    work = f"{rows:,} records of {len(NUMBERS)} numbers and {len(TEXTS)} texts, one worker, /batch"
    measure = "requests a second, over mlflow models serve of a scikit-learn pipeline"
    ratio = turns["Endeavour"].rate / turns["MLflow"].rate
    return Finding(work, measure, ratio, MIN_RATIO, rounds=rounds)


def _table() -> pd.DataFrame:
    """Return a table whose target `y` is linear in the numbers and has an effect of each text."""
    generator = np.random.default_rng(5)
    numbers = generator.standard_normal((TRAINING_ROWS, len(NUMBERS)))
    places = generator.integers(LEVELS, size=(TRAINING_ROWS, len(TEXTS)))
    texts = pd.DataFrame(np.array([f"level {place}" for place in range(LEVELS)])[places], columns=TEXTS)
    target = numbers.sum(axis=1) + 0.1 * places.sum(axis=1) + generator.standard_normal(TRAINING_ROWS)
    return pd.DataFrame(numbers, columns=NUMBERS).join(texts).assign(y=target)


def _save_pipeline(table: pd.DataFrame, folder: Path) -> None:
    encoder = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
            ("texts", OneHotEncoder(handle_unknown="ignore"), TEXTS),
        ]
    )
    pipeline = make_pipeline(encoder, Ridge()).fit(table[NUMBERS + TEXTS], table["y"])
    mlflow.sklearn.save_model(
        pipeline, str(folder), pip_requirements=["scikit-learn"], serialization_format="cloudpickle"
    )
