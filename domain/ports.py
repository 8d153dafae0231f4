"""Ports: what the use cases need from the world.

Adapters inherit these protocols, so that the type checker compares signatures and a forgotten method fails at
construction. Adapters translate the failures of their technology into the errors named here.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from domain.api_key import ApiKey, KeyRing
from domain.history import History
from domain.mirror_report import MirrorReport
from domain.model_version import ModelVersion, Setting
from domain.nomination import Nomination
from domain.promotion import Decision
from domain.rows import Rows
from domain.sgd import Progress
from domain.training import Training

Clock = Callable[[], datetime]
"""Returns now, in UTC."""


class DatasetSource(Protocol):
    """Gives a table to learn from."""

    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Return the names of all columns, or raise `BadData`."""

    @abstractmethod
    def load(self, target: str, features: Sequence[str]) -> Rows:
        """Return these columns, in memory or to be read as a stream.

        Unusable data raise `BadData`, naming the column and the row: here, or when they are read.
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
        """Keep losses, certificates, scores, weights, `charts` (PNG by file name), and the data or `kept_rows`."""

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


class ChampionSource(Protocol):
    """Names the version in production, and hands it out."""

    @abstractmethod
    def nominated(self) -> Nomination | None:
        """Return which version is in production, None if there is none.

        Raises `StoreUnavailable` (`BadAnswer` if the answer is malformed, `AskedToWait` if it says when), or
        `BrokenModel` if the version must not be used.
        """

    @abstractmethod
    def fetch(self, nomination: Nomination) -> ModelVersion:
        """Return the version, or raise as `nominated` does; `BrokenModel` if it is not what the digest is of."""


class ModelStore(Protocol):
    """Keeps trained models under names that are never reused, and which of them is in production.

    Any method may raise `StoreUnavailable`.
    """

    @abstractmethod
    def save(self, unnamed: ModelVersion) -> ModelVersion:
        """Keep a version under a new name and return it; after a failure, nothing is kept."""

    @abstractmethod
    def load(self, version: str) -> ModelVersion:
        """Return what was saved as `version`, or raise `ModelNotFound` or `BrokenModel`."""

    @abstractmethod
    def champion(self) -> ModelVersion | None:
        """Return the version in production, None if there is none; `BrokenModel` if it cannot be trusted."""

    @abstractmethod
    def versions(self) -> tuple[str, ...]:
        """Return the names of all versions, oldest first."""

    @abstractmethod
    def history(self) -> History:
        """Return which version was in production when."""

    @abstractmethod
    def promote(
        self, version: str, *, replacing: str | None, at: datetime, features_may_change: bool = False
    ) -> History:
        """Put `version` into production, and keep with it whether its features may differ from those clients send.

        Raises `ModelNotFound`, or `PromotionConflict` if the champion is no longer the version `replacing`.
        """

    @abstractmethod
    def rollback(self, *, at: datetime) -> History:
        """Put the previous version into production again, or raise `NothingToRollBackTo`."""


class Charts(Protocol):
    """Draws pictures of a training."""

    @abstractmethod
    def draw(self, training: Training) -> Mapping[str, bytes]:
        """Return PNG images by file name."""


class LastKnownGood(Protocol):
    """Copy of the champion that a serving host keeps, so that it can answer without the registry."""

    @abstractmethod
    def keep(self, champion: ModelVersion) -> None:
        """Replace the copy as a whole, or check that it could be replaced if `champion` is in it.

        Raises
        ------
        StoreUnavailable
            If it cannot be written; the old copy stays as it was.
        """

    @abstractmethod
    def champion(self) -> ModelVersion | None:
        """Return the copy, None if there is none yet, or raise `BrokenModel` if it cannot be trusted."""


class MirrorBoard(Protocol):
    """Memory to which the mirror of a host posts its reports, and from which the host's other processes read them."""

    @abstractmethod
    def post(self, report: MirrorReport) -> None:
        """Replace the report as a whole, or raise `StoreUnavailable` and leave the old one as it was."""

    @abstractmethod
    def latest(self) -> MirrorReport | None:
        """Return the report, None before the first one; never half of one."""


class KeyStore(Protocol):
    """Keeps what is needed to recognize the keys of a host's clients.

    Any method may raise `KeysUnavailable`, or `BrokenKeys` if what is kept cannot be trusted.
    """

    @abstractmethod
    def ring(self) -> KeyRing | None:
        """Return the valid keys, None if no key was ever kept; an empty ring opens to no client."""

    @abstractmethod
    def add(self, key: ApiKey) -> None:
        """Keep one more key."""

    @abstractmethod
    def revoke(self, key_id: str) -> ApiKey:
        """Remove a key and return it, or raise `StoreRefusal` if it is not there."""
