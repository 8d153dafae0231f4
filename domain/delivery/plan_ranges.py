"""Ranges of a rollout plan: the allowed values of each option, and their validation."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal, NamedTuple, TypeGuard, get_args

from domain.errors import InvalidParameter

MAX_STEPS, LONGEST = 50, 30 * 24 * 3600
# Largest harm that passes a step, however small its weight is.
MOST_FAILURES, MOST_SLOW, MOST_ERROR_INCREASE = 0.10, 0.20, 0.50
FEWEST, SHORTEST_MS, LONGEST_MS = 1e-4, 1e-3, 3_600_000
Truth = Literal["off", "used", "required"]
Numbers = tuple[float, ...]


class Range(NamedTuple):
    """Smallest and largest value of a number."""

    least: float
    most: float

    def __str__(self) -> str:
        return f"a number from {self.least:g} to {self.most:,g}"


RANGES: Mapping[str, Range] = {
    "shadow_seconds": Range(0, LONGEST),
    "watch_seconds": Range(0, LONGEST),
    "min_answers": Range(1, 1_000_000),
    "max_failures": Range(FEWEST, MOST_FAILURES),
    "max_slow": Range(FEWEST, MOST_SLOW),
    "max_differences": Range(FEWEST, 0.99),
    "max_error_increase": Range(1e-3, MOST_ERROR_INCREASE),
    "false_abort": Range(1e-300, 0.5),
    "false_promotion": Range(1e-300, 0.5),
    "slow_ms": Range(SHORTEST_MS, LONGEST_MS),
    "answer_ms": Range(SHORTEST_MS, LONGEST_MS),
    "max_step_seconds": Range(1, LONGEST),
    "max_held_seconds": Range(1, LONGEST),
    "ttl_seconds": Range(1, 3600),
}


def require_in_range(name: str, value: object) -> None:
    """Raise `InvalidParameter` unless `value` is a number in the range of the option `name`."""
    if not _is_number(value) or not RANGES[name].least <= value <= RANGES[name].most:
        raise InvalidParameter(name, value, str(RANGES[name]))
    if name == "min_answers" and not isinstance(value, int):
        raise InvalidParameter(name, value, "a whole number")


def require_truth(value: object) -> None:
    """Raise `InvalidParameter` unless `value` is a way to use labels."""
    if value not in get_args(Truth):
        raise InvalidParameter("truth", value, f"one of {', '.join(get_args(Truth))}")


def require_steps(steps: object) -> None:
    """Raise `InvalidParameter` unless `steps` are weights in percent, rising by 0.01 at least."""
    if not _are_numbers(steps, 100) or not 1 <= len(steps) <= MAX_STEPS or not _rising(steps):
        allowed = f"1 to {MAX_STEPS} rising numbers from 0.01 to 99.99, in percent of requests"
        raise InvalidParameter("steps", steps, allowed)


def require_step_seconds(seconds: object, steps: Numbers) -> None:
    """Raise `InvalidParameter` unless `seconds` has a number for each of the `steps`."""
    if not _are_numbers(seconds, LONGEST) or len(seconds) != len(steps):
        allowed = f"one number from 0 to {LONGEST:,}, or {len(steps)}: one for each step"
        raise InvalidParameter("step_seconds", seconds, allowed)


def _rising(steps: Numbers) -> bool:
    weights = [0, *(round(step * 100) for step in steps), 10_000]
    return all(earlier < later for earlier, later in pairwise(weights))


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _are_numbers(values: object, most: float) -> TypeGuard[Numbers]:
    return isinstance(values, tuple) and all(_is_number(value) and 0 <= value <= most for value in values)
