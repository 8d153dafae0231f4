"""Dependencies of a web application in one process: real objects, keys in memory, and small limits."""

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.files.session_secret import FileSessionSecret
from adapters.memory.drift_history import InMemoryDriftHistory
from adapters.memory.drift_log import InMemoryDriftLog
from adapters.memory.host_changes import InMemoryHostChanges
from adapters.memory.key_store import InMemoryKeyStore
from adapters.memory.model_store import InMemoryModelStore
from adapters.memory.traffic_log import InMemoryTrafficLog
from adapters.memory.version_catalog import InMemoryVersionCatalog
from adapters.shared_memory.order_board import SharedOrderBoard
from adapters.shared_memory.rate_limit import HostRateLimit, RateLimitTable
from adapters.shared_memory.rollout_stop import RolloutStop
from adapters.shared_memory.used_tokens import SharedUsedTokens
from application.access.active_keys import ActiveKeys
from application.access.active_sessions import ActiveSessions
from application.monitoring.list_changes import ListChanges
from application.monitoring.list_versions import ListVersions
from application.monitoring.report_drift import ReportDrift
from application.monitoring.report_status import ReportStatus
from application.monitoring.show_figures import ShowFigures
from application.monitoring.watch_drift import WatchDrift
from application.serving.comparison_queue import ComparisonQueue
from application.serving.count_labels import CountLabels
from application.serving.current_model import CurrentModel
from application.serving.describe_model import DescribeModel
from application.serving.give_order import GiveOrder
from application.serving.issue_feedback_token import IssueFeedbackToken
from application.serving.predict import Predict
from domain.access.rate_limit import REFUSED_KEYS
from domain.delivery.feedback_keys import FeedbackKey, FeedbackKeys
from domain.delivery.served_model import ModelOrigin, ServedModel, ServedModels
from domain.model.linear_model import LinearModel
from domain.model.model_version import ModelVersion
from domain.monitoring.catalog import Catalog
from domain.monitoring.change import Change, What
from domain.ports import DriftHistory, DriftLog, TrafficLog, VersionReader
from entrypoints.factories.process import utc_now
from entrypoints.observability.metrics.aggregator import MetricsAggregator
from entrypoints.observability.request_recorder import RequestRecorder
from entrypoints.web.dependencies import WebDependencies
from entrypoints.web.middleware.client_address import ClientAddressResolver
from entrypoints.web.wire.request_limits import RequestLimits
from tests.support.examples import a_lineage

KEYS = FeedbackKeys((FeedbackKey(1, bytes(32)),))
NO_SECRET = Path("no such folder/console.secret")
MAX_BODY_BYTES, MAX_ROWS, MAX_CONCURRENT_REQUESTS = 100_000, 3_000, 2


def web_dependencies(**changes: Any) -> WebDependencies:
    """Return dependencies without a model, with `changes`."""
    current_model, comparisons, traffic = CurrentModel(), ComparisonQueue(), InMemoryTrafficLog()
    traffic.begin(time.time())
    drift_log = InMemoryDriftLog()
    metrics = MetricsAggregator(traffic, drift=drift_log)
    keys = ActiveKeys(InMemoryKeyStore(), anonymous=True)
    give_order = GiveOrder(current_model, SharedOrderBoard(), RolloutStop().stop, utc_now, InMemoryVersionCatalog())
    metrics.orders = give_order.pending
    use_cases = monitoring(current_model, traffic, drift_log=drift_log)
    metrics.drift_report = WatchDrift(lambda: current_model.models.champion.version, None, drift_log)
    fields: dict[str, Any] = {
        "model_name": "endeavour",
        "current_model": current_model,
        "predict": Predict(current_model, comparisons=comparisons),
        "issue_feedback_token": IssueFeedbackToken(KEYS, time.time, random.getrandbits),
        "count_labels": CountLabels(KEYS, SharedUsedTokens(), current_model, time.time),
        "request_recorder": RequestRecorder(metrics, current_model, comparisons=comparisons),
        "metrics": metrics,
        "give_order": give_order,
        "active_keys": keys,
        "active_sessions": ActiveSessions(keys, FileSessionSecret(NO_SECRET), bytes(32), utc_now, os.urandom),
        "refused_keys": HostRateLimit(REFUSED_KEYS, RateLimitTable()),
        "client_addresses": ClientAddressResolver(),
        "limits": RequestLimits(MAX_BODY_BYTES, MAX_ROWS),
        **use_cases,
        "max_concurrent_requests": MAX_CONCURRENT_REQUESTS,
    }
    return WebDependencies(**fields | changes)


def monitoring(
    current_model: CurrentModel,
    traffic: TrafficLog,
    catalog: Catalog | None = None,
    unix_time: Callable = time.time,
    drift_log: DriftLog | None = None,
    drift_history: DriftHistory | None = None,
    reader: VersionReader | None = None,
    others: TrafficLog | None = None,
) -> dict[str, Any]:
    """Return the use cases of a host that was just started, and has `catalog`."""
    host_changes, versions = InMemoryHostChanges(), InMemoryVersionCatalog(catalog)
    others = others or InMemoryTrafficLog()
    now = unix_time()
    started = datetime.fromtimestamp(now, UTC)
    host_changes.add(Change(at=started, what=What.SERVER_STARTED, host="web-1"))

    def models() -> ServedModels:
        return current_model.models

    list_changes = ListChanges(versions, host_changes, models)
    clocks = (unix_time, time.monotonic, now)
    return {
        "describe_model": DescribeModel(current_model, versions, reader or InMemoryModelStore()),
        "list_changes": list_changes,
        "list_versions": ListVersions(versions, models),
        "show_figures": ShowFigures(
            traffic,
            others,
            drift_history or InMemoryDriftHistory(),
            lambda: models().champion.version,
            unix_time,
            "web-1",
        ),
        "report_drift": ReportDrift(lambda: models().champion.version, drift_log or InMemoryDriftLog()),
        "report_status": ReportStatus(models, None, traffic, list_changes, tuple, *clocks, "web-1", others),
    }


def served_models(model: LinearModel, version: str = "7") -> ServedModels:
    return ServedModels(ServedModel(ModelVersion(version, model, a_lineage()), ModelOrigin.REGISTRY))
