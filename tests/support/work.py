"""Growth of work with the input, measured on a host that may be busy."""

from collections.abc import Callable
from time import thread_time

# Four times the input takes four times the work, or 16 times where work grows with the square. The bound is their
# geometric mean, so that either measurement may be wrong by a factor of two.
TIMES, BOUND = 4, 8


def work(step: Callable[[], object]) -> float:
    """Return the seconds of this thread on a CPU: other processes do not count, and code in C does."""
    began = thread_time()
    step()
    return thread_time() - began


def grows_in_proportion(small: Callable[[], object], large: Callable[[], object]) -> bool:
    """Return whether `large`, with `TIMES` the input of `small`, takes less than `BOUND` times as long."""
    least = min(work(small) for _ in range(3))
    return any(work(large) < BOUND * least for _ in range(5))
