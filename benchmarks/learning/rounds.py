"""Contenders take turns, so that whatever else the machine does meets all of them."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

# A turn repeats what is quick until it has taken this long.
LEAST_SECONDS = 0.02


@dataclass(slots=True)
class Contender:
    """One way to do the work, and how long it took.

    Parameters
    ----------
    name : str
    work : callable
        Called without arguments; what its last call returned is kept.
    rounds : int
        In how many rounds it takes part, counted from the first.
    """

    name: str
    work: Callable[[], Any]
    rounds: int
    result: Any = None
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds of one call: the median of the rounds."""
        return median(self.seconds)

    def take_turn(self) -> None:
        """Work once, or as often as `LEAST_SECONDS` allow, and note the seconds of one call."""
        took = self._seconds(1)
        if took < LEAST_SECONDS:
            calls = math.ceil(LEAST_SECONDS / took)
            took = self._seconds(calls) / calls
        self.seconds.append(took)

    def _seconds(self, calls: int) -> float:
        began = time.perf_counter()
        for _ in range(calls):
            self.result = self.work()
        return time.perf_counter() - began


def take_turns(contenders: Sequence[Contender]) -> None:
    """Let the contenders work, one after the other, round by round.

    A round that does not count comes first: imports, page faults and caches of files are nobody's merit. Those who take
    part in few rounds are spared it.
    """
    most = max(contender.rounds for contender in contenders)
    for contender in contenders:
        if contender.rounds == most:
            contender.work()
    for number in range(most):
        for contender in contenders:
            if number < contender.rounds:
                contender.take_turn()
