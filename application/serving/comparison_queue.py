"""Comparison queue: bounded memory of requests that both models of a rollout evaluate off the request path."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from domain.delivery.served_model import ServedModel, ServedRollout
from domain.model.prediction_input import PredictionInput, Row

MAX_QUEUED_REQUESTS, MAX_QUEUED_BYTES = 32, 1024 * 1024


class ComparedRequest(NamedTuple):
    """Rows of a request, and the models at that moment.

    Parameters
    ----------
    champion : ServedModel
    served : ServedRollout
    rows : sequence of row or PredictionInput
    body_bytes : int
        Length of the body that the rows come from.
    """

    champion: ServedModel
    served: ServedRollout
    rows: Sequence[Row] | PredictionInput
    body_bytes: int

    @property
    def baseline(self) -> ServedModel:
        """The champion at the start of the rollout."""
        return self.served.challenger if self.served.rollout.is_after_promotion else self.champion

    @property
    def candidate(self) -> ServedModel:
        """The challenger at the start of the rollout."""
        return self.champion if self.served.rollout.is_after_promotion else self.served.challenger


class ComparisonQueue:
    """Requests that wait for their comparison, and the counts of comparisons that were not reported yet.

    A request that finds 32 requests or 1 MiB of bodies is dropped; one larger body has room if the queue is empty.
    """

    def __init__(self) -> None:
        self._requests: deque[ComparedRequest] = deque()
        self._bytes = self._sampled = self._dropped = 0
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def offer(
        self, champion: ServedModel, served: ServedRollout, rows: Sequence[Row] | PredictionInput, body_bytes: int
    ) -> None:
        """Queue a request if there is room, in constant time; the parameters are those of `ComparedRequest`."""
        with self._lock:
            queued = len(self._requests)
            if queued and (queued >= MAX_QUEUED_REQUESTS or self._bytes + body_bytes > MAX_QUEUED_BYTES):
                self._dropped += 1
                return
            self._requests.append(ComparedRequest(champion, served, rows, body_bytes))
            self._bytes += body_bytes
            self._sampled += 1

    def take(self) -> ComparedRequest | None:
        """Return the oldest request and remove it, None if there is none."""
        with self._lock:
            if not self._requests:
                return None
            request = self._requests.popleft()
            self._bytes -= request.body_bytes
            return request

    def count(self, counts: Mapping[str, int]) -> None:
        """Add counts of comparisons."""
        with self._lock:
            self._counts.update(counts)

    def take_counts(self) -> Mapping[str, int]:
        """Return the counts since the last call: fields of `RolloutCounts`, and `sampled` and `dropped` requests."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            counts += Counter(sampled=self._sampled, dropped=self._dropped)
            self._sampled = self._dropped = 0
            return counts
