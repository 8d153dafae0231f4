"""Metrics route: GET /metrics, the metrics of all workers of a host."""

from flask import Blueprint, Response, request

from entrypoints.observability.metrics.aggregator import MetricsAggregator, MetricsChannel
from entrypoints.observability.request_recorder import RequestRecorder
from entrypoints.web.wire.problems import ProblemError


def metrics_routes(metrics: MetricsAggregator | MetricsChannel, recorder: RequestRecorder) -> Blueprint:
    """Return the route; `recorder` writes to `metrics` before each response."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def scrape() -> Response:
        try:
            recorder.flush()
            body, media_type = metrics.scrape(request.environ.get("HTTP_ACCEPT", ""))
        except OSError as error:
            raise ProblemError(503, "overloaded", "the parent process did not send the metrics in time") from error
        return Response(body, content_type=media_type)

    return routes
