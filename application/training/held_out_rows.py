"""Held-out rows: the rows that challenger and champion are scored on, each with its own features."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.data.columns import Kind
from domain.data.rows import Rows
from domain.learning.plan import TrainingPlan
from domain.model.linear_model import LinearModel
from domain.model.scores import Scores, evaluate
from domain.ports import DatasetSource


@dataclass(frozen=True, slots=True)
class HeldOutRows:
    """The rows that `plan` holds out of `source`; `rows` are those with the features of the challenger."""

    source: DatasetSource
    plan: TrainingPlan
    rows: Rows
    _scores: dict[str, Scores] = field(default_factory=dict, init=False, repr=False)

    def scores(self, model: LinearModel) -> Scores:
        """Return the scores of a model on the rows with its features, which are read once, or raise `InvalidData`."""
        if model.digest not in self._scores:
            self._scores[model.digest] = evaluate(model, self.with_features(model.encoding.kinds))
        return self._scores[model.digest]

    def with_features(self, kinds: Mapping[str, Kind]) -> Rows:
        """Return the rows with features of these kinds, or raise `InvalidData`.

        The source is read again if `rows` lack a feature, or have it as another kind.
        """
        if kinds.items() <= {column.name: column.kind for column in self.rows.columns}.items():
            return self.rows.select(tuple(kinds))
        return self.plan.hold_out(self.source.load(self.plan.target, tuple(kinds), kinds=kinds).rows).test
