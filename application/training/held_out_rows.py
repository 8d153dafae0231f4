"""Held-out rows: the rows that challenger and champion are scored on, each with its own features."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.data.rows import Rows
from domain.learning.plan import TrainingPlan
from domain.ports import DatasetSource


@dataclass(frozen=True, slots=True)
class HeldOutRows:
    """The rows that `plan` holds out of `source`; `rows` are those with the features of the challenger."""

    source: DatasetSource
    plan: TrainingPlan
    rows: Rows

    def with_features(self, names: Sequence[str]) -> Rows:
        """Return the rows with the features `names`, or raise `InvalidData`; the source is read for new columns."""
        if set(names) <= set(self.rows.feature_names):
            return self.rows.select(names)
        return self.plan.hold_out(self.source.load(self.plan.target, names).rows).test
