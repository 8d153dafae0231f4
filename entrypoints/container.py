"""Container: the table of the objects, what each is made of, and the setting that chooses between them."""

import os
import random
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

from adapters.files.csv_tracker import CsvTracker
from adapters.files.csv_weights import CsvWeights
from adapters.files.figures import FiguresFile
from adapters.files.host_changes import FileHostChanges
from adapters.files.key_store import FileKeyStore
from adapters.files.last_known_good import FileLastKnownGood
from adapters.files.ledger import FileLedger
from adapters.files.ledger_witness import FileLedgerWitness
from adapters.files.model_store import FileModelStore
from adapters.files.pickle_weights import PickleWeights
from adapters.files.rollout_store import FileRolloutStore
from adapters.files.session_secret import FileSessionSecret
from adapters.shared_memory.drift_history import SharedDriftHistory
from adapters.shared_memory.drift_log import SharedDriftLog
from adapters.shared_memory.order_board import SharedOrderBoard
from adapters.shared_memory.rate_limit import HostRateLimit, RateLimitTable
from adapters.shared_memory.replica_board import SharedReplicaBoard
from adapters.shared_memory.rollout_stop import RolloutStop
from adapters.shared_memory.traffic_ring import TrafficRing
from adapters.shared_memory.used_tokens import SharedUsedTokens
from application.access.active_keys import ActiveKeys
from application.access.active_sessions import ActiveSessions
from application.access.issue_key import IssueKey
from application.access.revoke_key import RevokeKey
from application.audit.complete_ledger import CompleteLedger
from application.audit.read_history import ReadHistory
from application.audit.record_change import RecordChange
from application.audit.verify_ledger import VerifyLedger
from application.monitoring.compare_replicas import CompareReplicas
from application.monitoring.compare_table import CompareTable
from application.monitoring.keep_versions import KeepVersions
from application.monitoring.list_changes import ListChanges
from application.monitoring.list_versions import ListVersions
from application.monitoring.mark_drift import MarkDrift
from application.monitoring.publish_catalog import PublishCatalog
from application.monitoring.remembered_catalog import RememberedCatalog
from application.monitoring.remembered_drift import RememberedDrift
from application.monitoring.report_drift import ReportDrift
from application.monitoring.report_status import ReportStatus
from application.monitoring.show_figures import ShowFigures
from application.monitoring.store_catalog import StoreCatalog
from application.monitoring.watch_drift import WatchDrift
from application.monitoring.watch_replicas import WatchReplicas
from application.promotion.list_models import ListModels
from application.promotion.obey_order import ObeyOrder
from application.promotion.promote_model import PromoteModel
from application.promotion.roll_back import RollBack
from application.registry_sync.sync_challenger import SyncChallenger
from application.registry_sync.sync_champion import SyncChampion
from application.registry_sync.witness_ledger import WitnessLedger
from application.rollout.request_action import RequestAction
from application.rollout.start_rollout import StartRollout
from application.scoring.score_table import ScoreTable
from application.serving.compare_models import CompareModels
from application.serving.comparison_queue import ComparisonQueue
from application.serving.count_labels import CountLabels
from application.serving.current_model import CurrentModel
from application.serving.describe_model import DescribeModel
from application.serving.give_order import GiveOrder
from application.serving.issue_feedback_token import IssueFeedbackToken
from application.serving.predict import Predict
from application.serving.refresh_current_model import RefreshCurrentModel
from application.serving.resolve_local_champion import ResolveLocalChampion
from application.training.gate_challenger import GateChallenger, defer_promotion
from application.training.train_model import TrainingBackend, TrainModel
from domain.access.rate_limit import REFUSED_KEYS
from domain.access.session import SECRET_BYTES
from domain.promotion.policy import PromotionPolicy
from entrypoints import credentials, signals
from entrypoints.factories import dask, data, process, registry_sync, replicas, rollout, serving, stores
from entrypoints.observability.log_writer import NonBlockingLogWriter
from entrypoints.observability.metrics.aggregator import MetricsAggregator
from entrypoints.observability.request_recorder import RequestRecorder
from entrypoints.settings import Settings
from entrypoints.web.dependencies import WebDependencies
from entrypoints.web.middleware.client_address import ClientAddressResolver
from entrypoints.web.wire.request_limits import RequestLimits

