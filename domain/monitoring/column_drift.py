"""Column drift: the comparison of a column, or of the predictions, with the training rows, and what has changed."""

from dataclasses import dataclass

from domain.features.encoding import AnyColumn
from domain.model.column_bins import Bins
from domain.monitoring.shares import share_name

# Population stability index, beyond its expectation, from which a difference counts as drift: a shift of a normal
# distribution by a third of its standard deviation.
MIN_INDEX = 0.1
PREDICTIONS = "(prediction)"
"""Name of the predictions among columns."""


@dataclass(frozen=True, slots=True)
class Change:
    """The share whose evidence is largest.

    Parameters
    ----------
    bins : Bins
    column : FeatureColumn or None
        None for predictions.
    place : int
        Of the share among those of the bins.
    share, in_training : float
        Of the rows counted now, and of the training rows.
    """

    bins: Bins
    column: AnyColumn | None
    place: int
    share: float
    in_training: float

    @property
    def name(self) -> str:
        """What the rows of the share have."""
        return share_name(self.bins, self.column, self.place)

    @property
    def text(self) -> str:
        """The change in words."""
        word = "more" if self.share > self.in_training else "fewer"
        return f"{word} {self.name} ({_percent(self.share)} %, in training {_percent(self.in_training)} %)"


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """Comparison of a column, or of the predictions, with the training rows.

    Parameters
    ----------
    name : str
    kind : str
        Of the column, or 'prediction'.
    rows : int
        Rows that were counted.
    index, expected_index : float
        Population stability index, and its expectation without drift for so many rows.
    evidence, level : float
        Natural logarithm of the e-value, and the level from which the difference is sure.
    change : Change
    bins : int
        Number of its bins.
    since : float or None
        Unix time since when it has drifted, None if it has not, or that is not known.
    """

    name: str
    kind: str
    rows: int
    index: float
    expected_index: float
    evidence: float
    level: float
    change: Change
    bins: int
    since: float | None = None

    @property
    def is_sure(self) -> bool:
        """Whether the rows are sure to differ from the training rows."""
        return self.evidence >= self.level

    @property
    def excess(self) -> float:
        """The index beyond its expectation."""
        return self.index - self.expected_index

    @property
    def is_large(self) -> bool:
        """Whether the index is large for so many rows."""
        return self.excess >= MIN_INDEX

    @property
    def verdict(self) -> str:
        """The comparison in one or two words."""
        if not self.is_sure:
            return "as in training" if self.rows else "no rows"
        if self.has_drifted:
            return "drifted"
        return "moved on" if self.is_large else "slightly changed"

    @property
    def has_drifted(self) -> bool:
        """Whether the difference is sure and large; time moves on by itself, so a datetime never has."""
        return self.is_sure and self.is_large and self.kind != "datetime"


def _percent(share: float) -> str:
    return f"{100 * share:.2g}" if share < 0.0995 else f"{100 * share:.0f}"  # noqa: PLR2004  # two digits
