"""The chapters of the document, in their order: one for each blueprint."""

from collections.abc import Callable, Sequence

from entrypoints.web.openapi import documentation, metrics, mlflow_scoring, open_inference, predictions, status
from entrypoints.web.openapi.chapter import Chapter, Served

CHAPTERS: Sequence[Callable[[Served], Chapter]] = (
    predictions.chapter,
    mlflow_scoring.chapter,
    open_inference.chapter,
    status.chapter,
    metrics.chapter,
    documentation.chapter,
)
