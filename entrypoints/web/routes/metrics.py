"""GET /metrics: the figures of all workers of a host, whichever of them answers."""

from flask import Blueprint, Response, request

from entrypoints.observability.metrics.aggregator import MetricsAggregator, MetricsChannel
from entrypoints.observability.request_recorder import RequestRecorder
from entrypoints.web.wire.problems import ProblemError


def routes(figures: MetricsAggregator | MetricsChannel, books: RequestRecorder) -> Blueprint:
    """Return the route; `books` enter into `figures`."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def metrics() -> Response:
        try:
            books.flush()
            body, media_type = figures.scrape(request.environ.get("HTTP_ACCEPT", ""))
        except OSError as error:
            detail = "the process that sums the figures did not answer in time"
            raise ProblemError(503, "overloaded", detail) from error
        return Response(body, content_type=media_type)

    return routes
