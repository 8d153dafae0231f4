"""Traffic: counts add up, and quantiles come from the buckets of enough requests only."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.monitoring.traffic import LATENCY_BOUNDS_SECONDS, Traffic
from domain.monitoring.traffic_series import WIDTH, TrafficSeries
from tests.support.monitoring import traffic


def test_malformed_counts_are_refused():
    with pytest.raises(ValueError, match="17 latency buckets, not 2"):
        Traffic(latencies=(1, 2))
    with pytest.raises(ValueError, match="negative"):
        Traffic(failed=-1)
    with pytest.raises(ValueError, match="shape"):
        TrafficSeries(np.zeros((2, WIDTH - 1)))


def test_quantile_needs_a_hundred_requests():
    assert traffic(99).quantile(0.5) is None
    assert traffic(100).quantile(0.5) == pytest.approx(0.00075)  # half-way between 0.5 and 1 ms


def test_quantile_of_the_slowest_requests_is_the_last_bound():
    slowest = traffic(90, bucket=2) + traffic(10, bucket=16)

    assert slowest.quantile(0.99) == LATENCY_BOUNDS_SECONDS[-1]
    assert slowest.quantile(0.5) < LATENCY_BOUNDS_SECONDS[2]


@given(st.lists(st.integers(0, 16), min_size=100, max_size=300), st.floats(0.01, 1.0))
def test_quantile_lies_in_the_bucket_of_its_rank(buckets, share):
    seconds = sum((traffic(1, bucket=bucket) for bucket in buckets), Traffic()).quantile(share)
    of_rank = sorted(buckets)[int(np.ceil(share * len(buckets))) - 1]

    bounds = (0.0, *LATENCY_BOUNDS_SECONDS, LATENCY_BOUNDS_SECONDS[-1])
    assert bounds[of_rank] <= seconds <= bounds[of_rank + 1]


@pytest.fixture
def series():
    return TrafficSeries.of(traffic(1, rows=5, seconds=0.25), Traffic(), traffic(2, failed=1), traffic(4, refused=2))


def test_series_returns_the_traffic_that_it_is_made_of(series):
    assert len(series) == 4
    assert series.periods()[0] == traffic(1, rows=5, seconds=0.25)
    assert series.quantiles(0.5) == (None,) * 4
    assert TrafficSeries.of(traffic(99), traffic(100)).quantiles(0.5) == (None, traffic(100).quantile(0.5))
    assert series.total() == traffic(7, rows=5, seconds=0.25, failed=1, refused=2)
    assert series.last(2).total() == traffic(6, failed=1, refused=2)
    assert [*series.column("answered")] == [1, 0, 2, 4]


def test_grouped_and_added_series_keep_their_sums(series):
    assert [each.answered for each in series.grouped(2).periods()] == [1, 6]
    assert (series + series).total() == series.total() + series.total()


def test_array_of_a_series_cannot_be_changed(series):
    with pytest.raises(ValueError, match="read-only"):
        series.values[0, 0] = 1
