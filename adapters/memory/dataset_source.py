"""A table that is already in memory."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from domain.data.column_names import require_known_names, require_unique_names
from domain.data.columns import Column, Kind
from domain.data.dataset import Dataset
from domain.data.table import Table
from domain.ports import DatasetSource


class InMemorySource(DatasetSource):
    """Serves the columns of a table that is at hand."""

    def __init__(self, table: Dataset) -> None:
        self._table = table

    def columns(self) -> tuple[str, ...]:
        """Return the features' names and the target's."""
        return (*self._table.feature_names, self._table.target_name)

    def load(
        self,
        target: str,
        features: Sequence[str] | None = None,
        *,
        exclude: Collection[str] = (),
        kinds: Mapping[str, Kind] | None = None,
    ) -> Table:
        """Return these columns; their kinds are those of the table."""
        table = self._table
        if features is None:
            features = [name for name in self.columns() if name != target and name not in exclude]
        require_unique_names((*features, target))
        require_known_names((*features, target, *exclude, *(kinds or ())), self.columns())
        if target == table.target_name:
            return Table(table.select(features))
        values = dict(zip(self.columns(), (*table.features.T, table.target), strict=True))
        columns = {column.name: column for column in table.columns}
        matrix = np.array([values[name] for name in features]).reshape(len(features), len(table))
        chosen = tuple(columns.get(name, Column(name)) for name in features)
        return Table(Dataset(np.ascontiguousarray(matrix.T), values[target], chosen, target))
