"""Drift metrics: rows of answered requests by the bins of the training rows, as series of a report.

A sample is counted: 64 rows a second and worker at most, and few of a request, because rows of a request are alike.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import numpy as np

from application.serving.predict_rows import Predictions
from domain.delivery.served_model import ServedModels
from domain.model.distributions import Distributions
from entrypoints.observability.metrics.series import Series
from entrypoints.observability.request_context import RequestContext

DRIFT, ROWS = "drift", "rows"
# Between two counts, whose cost hardly depends on the number of rows.
COUNT_SECONDS = 1.0
# Of a request, because its rows are alike; larger ones must not stay in memory until they are counted.
MAX_REQUEST_ROWS = 8
# Rows of a count, and its cells: a series takes some 50 bytes of a report.
MAX_ROWS, MAX_CELLS = 64, 1_024


class DriftCounts(NamedTuple):
    """Rows of a version, and how many of them are in each bin, by its place."""

    rows: int
    counts: dict[int, int]


class DriftSampler:
    """Keeps the predictions of some requests, and counts their rows once a second."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic, self._counted_at = monotonic, 0.0
        self._waiting: list[Predictions] = []
        self._room = MAX_ROWS

    def keep_or_drop(self, context: RequestContext) -> None:
        """Keep some rows of a request that was answered if it is one of the first after a count, else none."""
        if context.predictions is not None:
            self._room -= 1
            context.predictions = context.predictions.some(MAX_REQUEST_ROWS) if self._room >= 0 else None

    def count(
        self, contexts: Iterable[RequestContext], models: ServedModels | None, amounts: defaultdict[Series, float]
    ) -> None:
        """Collect what the contexts have kept; once a second, add the counts of the champion's rows to `amounts`."""
        self._waiting += [context.predictions for context in contexts if context.predictions is not None]
        now = self._monotonic()
        if now - self._counted_at < COUNT_SECONDS:
            return
        waiting, self._waiting, self._counted_at, self._room = self._waiting, [], now, MAX_ROWS
        version = models.champion.version if models else None
        if version is not None and version.distributions is not None:
            of_champion = [each for each in waiting if each.snapshot.version.name == version.name]
            most = max(1, min(MAX_ROWS, MAX_CELLS // len(version.distributions.every)))
            if sampled := _some_rows(of_champion, most):
                _count(sampled, version.name, version.distributions, amounts)


def drift_of(amounts: Mapping[Series, float]) -> dict[str, DriftCounts]:
    """Return the counts by version in a report; other series are ignored."""
    rows: defaultdict[str, int] = defaultdict(int)
    counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for series, amount in amounts.items():
        if series[0] == DRIFT:
            _, version, place = series
            if place == ROWS:
                rows[version] += int(amount)
            else:
                counts[version][int(place)] = int(amount)
    return {version: DriftCounts(number, counts[version]) for version, number in rows.items()}


def _some_rows(predictions: list[Predictions], most: int) -> list[Predictions]:
    """Return at most `most` rows of predictions that are drawn at random."""
    chosen: list[Predictions] = []
    for each in random.sample(predictions, min(most, len(predictions))):
        if len(each.values[:most]):
            chosen.append(each._replace(values=each.values[:most], inputs=each.inputs[:most]))
            most -= len(chosen[-1].values)
    return chosen


def _count(
    sampled: list[Predictions], version: str, training: Distributions, amounts: defaultdict[Series, float]
) -> None:
    inputs = np.concatenate([each.inputs for each in sampled])
    values = np.concatenate([each.values for each in sampled])
    counts = training.count(inputs, values)
    for place in np.flatnonzero(counts).tolist():
        amounts[DRIFT, version, str(place)] += int(counts[place])
    amounts[DRIFT, version, ROWS] += len(values)
