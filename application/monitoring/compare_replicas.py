"""CompareReplicas: compares the rows that serving hosts have answered with the training rows of a version."""

from dataclasses import dataclass

from domain.delivery.errors import NoModelLoaded, ReplicasUnavailable
from domain.monitoring.drift_report import DriftReport
from domain.monitoring.replica_drift import ReplicaDrift, total_window, unread
from domain.ports import ModelStore, ReplicaDrifts


@dataclass(frozen=True, slots=True)
class ReplicasCompared:
    """The comparison of all hosts together, and what each of them has counted."""

    report: DriftReport
    replicas: tuple[ReplicaDrift, ...]


@dataclass(frozen=True, slots=True)
class CompareReplicas:
    """Compare the rows that serving hosts have answered, as their sum."""

    store: ModelStore
    drifts: ReplicaDrifts

    def __call__(self, version: str | None) -> ReplicasCompared:
        """Return the comparison with the champion, or with a version of the caller's choice.

        Raises
        ------
        NoModelLoaded
            If nothing is in production and no version is named.
        ModelNotFound, CorruptModel, NoDistributions
            If the version is missing or corrupt, or an older release has trained it.
        ReplicasUnavailable
            If none of the hosts can be read.
        """
        chosen = self.store.load(version) if version else self.store.champion()
        if chosen is None:
            raise NoModelLoaded
        replicas = self.drifts.read()
        if unread(replicas):
            places = ", ".join(replica.name for replica in replicas)
            raise ReplicasUnavailable(places, replicas[0].problem if replicas else "no address is known")
        return ReplicasCompared(DriftReport.of_window(chosen, total_window(chosen.name, replicas)), replicas)
