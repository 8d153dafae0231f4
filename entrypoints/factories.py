"""Factories: make the objects of the container from the settings, and import a heavy library when it is needed."""

import getpass
import hashlib
import json
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from adapters.files.feedback_keys import read_feedback_keys
from adapters.files.sync_status import FileSyncStatus
from adapters.files.version_catalog import FileVersionCatalog
from adapters.shared_memory.rate_limit import HostRateLimit, RateLimitTable
from application.rollout.start_rollout import StartRollout
from application.serving.current_model import CurrentModel
from application.serving.resolve_synced_champion import ResolveSyncedChampion
from domain.access.rate_limit import RateLimitPolicy
from domain.access.redaction import Redaction
from domain.delivery.feedback_keys import SECRET_BYTES, FeedbackKey, FeedbackKeys
from domain.delivery.order import Order
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Rollout
from domain.delivery.served_model import ServedModels
from domain.delivery.sync_report import RegistryStatus
from domain.model.model_version import ModelVersion
from domain.model.serialization import from_record
from domain.ports import (
    BatchScorer,
    ChampionSource,
    Charts,
    Clock,
    DatasetSource,
    LastKnownGood,
    LedgerStore,
    LedgerWitnesses,
    ModelStore,
    ReplicaCounts,
    ReplicaDrifts,
    ReplicaStates,
    RolloutStore,
    SyncStatusChannel,
    TableCounter,
    VersionCatalog,
)
from entrypoints.git_revision import release
from entrypoints.network import local_address
from entrypoints.settings import DECLARED, ConfigurationError, Settings

if TYPE_CHECKING:
    from adapters.dask.cluster import DaskCluster
    from adapters.mlflow.connection import MlflowConnection
    from adapters.mlflow.ledger import MlflowLedger
    from adapters.mlflow.rollout_store import MlflowRolloutStore
    from adapters.mlflow.store import MlflowModelStore
    from adapters.mlflow.tracker import MlflowTracker
    from application.rollout.control_rollout import ControlRollout

# Settings of the files of TLS, in the order of `TlsFiles`.
DASK_TLS = ("dask_tls_ca", "dask_tls_cert", "dask_tls_key")
# A copy counts as confirmed while the registry has answered within this many polling intervals.
CONFIRMED_FOR_POLLS = 3
# Requests of one poll, at most: the champion's name, its file, and its name again, three times, one more name, and the
# reference and the file of a rollout's challenger.
MAX_REGISTRY_REQUESTS = 9
# For one answer of the registry to the registry sync.
MAX_REGISTRY_SECONDS = 2.0
# Pause between two polls that a registry may ask for, at most.
MAX_THROTTLE_SECONDS = 60.0


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def operator() -> str:
    """Return the user and the host of this process, as the ledger names them."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have a number only
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def folder(settings: Settings, name: str) -> Path:
    """Return the folder `name` in the data folder."""
    return settings.data_dir / name


def mlflow_connection(settings: Settings, redaction: Redaction) -> "MlflowConnection":
    """Return the connection to MLflow that its store and its tracker share."""
    from adapters.mlflow.connection import MlflowConnection

    return MlflowConnection(
        settings.tracking_uri,
        artifacts=settings.data_dir / "mlflow",
        experiment=settings.model_name,
        timeout=settings.mlflow_timeout,
        redaction=redaction,
    )


def mlflow_store(settings: Settings, connection: "MlflowConnection") -> "MlflowModelStore":
    """Return MLflow's model registry."""
    from adapters.mlflow.store import MlflowModelStore

    return MlflowModelStore(connection, lock=settings.data_dir / "promotion.lock", model=settings.model_name)


def mlflow_rollouts(settings: Settings, connection: "MlflowConnection") -> "MlflowRolloutStore":
    """Return the rollouts in MLflow's model registry."""
    from adapters.mlflow.rollout_store import MlflowRolloutStore

    return MlflowRolloutStore(connection, lock=settings.data_dir / "promotion.lock", model=settings.model_name)


