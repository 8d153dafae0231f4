"""Ports: the interfaces that use cases call and adapters implement, one file for each area.

Adapters inherit these protocols, so that the type checker compares signatures and a missing method fails at
construction. Adapters translate the failures of their technology into the errors that a port names.
"""

from domain.learning.fit import Learner
from domain.ports.access import KeyStore, SessionSecretStore
from domain.ports.clock import Clock
from domain.ports.drift import DriftHistory, DriftLog, ReplicaDrifts, TableCounter
from domain.ports.ledger import ChangeRecorder, LedgerStore, LedgerWitness, LedgerWitnesses, WitnessReport
from domain.ports.monitoring import (
    MINUTES,
    TEN_SECONDS,
    CatalogChannel,
    HostChanges,
    ReplicaBoard,
    ReplicaState,
    ReplicaStates,
    Resolution,
    TrafficLog,
    VersionCatalog,
)
from domain.ports.registry import ChampionSource, ModelStore, VersionReader
from domain.ports.rollout import OrderBoard, ReplicaCounts, ReplicaReport, RolloutStore
from domain.ports.scoring import BatchScorer, FileRunner
from domain.ports.serving import KeptVersions, LastKnownGood, SyncStatusChannel, UsedTokens
from domain.ports.training import Charts, DatasetSource, ExperimentTracker, TrackedRun

__all__ = [
    "MINUTES",
    "TEN_SECONDS",
    "BatchScorer",
    "CatalogChannel",
    "ChampionSource",
    "ChangeRecorder",
    "Charts",
    "Clock",
    "DatasetSource",
    "DriftHistory",
    "DriftLog",
    "ExperimentTracker",
    "FileRunner",
    "HostChanges",
    "KeptVersions",
    "KeyStore",
    "LastKnownGood",
    "Learner",
    "LedgerStore",
    "LedgerWitness",
    "LedgerWitnesses",
    "ModelStore",
    "OrderBoard",
    "ReplicaBoard",
    "ReplicaCounts",
    "ReplicaDrifts",
    "ReplicaReport",
    "ReplicaState",
    "ReplicaStates",
    "Resolution",
    "RolloutStore",
    "SessionSecretStore",
    "SyncStatusChannel",
    "TableCounter",
    "TrackedRun",
    "TrafficLog",
    "UsedTokens",
    "VersionCatalog",
    "VersionReader",
    "WitnessReport",
]
