"""Simulation summary: the ends of simulated rollouts, with intervals of their shares."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from domain.data.arrays import FloatArray

RUNNING, ABORTED, PROMOTED, HELD = range(4)
# Of a normal distribution, for an interval of 95 %.
QUANTILE = 1.96


@dataclass(frozen=True, slots=True)
class SimulationSummary:
    """Ends of `runs` rollouts.

    Parameters
    ----------
    runs, aborted, promoted, held : int
        Number of rollouts, and of those with each end. A held one waits for evidence until an operator ends it.
    answers : float
        Median number of answers by the candidate in rollouts that were aborted; NaN without one.
    answers_at_worst : float
        Quantile of 90 % of the same.
    minutes_to_abort, minutes_to_promotion : float
        Medians; NaN without such an end. The watch is part of the time to a promotion.
    """

    runs: int
    aborted: int
    promoted: int
    held: int
    answers: float
    answers_at_worst: float
    minutes_to_abort: float
    minutes_to_promotion: float

    @classmethod
    def from_runs(cls, ends: npt.NDArray[np.int64], answers: npt.NDArray[np.int64], seconds: FloatArray) -> Self:
        """Summarize runs by their ends, answers of the candidate and seconds, each of shape (runs,)."""
        aborted, promoted = ends == ABORTED, ends == PROMOTED
        return cls(
            runs=len(ends),
            aborted=int(aborted.sum()),
            promoted=int(promoted.sum()),
            held=int((ends == HELD).sum()),
            answers=_quantile(answers[aborted], 0.5),
            answers_at_worst=_quantile(answers[aborted], 0.9),
            minutes_to_abort=_quantile(seconds[aborted] / 60, 0.5),
            minutes_to_promotion=_quantile(seconds[promoted] / 60, 0.5),
        )

    def interval(self, count: int) -> tuple[float, float]:
        """Return the bounds of the share of a `count` of runs, with a confidence of 95 %.

        References
        ----------
        Wilson (1927), "Probable inference, the law of succession, and statistical inference".
        """
        share, weight = count / self.runs, QUANTILE**2 / self.runs
        middle = share + weight / 2
        half = QUANTILE * math.sqrt(share * (1 - share) / self.runs + weight / (4 * self.runs))
        return max(0.0, (middle - half) / (1 + weight)), min(1.0, (middle + half) / (1 + weight))

    def __str__(self) -> str:
        lines = [f"{name:9}{self._share(getattr(self, name))}" for name in ("aborted", "promoted", "held")]
        if self.aborted:
            lines[0] += (
                f", half of them within {self.minutes_to_abort:,.0f} minutes and {self.answers:,.0f} answers "
                f"by the candidate (90 %: {self.answers_at_worst:,.0f})"
            )
        if self.promoted:
            lines[1] += f", half of them within {self.minutes_to_promotion:,.0f} minutes"
        return "\n".join(lines)

    def _share(self, count: int) -> str:
        low, high = self.interval(count)
        return f"{100 * count / self.runs:5.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def _quantile(values: npt.NDArray[np.int64] | FloatArray, share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else math.nan