# The library imports each framework that is installed, which takes a third of a second: None hides them from it, and
# what stands for pydantic's settings keeps it from looking for pydantic.
_ABSENT = {
    **dict.fromkeys(("fastapi", "starlette", "werkzeug", "yaml")),
    "pydantic_settings": SimpleNamespace(BaseSettings=None),
}
_HIDDEN = {name: module for name, module in _ABSENT.items() if name not in sys.modules}
sys.modules.update(_HIDDEN)  # type: ignore[arg-type]  # None is how Python notes that there is none
from dependency_injector import containers, providers  # noqa: E402  # after the frameworks are hidden

for _name in _HIDDEN:
    del sys.modules[_name]

Singleton = providers.ThreadSafeSingleton
Factory = providers.Factory


def _selectors(word: Any, table: Mapping[str, Sequence[Any]]) -> Iterator[Any]:
    """Yield a provider for each column of `table`, which chooses the row of the word."""
    for column in zip(*table.values(), strict=True):
        yield providers.Selector(word, **dict(zip(table, column, strict=True)))


class Container(containers.DeclarativeContainer):
    """Every object of the program, made when it is first used, and with it its files, connections and libraries."""

    settings = Singleton(Settings.from_environment)
    redaction = Singleton(credentials.redaction, os.environ)
    clock = providers.Object(process.utc_now)
    monotonic = providers.Object(time.monotonic)
    unix_time = providers.Object(time.time)
    entropy = providers.Object(os.urandom)
    # Seeded anew in each process that is forked, and not for secrets.
    random_bits = providers.Object(random.getrandbits)
    defer_signals = providers.Object(signals.defer_signals)
    policy = Singleton(
        PromotionPolicy,
        threshold=settings.provided.min_r2,
        margin=settings.provided.max_r2_drop,
        min_held_out_rows=settings.provided.min_holdout_rows,
    )

    csv_folder = Singleton(stores.folder, settings, "weights")
    csv_store = Singleton(FileModelStore, csv_folder, Singleton(CsvWeights))
    csv_ledger = Singleton(FileLedger, csv_folder)
    csv_rollouts = Singleton(FileRolloutStore, csv_folder, csv_store)
    pickle_folder = Singleton(stores.folder, settings, "pickles")
    pickle_store = Singleton(FileModelStore, pickle_folder, Singleton(PickleWeights))
    pickle_ledger = Singleton(FileLedger, pickle_folder)
    pickle_rollouts = Singleton(FileRolloutStore, pickle_folder, pickle_store)
    mlflow_connection = Singleton(stores.mlflow_connection, settings, redaction)
    mlflow_store = Singleton(stores.mlflow_store, settings, mlflow_connection)
    mlflow_ledger = Singleton(stores.mlflow_ledger, settings, mlflow_connection)
    mlflow_rollouts = Singleton(stores.mlflow_rollouts, settings, mlflow_connection)
    csv_tracker = Singleton(CsvTracker, Singleton(stores.folder, settings, "runs"), clock)
    mlflow_tracker = Singleton(stores.mlflow_tracker, mlflow_connection)

    last_known_good = Singleton(FileLastKnownGood, Singleton(registry_sync.copy_folder, settings))
    http_registry = Singleton(registry_sync.http_registry, settings, redaction)
    champion_source = Singleton(registry_sync.champion_source, http_registry, mlflow_store.provider)
    sync_status_path = providers.Object("")
    sync_status = Singleton(registry_sync.sync_status, settings, sync_status_path)
    ledger_witness = Singleton(FileLedgerWitness, Singleton(registry_sync.copy_folder, settings))
    witnessed_source = Singleton(WitnessLedger, champion_source, ledger_witness)
    sync_champion = Factory(SyncChampion, witnessed_source, sync_status, last_known_good, monotonic, redaction)
    resolve_synced_champion = Factory(
        registry_sync.resolve_synced_champion, settings, sync_status, last_known_good, monotonic
    )

    # What each word of ENDEAVOUR_STORE chooses: where models, rollouts and the ledger are kept, and the tracker.
    backends: ClassVar = {
        "mlflow": (mlflow_store, mlflow_rollouts, mlflow_ledger, mlflow_tracker),
        "csv": (csv_store, csv_rollouts, csv_ledger, csv_tracker),
        "pickle": (pickle_store, pickle_rollouts, pickle_ledger, csv_tracker),
    }
    store, rollout_store, kept_ledger, tracker = _selectors(settings.provided.store, backends)
    sync_challenger = Factory(SyncChallenger, store.provided.load, monotonic)
    resolve_local_champion = Factory(ResolveLocalChampion, store, rollout_store, sync_challenger, monotonic)
    nothing = providers.Object[None](None)
    synced_catalog = Singleton(registry_sync.version_catalog, settings, sync_status_path)
    registry_catalog = Singleton(
        registry_sync.registry_catalog, settings, http_registry, clock, mlflow_connection.provider
    )
    kept_versions = Singleton(registry_sync.kept_versions, settings)
    keep_versions = Singleton(KeepVersions, champion_source, kept_versions, monotonic, redaction)
    publish_catalog = Singleton(PublishCatalog, registry_catalog, synced_catalog, keep_versions, monotonic)
    local_catalog = Singleton(
        RememberedCatalog, Singleton(StoreCatalog, store, kept_ledger, rollout_store, clock), monotonic
    )
    # What resolves the champion of a server, what resolves it where the registry sync runs, the list of versions, what
    # reads one of them, and the champion that this host keeps.
    resolvers: ClassVar = {
        "mlflow": (
            *(resolve_synced_champion, resolve_synced_champion, synced_catalog, kept_versions),
            last_known_good.provided.champion,
        ),
        **dict.fromkeys(
            ("csv", "pickle"), (resolve_local_champion, nothing, local_catalog, store, store.provided.champion)
        ),
    }
    resolve_champion, synced_champion, version_catalog, version_reader, kept_champion = _selectors(
        settings.provided.store, resolvers
    )

    ledger = Factory(CompleteLedger, kept_ledger, store)
    record_change = Factory(RecordChange, ledger)
    operator = Singleton(process.operator)
    start_rollout = Factory(StartRollout, store, rollout_store, clock, providers.Object(rollout.draw_salt))
    request_action = Factory(RequestAction, rollout_store)
    replica_counts = Singleton(replicas.counts, settings)
    obey_order = Factory(ObeyOrder, store, clock, record_change, ledger)
    control_rollout = Factory(
        rollout.control_rollout, store, rollout_store, ledger, replica_counts, clock, monotonic, obey_order
    )
    rollout_of_training = Factory(rollout.rollout_of_training, start_rollout)
    promotion = providers.Selector(settings.provided.promotion, direct=nothing, rollout=rollout_of_training)
    read_history = Factory(ReadHistory, ledger, store)
    verify_ledger = Factory(VerifyLedger, ledger, store, Singleton(replicas.ledger_witnesses))
    dataset_source = Factory(data.dataset_source, settings)
    dask_cluster = Factory(dask.cluster, settings)
    charts = Singleton(data.charts)
    gate_challenger = Factory(GateChallenger, store, policy, clock, record_change, promotion)
    registry = Factory(TrainingBackend, tracker, store, gate_challenger)
    local = Factory(TrainingBackend, csv_tracker, csv_store, providers.Object(defer_promotion))
    train_model = Factory(
        TrainModel, charts=charts, clock=clock, registry=registry, local=local, defer_signals=defer_signals
    )
    promote_model = Factory(PromoteModel, store, clock, record_change, operator)
    roll_back = Factory(RollBack, store, clock, record_change, operator)
    list_models = Factory(ListModels, store)
    batch_scorer = Factory(data.batch_scorer)
    score_table = Factory(ScoreTable, store)
    table_counter = Factory(data.table_counter)
    compare_table = Factory(CompareTable, store)
    replica_drifts = Factory(replicas.drifts, settings)
    compare_replicas = Factory(CompareReplicas, store, drifts=replica_drifts)

    traffic_log = Singleton(TrafficRing)
    others_log = Singleton(TrafficRing)
    figures_file = Singleton(FiguresFile, Singleton(registry_sync.copy_folder, settings))
    host_changes = Singleton(FileHostChanges, Singleton(registry_sync.copy_folder, settings))
    host = Singleton(socket.gethostname)
    drift_log = Singleton(SharedDriftLog)
    drift_history = Singleton(SharedDriftHistory)
    metrics = Singleton(MetricsAggregator, traffic_log, drift=drift_log)
    log_writer = providers.Object[NonBlockingLogWriter | None](None)
    current_model = Singleton(CurrentModel)
    rollout_stop = Singleton(RolloutStop)
    order_board = Singleton(SharedOrderBoard)
    give_order = Singleton(GiveOrder, current_model, order_board, rollout_stop.provided.stop, clock, version_catalog)
    comparisons = Singleton(ComparisonQueue)
    request_recorder = Singleton(RequestRecorder, metrics, current_model, log_writer, comparisons)
    bundled_model = Singleton(serving.bundled_model, settings)
    refresh_current_model = Singleton(
        RefreshCurrentModel,
        resolve_champion,
        bundled_model,
        current_model,
        rollout_stop.provided.is_stopped,
    )
    predict = Singleton(Predict, current_model, settings.provided.rejects_unseen_levels, comparisons, monotonic)
    compare_models = Singleton(
        CompareModels,
        comparisons,
        current_model,
        settings.provided.rejects_unseen_levels,
        providers.Object(random.random),
        providers.Object(time.thread_time),
    )

    feedback_keys = Singleton(serving.feedback_keys, settings)
    used_tokens = Singleton(SharedUsedTokens)
    issue_feedback_token = Singleton(IssueFeedbackToken, feedback_keys, unix_time, random_bits)
    count_labels = Singleton(CountLabels, feedback_keys, used_tokens, current_model, unix_time)

    rate_table = Singleton(RateLimitTable)
    rate_limit = Singleton(serving.rate_limit, settings, rate_table)
    refused_keys = Singleton(HostRateLimit, REFUSED_KEYS, rate_table)
    client_addresses = Singleton(ClientAddressResolver, settings.provided.trusted_proxies)
    key_store = Singleton(FileKeyStore, settings.provided.api_keys_file)
    issue_key = Factory(IssueKey, key_store, clock, entropy)
    revoke_key = Factory(RevokeKey, key_store)
    host_names = providers.Object[frozenset[str]](frozenset())
    active_keys = Singleton(ActiveKeys, key_store, anonymous=settings.provided.allow_anonymous)
    session_secret = Singleton(FileSessionSecret, settings.provided.session_secret_file)
    # Made before the fork, so that all workers of a host read a session.
    own_session_secret = Singleton(os.urandom, SECRET_BYTES)
    active_sessions = Singleton(ActiveSessions, active_keys, session_secret, own_session_secret, clock, entropy)
    started_at = Singleton(time.time)
    replica_board = Singleton(SharedReplicaBoard, monotonic)
    watch_replicas = Singleton(
        WatchReplicas,
        Singleton(replicas.states, settings),
        replica_board,
        others_log,
        monotonic,
        unix_time,
        metrics.provided.started_at,
    )
    current_models = Singleton(serving.current_models, current_model)
    current_champion = Singleton(serving.current_champion, current_model)
    report_drift = Singleton(ReportDrift, current_champion, drift_log)
    watch_drift = Singleton(WatchDrift, kept_champion, bundled_model, drift_log)
    mark_drift = Singleton(MarkDrift, watch_drift, drift_log, drift_history, unix_time)
    list_changes = Singleton(ListChanges, version_catalog, host_changes, current_models)
    list_versions = Singleton(ListVersions, version_catalog, current_models)
    show_figures = Singleton(ShowFigures, traffic_log, others_log, drift_history, current_champion, unix_time, host)
    report_status = Singleton(
        ReportStatus,
        current_models,
        Singleton(registry_sync.registry_status, synced_champion),
        traffic_log,
        list_changes,
        replica_board.provided.read,
        unix_time,
        monotonic,
        started_at,
        host,
        others_log,
        Singleton(RememberedDrift, report_drift, monotonic),
    )
    web_dependencies = Factory(
        WebDependencies,
        model_name=settings.provided.model_name,
        current_model=current_model,
        predict=predict,
        issue_feedback_token=issue_feedback_token,
        count_labels=count_labels,
        active_keys=active_keys,
        request_recorder=request_recorder,
        metrics=metrics,
        give_order=give_order,
        active_sessions=active_sessions,
        refused_keys=refused_keys,
        client_addresses=client_addresses,
        limits=Factory(RequestLimits, settings.provided.max_body_bytes),
        describe_model=Singleton(DescribeModel, current_model, version_catalog, version_reader),
        report_status=report_status,
        report_drift=report_drift,
        show_figures=show_figures,
        list_versions=list_versions,
        list_changes=list_changes,
        synced_champion=synced_champion,
        rate_limit=rate_limit,
        host_names=host_names,
        run_pages=settings.provided.run_pages,
    )
