"""Window share: how much of the probability of a false alarm each of the windows has, of which there is no last one."""

import math


def log_share(looks: int) -> float:
    """Return the logarithm of the k-th window's share of the probability of an alarm; the shares add up to 1.

    The first k windows have 1 - 1 / log2(k + 2) of it, so that windows cost little more than their logarithm.
    """
    begin, end = math.log(looks + 1), math.log(looks + 2)
    return math.log(math.log(2) * math.log1p(1 / (looks + 1)) / (begin * end))
