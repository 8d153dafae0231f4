"""A memory as plain dicts, lists, strings and numbers, and back: what a tracked run keeps in a file of JSON.

The way back trusts nothing: exact keys, a digest that must match, exact shapes, finite numbers.
"""

import hashlib
import json
import math
from typing import Any

import numpy as np

from domain.dataset import FloatArray
from domain.errors import NoMemory
from domain.linear_model import LinearModel
from domain.sgd.memory import Memory
from domain.sgd.spread import Spread

SCHEMA = 1
FILE = "memory.json"
# A factor has the square of these numbers, 5 MB as text; of more features nothing is kept.
MOST_FEATURES = 512
KEYS = {
    "schema", "rows", "target", "features", "coefficients", "intercept", "loss", "slope", "uncertainty", "mean",
    "factor", "digest",
}  # fmt: skip
# Bytes of a file that is read at all.
LARGEST_FILE = 16 * 1024 * 1024


def to_bytes(memory: Memory) -> bytes | None:
    """Return the file, None if there are too many features; floats read back as they were."""
    if len(memory.spread.mean) > MOST_FEATURES:
        return None
    record = {
        "schema": SCHEMA,
        "rows": memory.rows,
        "target": memory.target_name,
        "features": list(memory.model.feature_names),
        "coefficients": memory.model.coefficients.tolist(),
        "intercept": memory.model.intercept,
        "loss": memory.loss,
        "slope": memory.slope.tolist(),
        "uncertainty": memory.uncertainty,
        "mean": memory.spread.mean.tolist(),
        "factor": memory.spread.factor.tolist(),
    }
    return json.dumps(record | {"digest": _digest(record)}).encode()


def from_bytes(data: bytes, run_id: str) -> Memory:
    """Return what the file of a run holds, or raise `NoMemory` if it is not as `to_bytes` writes it."""
    try:
        return _memory(json.loads(data))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NoMemory(run_id, f"its {FILE} cannot be used: {error}") from error


def _memory(record: dict[str, Any]) -> Memory:
    if set(record) != KEYS:
        raise ValueError(f"its keys are not {sorted(KEYS)}")
    if record.pop("digest") != _digest(record):
        raise ValueError("its digest is that of another memory")
    if record["schema"] != SCHEMA or type(record["rows"]) is not int or record["rows"] < 1:
        raise ValueError("another schema, or no rows")
    columns = len(record["features"])
    coefficients = _numbers(record["coefficients"], (columns,))
    model = LinearModel(coefficients, record["intercept"], tuple(map(str, record["features"])))
    mean = _numbers(record["mean"], (columns,))
    factor = _numbers(record["factor"], (len(record["factor"]), columns))
    slope = _numbers(record["slope"], (columns + 1,))
    loss, uncertainty = float(record["loss"]), float(record["uncertainty"])
    if not (0 <= loss < math.inf and 0 <= uncertainty < math.inf and len(factor) <= columns):
        raise ValueError("a loss that is none, or more directions than features")
    return Memory(Spread(record["rows"], mean, factor), model, loss, slope, uncertainty, str(record["target"]))


def _digest(record: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _numbers(values: list[Any], shape: tuple[int, ...]) -> FloatArray:
    array = np.array(values) if values != [] else np.zeros(shape)
    if array.shape != shape or array.dtype.kind not in "if" or not np.isfinite(array).all():
        raise ValueError(f"not {shape} finite numbers")
    return array.astype(np.float64)
