"""Scoring code of MLflow's own servers for a model of Endeavour; every registered model has a copy of this file.

It runs where this project is not installed, so it imports nothing of it, and reads the weights as data.
"""

import json
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # it ships no annotations
from mlflow.pyfunc.model import PythonModel, PythonModelContext


class LinearScorer(PythonModel):
    """y = X · coefficients + intercept, each row summed as the project itself sums it: the same to the last bit."""

    def load_context(self, context: PythonModelContext) -> None:
        """Read the weights; MLflow calls this once."""
        weights = json.loads(Path(context.artifacts["weights"]).read_bytes())
        self.features = weights["terms"]
        self.coefficients = np.array(weights["coefficients"], dtype=np.float64)
        self.intercept = weights["intercept"]

    def predict(self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Any:
        """Return one prediction a row, in target units."""
        del context, params
        rows = np.ascontiguousarray(model_input[self.features].to_numpy(dtype=np.float64))
        return np.einsum("ij,j->i", rows, self.coefficients) + self.intercept


mlflow.models.set_model(LinearScorer())
