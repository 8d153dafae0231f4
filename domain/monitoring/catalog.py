"""Catalog: the newest versions of a store, as lists and pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.model.model_version import ModelVersion
from domain.monitoring.change import Change

# Versions and changes that a catalog holds.
MAX_VERSIONS = 200
# Versions that a serving host keeps to compare them with the champion.
MAX_KEPT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVersion:
    """A version as the store describes it; its weights need not have been read.

    Parameters
    ----------
    name : str
    trained_at : datetime or None
        In UTC; None if the store does not record it.
    scores : mapping of str to float
        On the held-out rows, by name of the metric.
    run_id : str
        In the tracker.
    code_revision, data_fingerprint, digest : str
        Of the program, of the table, and of names and weights.
    rejected : str
        Why a rollout of it was aborted; empty if none was.
    problem : str
        Why it cannot be used; empty if it can.
    """

    name: str
    trained_at: datetime | None = None
    scores: Mapping[str, float] = field(default_factory=dict, hash=False)
    run_id: str = ""
    code_revision: str = ""
    data_fingerprint: str = ""
    digest: str = ""
    rejected: str = ""
    problem: str = ""

    @classmethod
    def of(cls, version: ModelVersion, rejected: str = "") -> "ListedVersion":
        """Return the description of a version that was read."""
        lineage = version.lineage
        return cls(
            name=version.name,
            trained_at=lineage.created_at,
            scores=lineage.scores.as_dict(),
            run_id=lineage.run_id,
            code_revision=lineage.code_revision,
            data_fingerprint=lineage.data_fingerprint,
            digest=version.model.digest,
            rejected=rejected,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Versions of a store, and their changes.

    Parameters
    ----------
    at : datetime
        Of the reading, in UTC.
    versions : tuple of ListedVersion
        The newest `MAX_VERSIONS`, newest first.
    older : int
        Versions that are not listed.
    champion, previous : str
        In production, and what a rollback returns to; empty without one.
    changes : tuple of Change
        From the ledger and the history, newest first.
    answers : mapping of str to str
        Why the ledger's last orders changed nothing, empty for those that were followed, by the id of the order.
    """

    at: datetime
    versions: tuple[ListedVersion, ...] = ()
    older: int = 0
    champion: str = ""
    previous: str = ""
    changes: tuple[Change, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def to_keep(self) -> tuple[ListedVersion, ...]:
        """The previous version and the newest others, `MAX_KEPT` in all: those that a serving host keeps."""
        first = sorted(self.versions, key=lambda version: version.name != self.previous)
        return tuple(first[:MAX_KEPT])
