"""GET /metrics, described."""

from entrypoints.web.openapi.chapter import Chapter, Content, Json, Operation, Reply, Served

TEXT: Json = {"type": "string"}


def chapter(served: Served) -> Chapter:
    """Return what is said of the route."""
    del served
    return Chapter(
        "Metrics",
        [
            Operation(
                name="metrics",
                method="get",
                path="/metrics",
                summary="What the whole server has done, for Prometheus",
                replies={
                    200: Reply(
                        "The figures of all workers",
                        {"text/plain": Content(TEXT), "application/openmetrics-text": Content(TEXT)},
                    )
                },
                problems={503: ("overloaded",)},
            )
        ],
    )