def mlflow_ledger(settings: Settings, connection: "MlflowConnection") -> "MlflowLedger":
    """Return the ledger in MLflow's model registry."""
    from adapters.mlflow.ledger import MlflowLedger

    return MlflowLedger(connection, lock=settings.data_dir / "promotion.lock", model=settings.model_name)


def ledger_witnesses() -> LedgerWitnesses:
    """Return the reader of what serving hosts have seen of the ledger."""
    from adapters.prometheus.ledger_witnesses import PrometheusLedgerWitnesses

    return PrometheusLedgerWitnesses()


def mlflow_tracker(connection: "MlflowConnection") -> "MlflowTracker":
    """Return MLflow's tracking."""
    from adapters.mlflow.tracker import MlflowTracker

    return MlflowTracker(connection)


def champion_source(settings: Settings, redaction: Redaction, store: Callable[[], ChampionSource]) -> ChampionSource:
    """Return what the registry sync reads: the registry over plain HTTP, or `store` where that is a database."""
    if settings.tracking_uri.startswith(("http://", "https://")):
        from adapters.mlflow.champion_http import HttpChampionSource

        return HttpChampionSource(
            settings.tracking_uri, model=settings.model_name, seconds=MAX_REGISTRY_SECONDS, redaction=redaction
        )
    return store()


def registry_catalog(
    settings: Settings, redaction: Redaction, clock: Clock, connection: Callable[[], "MlflowConnection"]
) -> VersionCatalog:
    """Return what the registry sync publishes: read over plain HTTP, or through `connection` from a database."""
    if settings.tracking_uri.startswith(("http://", "https://")):
        from adapters.mlflow.catalog_http import HttpVersionCatalog
        from adapters.mlflow.http_registry import HttpRegistry

        registry = HttpRegistry(
            settings.tracking_uri, model=settings.model_name, seconds=MAX_REGISTRY_SECONDS, redaction=redaction
        )
        return HttpVersionCatalog(registry, clock)
    from adapters.mlflow.version_catalog import MlflowVersionCatalog

    return MlflowVersionCatalog(connection(), clock, settings.model_name)


def dataset_source(
    settings: Settings, place: str, without: str | None = None, cluster: "DaskCluster | None" = None, **options: Any
) -> DatasetSource:
    """Return the source of the tables at `place`, a file, folder or pattern, without the files at `without`.

    The `cluster` reads the rows, if there is one. `options` are those of `TableSource`: `na` and `encoding`.
    """
    from adapters.pyarrow.table_source import TableSource

    if cluster is None:
        return TableSource(place, settings.memory_budget_bytes, without, **options)
    from adapters.dask.dask_source import DaskSource

    return DaskSource(TableSource(place, 0, without, parquet_only=True, **options), cluster.rounds)


def dask_cluster(
    settings: Settings, place: str, on_dashboard: Callable[[str | None], None] | None = None
) -> "AbstractContextManager[DaskCluster | None]":
    """Return the Dask cluster at `place`, to which a `with` statement limits the connection; without a place, None.

    Raises
    ------
    ConfigurationError
        If `place` and the settings of TLS contradict each other, or if one of their files cannot be read.
    """
    if not place:
        return nullcontext()
    files = {name: getattr(settings, name) for name in DASK_TLS}
    _validate_dask_tls(place, files)
    from adapters.dask.cluster import DaskCluster
    from adapters.dask.tls import TlsFiles

    return DaskCluster(place, TlsFiles(*files.values()) if place.startswith("tls:") else None, on_dashboard)


def _validate_dask_tls(place: str, files: Mapping[str, Path | None]) -> None:
    named = {DECLARED[name].variable: path for name, path in files.items()}
    missing = ", ".join(variable for variable, path in named.items() if path is None)
    if place.startswith("tcp:") and any(named.values()):
        raise ConfigurationError(f"{place} is not encrypted, but {', '.join(named)} are set: use tls://")
    if not place.startswith("tls:"):
        return
    if missing:
        raise ConfigurationError(f"{place} needs {missing}: files in PEM format")
    for variable, path in named.items():
        if path is not None and not os.access(path, os.R_OK):
            raise ConfigurationError(f"{variable} names {path}, which cannot be read")


