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
from domain.model.model_version import ModelVersion
from entrypoints.observability.metrics.series import Series
from entrypoints.observability.request_context import RequestContext

DRIFT, ROWS = "drift", "rows"
# Between two counts, whose cost hardly depends on the number of rows.
COUNT_SECONDS = 1.0
# Rows of a count, and its cells: a series takes some 50 bytes of a report.
MAX_ROWS, MAX_CELLS = 64, 1_024


class DriftCounts(NamedTuple):
    """Rows of a version, and how many of them are in each bin, by its place."""

    rows: int
    counts: dict[int, int]


class DriftSampler:
    """Collects rows of the champion, and counts them once a second."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic, self._counted_at = monotonic, 0.0
        self._version = ""
        self._sampled: list[Predictions] = []
        self._rows = 0

    def count(
        self, contexts: Iterable[RequestContext], models: ServedModels | None, amounts: defaultdict[Series, float]
    ) -> None:
        """Sample the rows of the contexts, and add the counts of the last second to `amounts`."""
        version = models.champion.version if models else None
        if version is None or version.distributions is None:
            return
        if version.name != self._version:
            self._version, self._sampled, self._rows = version.name, [], 0
        self._sample(contexts, MAX_CELLS // len(version.distributions.every))
        now = self._monotonic()
        if self._sampled and now - self._counted_at >= COUNT_SECONDS:
            _count(self._sampled, version, version.distributions, amounts)
            self._counted_at, self._sampled, self._rows = now, [], 0

    def _sample(self, contexts: Iterable[RequestContext], most: int) -> None:
        room = max(1, min(MAX_ROWS, most)) - self._rows
        if room <= 0:
            return
        found = [
            context.sampled
            for context in contexts
            if context.sampled is not None and context.sampled.snapshot.version.name == self._version
        ]
        for sampled in random.sample(found, min(room, len(found))):
            if room <= 0:
                return
            part = sampled._replace(values=sampled.values[:room], inputs=sampled.inputs[:room])
            self._sampled.append(part)
            self._rows += len(part.values)
            room -= len(part.values)


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


def _count(
    sampled: list[Predictions], version: ModelVersion, training: Distributions, amounts: defaultdict[Series, float]
) -> None:
    inputs = np.concatenate([each.inputs for each in sampled])
    values = np.concatenate([each.values for each in sampled])
    counts = training.count(inputs, values)
    for place in np.flatnonzero(counts).tolist():
        amounts[DRIFT, version.name, str(place)] += int(counts[place])
    amounts[DRIFT, version.name, ROWS] += len(values)
