"""GET /metrics: what the whole server has done, whichever worker is asked."""

from collections.abc import Callable

from flask import Blueprint, Response, request

from application.latest_mirrored import LatestMirrored
from entrypoints.metrics.ledger import Ledger
from entrypoints.web.books import Books


def routes(ledger: Ledger, books: Books, mirrored: Callable[[], LatestMirrored | None]) -> Blueprint:
    """Return the route; `mirrored` is as for the route /model."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def metrics() -> Response:
        # Not at the start of a worker: it takes longer to import than Flask.
        from entrypoints.metrics.exposition import exposition

        books.enter()
        latest = mirrored()
        body, media_type = exposition(
            ledger, latest.registry() if latest else None, request.environ.get("HTTP_ACCEPT", "")
        )
        return Response(body, content_type=media_type)

    return routes
