"""Rollout counts: the monotone counters that a verdict rests on; counts of workers and hosts add up in any order."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from operator import add, sub
from typing import Any, Self

from domain.data.plain_values import require_fields, require_list

TRUTH_POINTS = 33
# More than 100 days of 10,000 requests per second: the evidence of such counts is still found within seconds.
MAX_COUNT = 10**11


@dataclass(frozen=True, slots=True)
class RolloutCounts:
    """Counts since the start of a rollout, or since a stage began.

    Baseline and candidate are the champion and the challenger at the start; they keep these names after the promotion.
    In a simulation, each count is an array of integers with one element for each run.

    Parameters
    ----------
    pairs : int
        Requests that both models evaluated, at least one of them without a failure.
    failed_baseline, failed_candidate : int
        Pairs in which this model alone failed: it raised an error, or its prediction is not finite.
    failed_both : int
        Requests that both models failed, because of the client's rows; they are in no other count.
    slow_baseline, slow_candidate : int
        Pairs in which the evaluation of this model alone was slow.
    differences : int
        Pairs whose predictions differ by more than half of the baseline's hold-out RMSE.
    squared_errors : tuple of int
        Labels by point of the grid from -1 to 1. A point is the candidate's squared error minus the baseline's, as a
        share of four times the baseline's hold-out MSE.
    answers_baseline, answers_candidate : int
        Answers of this model that the weight routed by request id.
    bad_baseline, bad_candidate : int
        Of these answers, those that failed or were slow.
    entity_answers : int
        Answers of the candidate that the weight routed by an entity id of the client.
    """

    pairs: int = 0
    failed_baseline: int = 0
    failed_candidate: int = 0
    failed_both: int = 0
    slow_baseline: int = 0
    slow_candidate: int = 0
    differences: int = 0
    squared_errors: tuple[int, ...] = (0,) * TRUTH_POINTS
    answers_baseline: int = 0
    bad_baseline: int = 0
    answers_candidate: int = 0
    bad_candidate: int = 0
    entity_answers: int = 0

    def __add__(self, other: Self) -> Self:
        return self._mapped(add, other)

    def __sub__(self, other: Self) -> Self:
        return self._mapped(sub, other)

    def scaled(self, total: int, of: int) -> Self:
        """Return the counts at the same rates if there had been `total` observations instead of `of`, rounded."""
        return self._mapped(lambda count: (count * total + of // 2) // of)

    def to_values(self) -> dict[str, int | list[int]]:
        """Return the counts by name, as plain values."""
        return {name: list(count) if isinstance(count, tuple) else count for name, count in asdict(self).items()}

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> Self:
        """Return the counts of `to_values`.

        Raises
        ------
        ValueError
            If a name is missing or unknown, or a count is not a whole number from 0 to 10¹¹.
        """
        record = require_fields(values, *(field.name for field in fields(cls)))
        points = tuple(map(_bounded, require_list(record["squared_errors"])))
        if len(points) != TRUTH_POINTS:
            raise ValueError(f"squared_errors has {len(points)} counts instead of {TRUTH_POINTS}")
        counts = {name: _bounded(value) for name, value in record.items() if name != "squared_errors"}
        return cls(**counts, squared_errors=points)

    def _mapped(self, function: Callable[..., Any], *others: Self) -> Self:
        def values(name: str) -> Any:
            of_each = [getattr(counts, name) for counts in (self, *others)]
            if name == "squared_errors":
                return tuple(function(*points) for points in zip(*of_each, strict=True))
            return function(*of_each)

        return type(self)(**{field.name: values(field.name) for field in fields(self)})


def _bounded(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_COUNT:
        raise ValueError("a count is not a whole number from 0 to 10¹¹")
    return value
