"""The model that all serve, the rows that all are asked for, and the requests that ask for them."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import orjson

from benchmarks.learning.optimum import FloatArray
from domain.linear_model import LinearModel

DIABETES = Path(__file__).parents[2] / "entrypoints/data/diabetes.csv"
JSON = "application/json"


def a_model(features: int) -> LinearModel:
    """Return a model of the first features of the diabetes data."""
    with DIABETES.open(newline="", encoding="utf-8") as file:
        names = next(csv.reader(file))[:features]
    return LinearModel(np.random.default_rng(7).normal(0, 400, features), 152.13348416289642, tuple(names))


def rows_for(model: LinearModel, count: int) -> FloatArray:
    """Return rows of the size and scale of the diabetes data, shape (count, n_features), of 16 digits each."""
    return np.random.default_rng(11).normal(0, 0.0476, (count, len(model.feature_names)))


def post(path: str, body: bytes, kind: str = JSON, key: str | None = None) -> bytes:
    """Return a request as it goes over the wire, with a key if there is one."""
    authorization = f"Authorization: Bearer {key}\r\n" if key else ""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{authorization}Content-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def stream_body(model: LinearModel, row: FloatArray) -> bytes:
    """Return one record by name, for /stream."""
    return orjson.dumps({"X": dict(zip(model.feature_names, row.tolist(), strict=True))})


def batch_body(rows: FloatArray) -> bytes:
    """Return lists of numbers, for /batch."""
    return orjson.dumps({"X": rows.tolist()})


def numbers_body(rows: FloatArray) -> bytes:
    """Return the numbers of the only feature, for /batch."""
    return orjson.dumps({"X": rows[:, 0].tolist()})


def split_body(model: LinearModel, rows: FloatArray) -> bytes:
    """Return a table, for MLflow's /invocations."""
    return orjson.dumps({"dataframe_split": {"columns": model.feature_names, "data": rows.tolist()}})


def tensor_body(rows: FloatArray) -> bytes:
    """Return a flat tensor, for the Open Inference Protocol V2."""
    tensor = {"name": "X", "datatype": "FP64", "shape": list(rows.shape), "data": rows.ravel().tolist()}
    return orjson.dumps({"inputs": [tensor]})


def results(answer: bytes) -> Sequence[float]:
    """Return the predictions in an answer of any of the protocols."""
    told = orjson.loads(answer)
    if "outputs" in told:
        values: list[float] = told["outputs"][0]["data"]
    else:
        values = told["predictions"] if "predictions" in told else told["result"]
    return values if isinstance(values, list) else [values]
