"""Web dependencies: the objects that the web application is made of."""

from collections.abc import Collection
from dataclasses import dataclass

from adapters.shared_memory.rate_limit import HostRateLimit
from application.access.active_keys import ActiveKeys
from application.access.active_sessions import ActiveSessions
from application.monitoring.list_changes import ListChanges
from application.monitoring.list_versions import ListVersions
from application.monitoring.report_drift import ReportDrift
from application.monitoring.report_status import ReportStatus
from application.monitoring.show_figures import ShowFigures
from application.serving.count_labels import CountLabels
from application.serving.current_model import CurrentModel
from application.serving.describe_model import DescribeModel
from application.serving.give_order import GiveOrder
from application.serving.issue_feedback_token import IssueFeedbackToken
from application.serving.predict import Predict
from application.serving.resolve_synced_champion import ResolveSyncedChampion
from entrypoints.observability.metrics.aggregator import MetricsAggregator, MetricsChannel
from entrypoints.observability.request_recorder import RequestRecorder
from entrypoints.web.middleware.client_address import ClientAddressResolver
from entrypoints.web.wire.request_limits import MAX_CONCURRENT_REQUESTS, RequestLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDependencies:
    """The objects of one web application.

    Parameters
    ----------
    synced_champion : ResolveSyncedChampion, optional
        Returns the state of the registry; None if the models are in files of this host.
    refused_keys : HostRateLimit
        Of the keys that an address presents to the console and that are refused.
    rate_limit : HostRateLimit, optional
        None if the rate of a client has no limit.
    host_names : collection of str, optional
        Values of Host that a server without keys answers; empty if it answers all of them.
    run_pages : str, optional
        Where browsers reach MLflow's pages; empty if there are none.
    """

    model_name: str
    current_model: CurrentModel
    predict: Predict
    issue_feedback_token: IssueFeedbackToken
    count_labels: CountLabels
    active_keys: ActiveKeys
    request_recorder: RequestRecorder
    metrics: MetricsAggregator | MetricsChannel
    give_order: GiveOrder
    active_sessions: ActiveSessions
    refused_keys: HostRateLimit
    client_addresses: ClientAddressResolver
    limits: RequestLimits
    describe_model: DescribeModel
    report_status: ReportStatus
    report_drift: ReportDrift
    show_figures: ShowFigures
    list_versions: ListVersions
    list_changes: ListChanges
    max_concurrent_requests: int = MAX_CONCURRENT_REQUESTS
    synced_champion: ResolveSyncedChampion | None = None
    rate_limit: HostRateLimit | None = None
    host_names: Collection[str] = ()
    run_pages: str = ""
