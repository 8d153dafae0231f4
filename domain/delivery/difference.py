"""Model difference: how far the predictions of two models are apart, at most and for rows like the training rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.delivery.cell_choices import cell_choices
from domain.delivery.difference_search import DifferenceSearch
from domain.delivery.likely_difference import LikelyDifference, likely_difference
from domain.errors import format_names
from domain.features.cells import Cell
from domain.features.target_transform import IDENTITY
from domain.model.feature_change import feature_change
from domain.model.model_version import ModelVersion

# Cells that a text shows, at most.
SHOWN_CELLS = 6
# Share that a text shows, at least.
MIN_SHARE = 1e-5
# Numbers from here on are shown without decimals.
LEAST_WHOLE = 1_000
# A moment as a cell has it: the date, and the time to the minute.
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):[\d.]+Z", re.ASCII)
LAST_MINUTE = "23:59"


@dataclass(frozen=True, slots=True)
class ModelDifference:
    """Difference of the predictions of two models with the same features.

    Parameters
    ----------
    before, after : str
        Names of the versions.
    row : mapping of str to Cell
        The cells for which the predictions differ most, by feature; those that change the difference most are first.
    predictions : tuple of two floats
        Of both models for `row`, in target units.
    exact : bool
        Whether no row within the training ranges has a larger difference; else it is the largest that was found.
    likely : LikelyDifference
        For rows like the training rows.
    rmse : float
        Of the model before on its held-out rows, in target units.
    unseen : tuple of (str, float)
        A column in which a text that both models lack changes the predictions for `row` more than `largest`, and how
        far; an empty name without such a column.
    refused_gaps : tuple of str
        Columns whose empty cells the model before takes, and the model after refuses.
    """

    before: str
    after: str
    row: Mapping[str, Cell]
    predictions: tuple[float, float]
    exact: bool
    likely: LikelyDifference
    rmse: float
    unseen: tuple[str, float] = ("", 0.0)
    refused_gaps: tuple[str, ...] = ()

    @property
    def largest(self) -> float:
        """The largest absolute difference, in target units."""
        return abs(self.predictions[1] - self.predictions[0])

    def lines(self) -> list[str]:
        """Return the difference as lines of text for an operator."""
        first, second = self.predictions
        scope = "at most" if self.exact else "the largest change found is"
        cells = [f"{name}={_shown(cell)}" for name, cell in self.row.items()]
        more = f" and {len(cells) - SHOWN_CELLS} more" if len(cells) > SHOWN_CELLS else ""
        features = f"{len(cells)} features" if len(cells) > 1 else "feature"
        lines = [
            f"{self.after} instead of {self.before}: the same {features}",
            f"predictions change by {self._amount(self.likely.mean)} on average, "
            f"with a standard deviation of {self._amount(self.likely.deviation)}",
            f"predictions for {_percent(self.likely.share)} of rows like the training rows change by more than half "
            f"the RMSE of {self.before}",
            f"{scope} {self._amount(self.largest)}, from {_number(first)} to {_number(second)}, "
            f"at {', '.join(cells[:SHOWN_CELLS])}{more}",
        ]
        name, change = self.unseen
        if name:
            lines.append(f"with a text in {name} that the training rows of both lack: {self._amount(change)}")
        if self.refused_gaps:
            refused = format_names(self.refused_gaps)
            lines.append(f"{self.after} refuses an empty cell of these columns, and {self.before} does not: {refused}")
        return lines

    def _amount(self, value: float) -> str:
        return f"{_number(value)} target units" + (f" ({value / self.rmse:.2g} RMSE)" if self.rmse else "")


def largest_difference(before: ModelVersion, after: ModelVersion) -> ModelDifference:
    """Return the difference of two models over the training ranges of both, in work linear in their columns.

    The difference of two sums of effects is a sum of one function per column, so the extremes of the columns give the
    exact extremes of the sum. Products of columns and transformed targets couple the columns; the figure is then the
    largest that a search found.

    Raises
    ------
    ValueError
        If the models differ in names, order or kinds of the features.
    """
    models = before.model, after.model
    columns = [model.encoding.columns for model in models]
    if change := feature_change(*(model.encoding.kinds for model in models)):
        raise ValueError(f"the models have other features: {change}")
    choices = cell_choices(before, after)
    additive = all(not model.encoding.products and model.target_transform == IDENTITY for model in models)
    search = DifferenceSearch(models, choices)
    places, predictions = search.extreme() if additive else search.climb()
    found = ModelDifference(
        before=before.name,
        after=after.name,
        row={choices[column].column.name: choices[column].cell(places[column]) for column in search.by_influence()},
        predictions=predictions,
        exact=additive and all(choice.is_measured for choice in choices),
        likely=likely_difference(before, after),
        rmse=before.lineage.scores.rmse,
        refused_gaps=tuple(old.name for old, new in zip(*columns, strict=True) if old.has_gaps and not new.has_gaps),
    )
    unseen = search.unseen(places)
    return replace(found, unseen=unseen) if unseen[1] > found.largest else found


def _shown(cell: Cell) -> str:
    """Return a cell in few characters."""
    if cell is None:
        return "(empty)"
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return _number(cell).replace(",", "")
    moment = MOMENT.fullmatch(str(cell))
    if not moment:
        return str(cell)
    return moment[1] if moment[2] == LAST_MINUTE else f"{moment[1]} {moment[2]}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= LEAST_WHOLE else f"{value:.4g}"


def _percent(share: float) -> str:
    return "less than 0.001 %" if 0 < share < MIN_SHARE else f"{100 * share:.3g} %"
