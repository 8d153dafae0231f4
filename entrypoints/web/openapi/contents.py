"""The chapters of the document, in their order: one for each blueprint."""

from collections.abc import Callable, Sequence

from entrypoints.web.openapi import documentation, metrics, predictions, status
from entrypoints.web.openapi.chapter import Chapter, Served

CHAPTERS: Sequence[Callable[[Served], Chapter]] = (
    predictions.chapter,
    status.chapter,
    metrics.chapter,
    documentation.chapter,
)
