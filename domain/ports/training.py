"""Ports of a training: the table, the tracker and the charts."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from domain.data.rows import Rows
from domain.learning.plan import Training
from domain.learning.sgd import Progress
from domain.model.model_version import Setting
from domain.promotion.policy import Decision


class DatasetSource(Protocol):
    """Gives a table to learn from."""

    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns, or raise `InvalidData`."""

    @abstractmethod
    def load(self, target: str, features: Sequence[str]) -> Rows:
        """Return these columns, in memory or to be read as a stream.

        Unusable data raise `InvalidData`, naming the column and the row: here, or when they are read.
        """


class TrackedRun(Protocol):
    """The record of one training while it runs."""

    @property
    @abstractmethod
    def id(self) -> str:
        """The name by which the tracker finds the run."""

    @abstractmethod
    def note(self, progress: Progress) -> None:
        """Keep how far the fit has come. Never raises: a note that cannot be kept does not stop the training."""

    @abstractmethod
    def record(self, training: Training, charts: Mapping[str, bytes]) -> None:
        """Keep losses, certificates, scores, weights, `charts` (PNG by file name), and the data or `artifact_rows`."""

    @abstractmethod
    def conclude(self, version: str, decision: Decision) -> None:
        """Keep the version's name and the decision about it."""


class ExperimentTracker(Protocol):
    """Keeps a record of every training."""

    @abstractmethod
    def run(self, settings: Mapping[str, Setting]) -> AbstractContextManager[TrackedRun]:
        """Open a run with these settings.

        Leaving the context ends the run: as finished; as failed, after an `Exception`; as killed, after another
        exception, such as that of Ctrl-C. Any method may raise `TrackerUnavailable`.
        """


class Charts(Protocol):
    """Draws pictures of a training."""

    @abstractmethod
    def draw(self, training: Training) -> Mapping[str, bytes]:
        """Return PNG images by file name."""
