"""GET /metrics: what the whole server has done, whichever worker is asked."""

from flask import Blueprint, Response, request

from entrypoints.metrics.ledger import Ledger
from entrypoints.web.books import Books


def routes(ledger: Ledger, books: Books) -> Blueprint:
    """Return the route."""
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def metrics() -> Response:
        # Not at the start of a worker: it takes longer to import than Flask.
        from entrypoints.metrics.exposition import exposition

        books.enter()
        body, media_type = exposition(ledger, request.environ.get("HTTP_ACCEPT", ""))
        return Response(body, content_type=media_type)

    return routes
