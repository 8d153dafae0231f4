"""Held-out rows: the rows that challenger and champion are scored on, each with its own features."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.data.columns import Kind
from domain.data.rows import Rows
from domain.learning.plan import TrainingPlan
from domain.ports import DatasetSource


@dataclass(frozen=True, slots=True)
class HeldOutRows:
    """The rows that `plan` holds out of `source`; `rows` are those with the features of the challenger."""

    source: DatasetSource
    plan: TrainingPlan
    rows: Rows

    def with_features(self, kinds: Mapping[str, Kind]) -> Rows:
        """Return the rows with features of these kinds, or raise `InvalidData`.

        The source is read again if `rows` lack a feature, or have it as another kind.
        """
        if kinds.items() <= {column.name: column.kind for column in self.rows.columns}.items():
            return self.rows.select(tuple(kinds))
        return self.plan.hold_out(self.source.load(self.plan.target, tuple(kinds), kinds=kinds).rows).test
