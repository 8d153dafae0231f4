"""PrepareTraining: reads a table, splits it, and chooses columns, terms and penalty from its training rows."""

from dataclasses import dataclass, replace

from domain.data.errors import InvalidData, UnusableColumns
from domain.data.rows import Rows
from domain.data.split import Split
from domain.data.table import LeftOut, Table
from domain.learning.plan import TrainingPlan
from domain.learning.terms.choice import TermChoice, choose_terms
from domain.learning.terms.columns import EMPTY, select_columns
from domain.learning.terms.left_out_levels import left_out_levels
from domain.model.model_version import Setting
from domain.ports import DatasetSource

# Rows from which something can be learned, at least.
MIN_TRAINING_ROWS = 5


@dataclass(frozen=True, slots=True)
class PreparedTraining:
    """A plan, its rows before and after the split, and the chosen terms."""

    plan: TrainingPlan
    rows: Rows
    split: Split
    choice: TermChoice
    notes: tuple[str, ...]

    @property
    def settings(self) -> dict[str, Setting]:
        """Return the plan by name, with what was chosen, for a tracked run and a model's lineage."""
        features = ", ".join(self.choice.encoding.feature_names)
        chosen = next((each.name for each in self.choice.candidates if each.chosen), self.plan.terms)
        return self.plan.settings | {"features": features, "chosen_terms": chosen, "penalty": self.choice.penalty}


@dataclass(frozen=True, slots=True)
class PrepareTraining:
    """Read a table, split it, and choose columns, terms and penalty from its training rows."""

    source: DatasetSource

    def __call__(self, plan: TrainingPlan) -> PreparedTraining:
        """Return what a fit needs.

        Raises
        ------
        InvalidData
            If named columns cannot be used (`UnusableColumns`), a cell is invalid, or the rows are too few.
        """
        table = self.source.load(plan.target, plan.features, exclude=plan.exclude, kinds=plan.kinds)
        named = {column.name for column in table.left_out} if plan.features is not None else {*plan.kinds}
        if unusable := {column.name: column.reason for column in table.left_out if column.name in named}:
            raise UnusableColumns(unusable)
        rows, left_out = _chosen_columns(plan, table)
        split = plan.hold_out(rows)
        # A hyperplane of d features passes exactly through d + 1 rows, unless a penalty holds it back.
        needed = len(rows.columns) + 2 if plan.penalty == 0 else MIN_TRAINING_ROWS
        split.validate_learnable(max(needed, MIN_TRAINING_ROWS))
        choice = choose_terms(split.train, plan.terms, plan.penalty, plan.seed, log_target=plan.log_target)
        encoding = replace(choice.encoding, left_out=tuple(column.in_plain_text for column in left_out))
        notes = (*table.notes, *left_out_levels(split.train, encoding, plan.seed))
        return PreparedTraining(plan, rows, split, replace(choice, encoding=encoding), notes)


def _chosen_columns(plan: TrainingPlan, table: Table) -> tuple[Rows, tuple[LeftOut, ...]]:
    """Return the table with the columns that suit a model, and the others."""
    excluded = tuple(LeftOut(name, "is excluded") for name in plan.exclude)
    target = LeftOut(plan.target, "is the target")
    if plan.features is not None:
        return table.rows, (*excluded, target)
    rows = plan.hold_out.training_rows(table.rows)
    kept, unsuitable = select_columns(rows) if rows.columns else ((), ())
    # A kind that is given names a column.
    left_out = (*table.left_out, *(column for column in unsuitable if column.name not in plan.kinds), *excluded)
    chosen = [name for name in table.rows.feature_names if name in kept or name in plan.kinds]
    if not chosen:
        reasons = {column.name: column.reason for column in left_out}
        if not reasons:
            raise InvalidData(f"{plan.target!r} is the only column")
        raise UnusableColumns(reasons, [column.name for column in unsuitable if column.reason != EMPTY])
    return table.rows.select(chosen), (*left_out, target)
