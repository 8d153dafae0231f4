import multiprocessing
import os
import signal
import time

import pytest

from domain.delivery.ledger import LedgerHead
from entrypoints.observability.metrics import aggregator as module
from entrypoints.observability.metrics.aggregator import MetricsAggregator, MetricsChannel
from tests.support.program import wait_until

REQUESTS, ROWS = ("http_requests", "/stream", "200"), ("predictions", "/stream")


@pytest.fixture
def aggregator():
    return MetricsAggregator()


@pytest.fixture
def channel(aggregator):
    channel = MetricsChannel()
    channel.listen(aggregator)
    return channel


def fork(target, *arguments):
    """Start a process with the memory of this one."""
    process = multiprocessing.get_context("fork").Process(target=target, args=arguments)
    process.start()
    return process


def fill(channel):
    for _ in range(10_000):
        channel.add({REQUESTS: 1.0}, {"in_flight": 0})


def test_sums_are_those_of_all_processes_and_of_those_that_were_killed(aggregator, channel):
    def work(number):
        for _ in range(200):
            channel.add({REQUESTS: 1.0, ROWS: 2.0, ("of", str(number)): 1.0}, {"in_flight": 0})
        os.kill(os.getpid(), signal.SIGKILL)

    for process in [fork(work, number) for number in range(4)]:
        process.join()
    aggregator.add({REQUESTS: 7.0})

    expected = {REQUESTS: 807.0, ROWS: 1600.0, **{("of", str(number)): 200.0 for number in range(4)}}
    wait_until(lambda: aggregator.read()[0] == expected)


def test_process_without_reports_has_no_state(aggregator, monkeypatch):
    aggregator.add({}, {"in_flight": 1}, worker=1)
    aggregator.add({}, {"in_flight": 2}, worker=2)
    both = aggregator.read()[1]
    monkeypatch.setattr(module, "MAX_SILENT_SECONDS", 0.1)
    time.sleep(0.2)
    aggregator.add({}, {"in_flight": 3}, worker=2)

    assert both == [{"in_flight": 1}, {"in_flight": 2}]
    assert aggregator.read()[1] == [{"in_flight": 3}]


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


def test_head_of_the_ledger_is_exposed_once_this_host_has_seen_one(aggregator):
    assert b"endeavour_ledger_head_info{" not in aggregator.scrape("")[0]

    aggregator.ledger_head = lambda: LedgerHead(7, "ab" * 32)

    exposed = f'endeavour_ledger_head_info{{hash="{"ab" * 32}",number="7"}} 1.0'
    assert exposed.encode() in aggregator.scrape("")[0]


def test_scrape_that_the_parent_process_cannot_answer_is_an_error(aggregator, channel):
    aggregator.registry_status = lambda: 1 / 0

    with pytest.raises(ConnectionError):
        channel.scrape("")


def test_worker_whose_parent_process_is_stuck_waits_for_a_bounded_time(monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.1)
    channel = MetricsChannel()

    with pytest.raises(TimeoutError):
        channel.scrape("")
    with pytest.raises(TimeoutError):
        fill(channel)
    for end in (channel._inbox, channel._outbox):
        end.close()
