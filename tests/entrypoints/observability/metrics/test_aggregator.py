"""Reports of forked processes, and metrics that they ask for."""

import multiprocessing
import os
import signal
import time

import pytest

from entrypoints.observability.metrics import aggregator as module
from entrypoints.observability.metrics.aggregator import MetricsAggregator, MetricsChannel
from tests.support.program import wait_until

REQUESTS, ROWS = ("http_requests", "/stream", "200"), ("predictions", "/stream")


@pytest.fixture
def figures():
    return MetricsAggregator()


@pytest.fixture
def channel(figures):
    channel = MetricsChannel()
    channel.listen(figures)
    return channel


def fork(target, *arguments):
    """Start a process with the memory of this one."""
    process = multiprocessing.get_context("fork").Process(target=target, args=arguments)
    process.start()
    return process


def fill(channel):
    for _ in range(10_000):
        channel.add({REQUESTS: 1.0}, {"in_flight": 0})


def test_sums_are_those_of_all_processes_and_of_those_that_were_killed(figures, channel):
    def work(number):
        for _ in range(200):
            channel.add({REQUESTS: 1.0, ROWS: 2.0, ("of", str(number)): 1.0}, {"in_flight": 0})
        os.kill(os.getpid(), signal.SIGKILL)

    for process in [fork(work, number) for number in range(4)]:
        process.join()
    figures.add({REQUESTS: 7.0})

    expected = {REQUESTS: 807.0, ROWS: 1600.0, **{("of", str(number)): 200.0 for number in range(4)}}
    wait_until(lambda: figures.read()[0] == expected)


def test_process_that_falls_silent_has_no_state(figures, monkeypatch):
    figures.add({}, {"in_flight": 1}, worker=1)
    figures.add({}, {"in_flight": 2}, worker=2)
    both = figures.read()[1]
    monkeypatch.setattr(module, "MAX_SILENT_SECONDS", 0.1)
    time.sleep(0.2)
    figures.add({}, {"in_flight": 3}, worker=2)

    assert both == [{"in_flight": 1}, {"in_flight": 2}]
    assert figures.read()[1] == [{"in_flight": 3}]


def test_scrape_of_a_process_has_what_it_reported_before(channel):
    ours, theirs = multiprocessing.Pipe()

    def scrape():
        channel.add({REQUESTS: 5.0}, {"in_flight": 3})
        theirs.send([channel.scrape(""), channel.scrape("application/openmetrics-text")])

    process = fork(scrape)

    assert ours.poll(15)
    (text, plain), (_, openmetrics) = ours.recv()
    process.join()
    assert b'endeavour_http_requests_total{route="/stream",status="200"} 5.0' in text
    assert b"endeavour_requests_in_flight 3.0" in text
    assert plain.startswith("text/plain")
    assert openmetrics.startswith("application/openmetrics-text")


def test_worker_whose_parent_process_is_stuck_waits_for_a_bounded_time(monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.1)
    channel = MetricsChannel()

    with pytest.raises(TimeoutError):
        channel.scrape("")
    with pytest.raises(TimeoutError):
        fill(channel)
    for end in (channel._inbox, channel._outbox):
        end.close()
