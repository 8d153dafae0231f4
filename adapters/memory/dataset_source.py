"""A table that is already in memory."""

from collections.abc import Sequence

import numpy as np

from domain.data.column_names import require_known_names
from domain.data.dataset import Dataset
from domain.ports import DatasetSource


class InMemorySource(DatasetSource):
    """Serves the columns of a table that is at hand."""

    def __init__(self, table: Dataset) -> None:
        self._table = table

    def columns(self) -> tuple[str, ...]:
        """Return the features' names and the target's."""
        return (*self._table.feature_names, self._table.target_name)

    def load(self, target: str, features: Sequence[str]) -> Dataset:
        """Return these columns."""
        values = dict(zip(self.columns(), (*self._table.features.T, self._table.target), strict=True))
        require_known_names((*features, target), self.columns())
        columns = np.array([values[name] for name in features]).reshape(len(features), len(self._table))
        return Dataset(np.ascontiguousarray(columns.T), values[target], tuple(features), target)
