"""Replicas: the readers of the serving hosts."""

from domain.ports import LedgerWitnesses, ReplicaCounts, ReplicaDrifts, ReplicaStates
from entrypoints.network import local_address
from entrypoints.settings import Settings


def counts(settings: Settings) -> ReplicaCounts:
    """Return the reader of the replicas: those of the settings, or else the server of this host."""
    from adapters.prometheus.replica_counts import PrometheusReplicaCounts

    return PrometheusReplicaCounts(_replicas(settings))


def drifts(settings: Settings, key: str = "") -> ReplicaDrifts:
    """Return the reader of the replicas' drift: those of the settings, or else the server of this host."""
    from adapters.prometheus.replica_drifts import PrometheusReplicaDrifts

    return PrometheusReplicaDrifts(_replicas(settings), key)


def states(settings: Settings) -> ReplicaStates:
    """Return the reader of the hosts of the service that the settings name."""
    from adapters.prometheus.replica_states import PrometheusReplicaStates

    return PrometheusReplicaStates(settings.replicas)


def ledger_witnesses() -> LedgerWitnesses:
    """Return the reader of what serving hosts have seen of the ledger."""
    from adapters.prometheus.ledger_witnesses import PrometheusLedgerWitnesses

    return PrometheusLedgerWitnesses()


def _replicas(settings: Settings) -> tuple[str, ...]:
    host, port = settings.metrics_address or (settings.host, settings.port)
    address = local_address(host)
    here = f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
    return tuple(settings.replicas or (here,))