def batch_scorer(place: str, output: str, cluster: "DaskCluster | None" = None, **options: Any) -> BatchScorer:
    """Return the scorer of the tables at `place`, whose files the `cluster` scores, if there is one.

    `options` are those of `TableScorer`, without `program` and `runner`.
    """
    from adapters.pyarrow.scoring.table_scorer import TableScorer

    return TableScorer(place, output, release(), **options | ({"runner": cluster.file_runner} if cluster else {}))


def table_counter(place: str, **options: Any) -> TableCounter:
    """Return the counter of the tables at `place`; `options` are those of `ArrowTableCounter`."""
    from adapters.pyarrow.scoring.table_counter import ArrowTableCounter

    return ArrowTableCounter(place, **options)


def charts() -> Charts:
    """Return the drawer of the charts of a run."""
    from adapters.matplotlib.charts import MatplotlibCharts

    return MatplotlibCharts()


def rate_limit(settings: Settings, table: RateLimitTable) -> HostRateLimit | None:
    """Return the rate limit that the workers of this host share in `table`, None if the settings have none."""
    return (
        HostRateLimit(RateLimitPolicy(settings.rate_limit_per_second, settings.rate_limit_burst), table)
        if settings.rate_limit_per_second
        else None
    )


def feedback_keys(settings: Settings) -> FeedbackKeys:
    """Return the keys in the file that the settings name, a random one if they name none.

    Raises
    ------
    ConfigurationError
        If the file cannot be read, or its lines are no keys.
    """
    path = settings.feedback_keys
    if path is None:
        return FeedbackKeys((FeedbackKey(0, os.urandom(SECRET_BYTES)),))
    named = f"{DECLARED['feedback_keys'].variable} names {path}"
    try:
        return read_feedback_keys(path)
    except OSError as error:
        raise ConfigurationError(f"{named}, which cannot be read: {(error.strerror or 'failure').lower()}") from error
    except ValueError as error:
        form = "one or two lines NUMBER:SECRET, with different numbers from 0 to 255 and 64 hexadecimal digits"
        raise ConfigurationError(f"{named}, which must hold {form}") from error


def sync_status(settings: Settings, path: str) -> SyncStatusChannel:
    """Return the channel from the registry sync to the workers; without a `path`, as outside a server, it is empty."""
    return FileSyncStatus(Path(path) if path else settings.data_dir / "sync-status")


def version_catalog(settings: Settings, path: str) -> FileVersionCatalog:
    """Return the catalog that the registry sync publishes beside its status, which `path` is of."""
    return FileVersionCatalog((Path(path) if path else settings.data_dir / "sync-status").with_name("catalog"))


def current_models(current: CurrentModel) -> Callable[[], ServedModels]:
    """Return the function that returns the served models, or raises `NoModelLoaded`."""
    return lambda: current.models


def current_champion(current: CurrentModel) -> Callable[[], ModelVersion]:
    """Return the function that returns the served champion, or raises `NoModelLoaded`."""
    return lambda: current.models.champion.version


def synced_rollout(status: SyncStatusChannel) -> Callable[[], Rollout | None]:
    """Return the function that returns the rollout that the registry sync has read."""

    def read() -> Rollout | None:
        report = status.read()
        return report.exposure.rollout if report and report.exposure else None

    return read


def local_rollout(rollouts: RolloutStore) -> Callable[[], Rollout | None]:
    """Return the function that returns the rollout in the files of this host."""

    def read() -> Rollout | None:
        record = rollouts.read()
        return record.rollout if record else None

    return read


