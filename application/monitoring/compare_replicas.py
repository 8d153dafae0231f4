"""CompareReplicas: compares the rows that serving hosts have answered with the training rows of a version."""

from dataclasses import dataclass

from domain.delivery.chosen_version import chosen_version
from domain.delivery.errors import ReplicasUnavailable
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
        NoModelLoaded, ModelNotFound, CorruptModel
            As `chosen_version` raises them.
        NoDistributions
            If an older release has trained the version.
        ReplicasUnavailable
            If none of the hosts can be read.
        """
        chosen = chosen_version(version, self.store.load, self.store.champion)
        replicas = self.drifts.read()
        if unread(replicas):
            places = ", ".join(replica.name for replica in replicas)
            raise ReplicasUnavailable(places, replicas[0].problem if replicas else "no address is known")
        return ReplicasCompared(DriftReport.of_window(chosen, total_window(chosen.name, replicas)), replicas)
