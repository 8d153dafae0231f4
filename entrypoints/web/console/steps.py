"""Steps: what each column adds to a prediction, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from domain.model.explanation import Explanation
from entrypoints.web.console.charts.bars import part
from entrypoints.web.console.numerals import number, signed

# Columns with a step of their own, at most.
MAX_STEPS = 12
# Share of the largest contribution below which one is rounding.
SMALLEST_SHARE = 1e-9


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the sum: a name, its size in words, and its bar."""

    name: str
    text: str
    chart: Markup


def steps(explanation: Explanation, prediction: float) -> Iterator[Step]:
    """Yield the typical prediction, the largest contributions, the sum of the others, and the prediction."""
    added = list(_largest(explanation))
    reached, heights = explanation.base, [0.0, explanation.base, prediction]
    for _, value in added:
        reached += value
        heights.append(reached)
    low, high = min(heights), max(heights)
    yield Step("typical row", number(explanation.base), part(0.0, explanation.base, low, high))
    reached = explanation.base
    for name, value in added:
        yield Step(name, signed(value), part(reached, reached + value, low, high))
        reached += value
    yield Step("prediction", number(prediction), part(0.0, prediction, low, high))


def _largest(explanation: Explanation) -> Iterator[tuple[str, float]]:
    pairs = list(zip(explanation.names, explanation.contributions[0].tolist(), strict=True))
    ranked: Sequence[tuple[str, float]] = sorted(pairs, key=lambda pair: -abs(pair[1]))
    least = SMALLEST_SHARE * abs(ranked[0][1])
    shown = [pair for pair in ranked if abs(pair[1]) > least]
    yield from shown[:MAX_STEPS]
    if rest := shown[MAX_STEPS:]:
        yield f"{len(rest)} others", sum(value for _, value in rest)