def registry_status(synced: ResolveSyncedChampion | None) -> Callable[[], RegistryStatus] | None:
    """Return the function that returns the state of the registry, None if the models are in files of this host."""
    return synced.registry_status if synced else None


def copy_folder(settings: Settings) -> Path:
    """Return the folder of the local copy of the champion; each registry and model has its own."""
    # A registry stays the same with another password, and the default database after its folder was moved.
    place = urlsplit(settings.tracking_uri.removeprefix(f"sqlite:///{settings.data_dir}/"))
    address = place._replace(netloc=place.netloc.rpartition("@")[2].lower()).geturl().rstrip("/")
    registry = hashlib.sha256(f"{address} {settings.model_name}".encode()).hexdigest()[:12]
    return settings.data_dir / "serving" / registry


def replica_counts(settings: Settings) -> ReplicaCounts:
    """Return the reader of the replicas: those of the settings, or else the server of this host."""
    from adapters.prometheus.replica_counts import PrometheusReplicaCounts

    return PrometheusReplicaCounts(_replicas(settings))


def replica_drifts(settings: Settings, key: str = "") -> ReplicaDrifts:
    """Return the reader of the replicas' drift: those of the settings, or else the server of this host."""
    from adapters.prometheus.replica_drifts import PrometheusReplicaDrifts

    return PrometheusReplicaDrifts(_replicas(settings), key)


def _replicas(settings: Settings) -> tuple[str, ...]:
    host, port = settings.metrics_address or (settings.host, settings.port)
    address = local_address(host)
    here = f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"
    return tuple(settings.replicas or (here,))


def replica_states(settings: Settings) -> ReplicaStates:
    """Return the reader of the hosts of the service that the settings name."""
    from adapters.prometheus.replica_states import PrometheusReplicaStates

    return PrometheusReplicaStates(settings.replicas)


def draw_salt() -> str:
    """Return 16 random hexadecimal digits."""
    return secrets.token_hex(8)


def rollout_of_training(start: StartRollout) -> Callable[[str], str]:
    """Return the function that starts a rollout by the default plan, and returns its id."""
    return lambda version: start(version, RolloutPlan(), by="train").id


def control_rollout(
    store: ModelStore,
    rollouts: RolloutStore,
    ledger: LedgerStore,
    replicas: ReplicaCounts,
    clock: Clock,
    monotonic: Callable[[], float],
    obey: Callable[[Order], None],
) -> "ControlRollout":
    """Return a controller with a random name."""
    from application.rollout.control_rollout import ControlRollout
    from application.rollout.lease import Lease
    from application.rollout.observe_replicas import ObserveReplicas
    from application.rollout.rollout_ledger import RolloutLedger
    from application.rollout.rollout_writes import RolloutWrites
    from domain.delivery.analysis import analyze

    writes = RolloutWrites(store, rollouts, RolloutLedger(ledger, clock))
    observe = ObserveReplicas(replicas, clock, monotonic, analyze)
    return ControlRollout(store, rollouts, observe, writes, Lease(secrets.token_hex(4), monotonic), obey)


def bundled_model(settings: Settings) -> ModelVersion | None:
    """Return the bundled version, None if this host must not answer with it."""
    if not settings.may_answer_bundled:
        return None
    record = json.loads(resources.files("entrypoints").joinpath("bundled.json").read_bytes())
    return from_record(record, "bundled")


def resolve_synced_champion(
    settings: Settings, status: SyncStatusChannel, copy: LastKnownGood, monotonic: Callable[[], float]
) -> ResolveSyncedChampion:
    """Return the resolver of the champion that the registry sync publishes."""
    fresh_for = CONFIRMED_FOR_POLLS * settings.registry_poll_seconds + MAX_REGISTRY_SECONDS
    stale_after = MAX_THROTTLE_SECONDS + 2 * (
        settings.registry_poll_seconds + MAX_REGISTRY_REQUESTS * MAX_REGISTRY_SECONDS
    )
    return ResolveSyncedChampion(status, copy, monotonic, fresh_for, stale_after)
