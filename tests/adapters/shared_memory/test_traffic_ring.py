"""Traffic ring: one writer, and readers in other processes that never see half of a write."""

import os
import signal
import time
from multiprocessing import Event, get_context
from operator import itemgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory.traffic_log import InMemoryTrafficLog
from adapters.shared_memory import sequence_lock
from adapters.shared_memory.traffic_ring import TrafficRing
from domain.monitoring.errors import FiguresUnavailable
from domain.monitoring.traffic import Traffic
from domain.ports import MINUTES, TEN_SECONDS
from tests.contracts.traffic_log import DAY, TrafficLogContract
from tests.support.monitoring import NOW, traffic


class TestTrafficRing(TrafficLogContract):
    @pytest.fixture
    def new_log(self):
        return TrafficRing

    def test_ring_takes_two_megabytes(self, log):
        assert 1.8e6 < log.table.size < 2.0e6

    def test_long_name_is_cut_between_two_characters(self, log):
        log.add({"ö" * 100: traffic(1)}, NOW)
        log.add({"ö" * 100: traffic(1)}, NOW)

        (name,) = log.read(MINUTES, 1, NOW + 60)
        assert name == "ö" * 32

    def test_content_is_restored_in_another_ring(self, log, new_log):
        log.begin(NOW)
        log.add({"7": traffic(3), "8": traffic(1)}, NOW)
        later = new_log()

        assert later.table.restore(log.table.to_bytes())
        later.begin(NOW + 120)
        later.add({"8": traffic(1), "9": traffic(5)}, NOW)

        sums = {name: series.total().answered for name, series in later.read(MINUTES, 1, NOW + 60).items()}
        assert (later.since, sums) == (NOW, {"7": 3, "8": 2, "9": 5})

    @pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b"x" + content[1:]])
    def test_content_of_another_shape_changes_nothing(self, log, new_log, damage):
        log.begin(NOW)
        later = new_log()

        assert not later.table.restore(damage(log.table.to_bytes()))
        assert later.since == 0.0


REPORTS = st.lists(
    st.tuples(
        st.sampled_from(["7", "8", ""]),
        st.floats(0, 3 * DAY),
        st.builds(traffic, st.integers(1, 9), bucket=st.integers(0, 16), rows=st.integers(0, 99)),
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(reports=REPORTS, resolution=st.sampled_from([MINUTES, TEN_SECONDS]), later=st.floats(0, DAY))
def test_ring_holds_what_a_log_without_a_bound_holds(reports, resolution, later):
    ring, plain = TrafficRing(), InMemoryTrafficLog()
    for version, seconds, counts in sorted(reports, key=itemgetter(1)):
        for log in (ring, plain):
            log.add({version: counts}, NOW + seconds)
    at = NOW + max((seconds for _, seconds, _ in reports), default=0.0) + later

    read, expected = (log.read(resolution, resolution.periods, at) for log in (ring, plain))

    assert {name: series.values.tolist() for name, series in read.items()} == {
        name: series.values.tolist() for name, series in expected.items()
    }


def test_reader_in_another_process_sees_whole_writes_only():
    ring, stop = TrafficRing(), Event()
    ring.add({"7": traffic(1)}, NOW)

    def write():
        while not stop.is_set():
            ring.add({"7": traffic(1)}, NOW)
            time.sleep(0.0001)

    writer = get_context("fork").Process(target=write)
    writer.start()
    totals = [traffic(1)]
    while len(totals) < 1000 or totals[-1].answered < 100:
        totals.append(next(iter(ring.read(MINUTES, 1, NOW + 60).values())).total())
    stop.set()
    writer.join()

    assert all(total.answered == sum(total.latencies) for total in totals)


def read_while_written(ring, monkeypatch):
    """Read while another process has stopped in the middle of a write."""
    writer = os.fork()
    if not writer:
        monkeypatch.setattr(ring, "_used_slot", lambda version: os.kill(os.getpid(), signal.SIGSTOP))
        ring.add({"7": traffic(1)}, NOW)
    os.waitpid(writer, os.WUNTRACED)
    try:
        return ring.read(MINUTES, 1, NOW + 60)
    finally:
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)


def test_writer_that_is_killed_during_a_write_makes_readers_give_up(monkeypatch):
    monkeypatch.setattr(sequence_lock, "PAUSE_SECONDS", 0.0)
    ring = TrafficRing()
    ring.add({"7": traffic(1)}, NOW)

    with pytest.raises(FiguresUnavailable):
        read_while_written(ring, monkeypatch)


def test_failed_write_does_not_lock_readers_out(monkeypatch):
    ring = TrafficRing()
    ring.add({"7": traffic(1)}, NOW)
    monkeypatch.setattr(ring, "_used_slot", lambda version: 1 // 0)

    with pytest.raises(ZeroDivisionError):
        ring.add({"7": Traffic()}, NOW)

    assert ring.read(MINUTES, 1, NOW + 60)
