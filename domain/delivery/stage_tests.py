"""Stage tests: one measure each with its limit and its levels of evidence, in one stage of a rollout."""

from dataclasses import dataclass

from domain.delivery.counts import RolloutCounts
from domain.delivery.measures import Measure

# Observations that a test waits for, at most.
MAX_OBSERVATIONS = 10_000_000


@dataclass(frozen=True, slots=True)
class RolloutTest:
    """A measure with what it takes to fail or to pass.

    Parameters
    ----------
    name : str
    measure : Measure
    harm_level : float
        Log e from which the test fails.
    pass_level : float
        Log e from which it passes.
    limit : float or None
        Harm below which it passes, at the weight of the next stage; None if it may only fail.
    by_stage : bool
        Whether it reads the counts of the stage instead of those of the rollout.
    """

    name: str
    measure: Measure
    harm_level: float
    pass_level: float
    limit: float | None
    by_stage: bool = False

    def needed(self, counts: RolloutCounts) -> int | None:
        """Return about how many more observations the test needs to pass, at the rates so far; 0 if it passes.

        Return None if it may only fail, or if these rates do not pass within 10,000,000 observations.
        """
        if self.limit is None:
            return None
        observed, total = self.measure.observed(counts), self.measure.observed(counts)
        if self._passes(counts, observed, total):
            return 0
        step = 16
        while not self._passes(counts, observed, observed + step):
            step *= 2
            if step > MAX_OBSERVATIONS:
                return None
        fewest = step // 2
        while step - fewest > 1:
            middle = (fewest + step) // 2
            fewest, step = (fewest, middle) if self._passes(counts, observed, observed + middle) else (middle, step)
        return step

    def _passes(self, counts: RolloutCounts, observed: int, total: int) -> bool:
        """Return whether the test would pass with `total` observations at the rates of those `observed` so far."""
        at_total = counts.scaled(total, observed) if observed else self.measure.harmless(total)
        return self.limit is not None and bool(self.measure.good_enough(at_total, self.limit) >= self.pass_level)
