"""Dataset source on a cluster: tables of another source, whose rows are read by the workers."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.dask.rounds import DaskRounds
from domain.data.columns import Kind
from domain.data.pieces import PiecewiseRows
from domain.data.table import Table
from domain.ports import DatasetSource


@dataclass(frozen=True, slots=True)
class DaskSource(DatasetSource):
    """Tables that rounds on a cluster read piece by piece.

    Parameters
    ----------
    whole : DatasetSource
        Its rows must not be in memory, because their pieces travel.
    connect : callable
        Returns the rounds. It is called after the columns of a table are known to suit.
    """

    whole: DatasetSource
    connect: Callable[[], DaskRounds]

    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns, or raise `InvalidData`."""
        return self.whole.columns()

    def load(
        self,
        target: str,
        features: Sequence[str] | None = None,
        *,
        exclude: Collection[str] = (),
        kinds: Mapping[str, Kind] | None = None,
    ) -> Table:
        """Return the table; the workers read its rows, and this process what is sampled."""
        table = self.whole.load(target, features, exclude=exclude, kinds=kinds)
        return replace(table, rows=PiecewiseRows(table.rows, self.connect()))
