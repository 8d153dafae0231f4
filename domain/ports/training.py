"""Ports of training: the data, the experiment tracker and the charts."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from domain.data.columns import Kind
from domain.data.table import Table
from domain.learning.fit import Progress
from domain.learning.plan import Training
from domain.model.model_version import Setting
from domain.promotion.policy import Decision


class DatasetSource(Protocol):
    """Source of a table to learn from."""

    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns, or raise `InvalidData`."""

    @abstractmethod
    def load(
        self,
        target: str,
        features: Sequence[str] | None = None,
        *,
        exclude: Collection[str] = (),
        kinds: Mapping[str, Kind] | None = None,
    ) -> Table:
        """Return a table in memory or as a stream.

        Parameters
        ----------
        target : str
            Rows without it are left out.
        features : sequence of str, optional
            In this order; by default all columns but the target.
        exclude : collection of str
            Columns that are not read.
        kinds : mapping of str to Kind, optional
            Kinds of columns by name; the kind of another column is inferred from its type or its cells.

        Raises
        ------
        InvalidData
            If a named column does not exist, or the target or a cell is unusable, here or at the first read.
        """


class TrackedRun(Protocol):
    """The record of one training while it runs."""

    @property
    @abstractmethod
    def id(self) -> str:
        """Id of the run in the tracker."""

    @abstractmethod
    def note(self, progress: Progress) -> None:
        """Keep the progress of the fit, or log the failure: it does not stop the training."""

    @abstractmethod
    def record(self, training: Training, charts: Mapping[str, bytes]) -> None:
        """Record losses, certificates, scores, weights, model card, `charts` (PNG by path), and `artifact_rows`."""

    @abstractmethod
    def conclude(self, version: str, decision: Decision) -> None:
        """Keep the version's name and the promotion decision."""


class ExperimentTracker(Protocol):
    """Records every training."""

    @abstractmethod
    def run(self, settings: Mapping[str, Setting]) -> AbstractContextManager[TrackedRun]:
        """Open a run with these settings.

        Leaving the context ends the run: as finished; as failed, after an `Exception`; as killed, after another
        exception, such as that of Ctrl-C. Any method may raise `TrackerUnavailable`.
        """


class Charts(Protocol):
    """Draws charts of a training."""

    @abstractmethod
    def draw(self, training: Training) -> Mapping[str, bytes]:
        """Return PNG images by path, such as `effects/area.png`."""
