from hypothesis import given
from hypothesis import strategies as st

from domain.access.rate_limit import RateLimitPolicy


def admitted(rate, times):
    """Return the times at which requests were answered."""
    due, answered = 0.0, []
    for now in times:
        due, early = rate.admit(due, now)
        if not early:
            answered.append(now)
    return answered


@given(st.floats(0.1, 1000), st.integers(1, 50), st.lists(st.floats(0, 2), max_size=200))
def test_in_any_stretch_of_time_no_more_than_rate_and_burst_are_answered(per_second, burst, gaps):
    times, now = [], 0.0
    for gap in gaps:
        now += gap / per_second
        times.append(now)

    answered = admitted(RateLimitPolicy(per_second, burst), times)

    for first in range(0, len(answered), 7):
        for last in range(first, len(answered), 11):
            # One more: the microsecond that two clocks may differ by is a whole request only at the very edge.
            assert last - first + 1 <= burst + per_second * (answered[last] - answered[first]) + 1
