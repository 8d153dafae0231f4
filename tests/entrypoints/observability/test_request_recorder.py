"""Request recorder: each request is counted, with or without its line in the log."""

import logging
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from application.serving.current_model import CurrentModel
from domain.model.row_counts import RowCounts
from entrypoints.observability.metrics.aggregator import MetricsAggregator
from entrypoints.observability.request_context import RequestContext
from entrypoints.observability.request_recorder import MAX_FEATURE_SERIES, RequestRecorder

HEALTH = ("http_requests", "/health", "200")


@pytest.fixture
def metrics():
    return MetricsAggregator()


@pytest.fixture
def log_writer():
    lines = []
    return SimpleNamespace(dropped=0, lines=lines, add_all=lines.extend)


@pytest.fixture
def recorder(metrics, log_writer):
    return RequestRecorder(metrics, CurrentModel(), log_writer)


def begin(recorder):
    context = RequestContext("id", "GET", "/health", 0.0, route="/health", status="200")
    recorder.begin(context)
    return context


def test_level_silences_the_line_but_not_the_count(recorder, metrics, log_writer, caplog):
    for level, lines in ((logging.WARNING, 0), (logging.INFO, 1)):
        caplog.set_level(level, logger="endeavour.access")
        recorder.end(begin(recorder))
        recorder.flush()

        assert len(log_writer.lines) == lines
    assert metrics.read()[0][HEALTH] == 2


def test_reads_of_the_console_are_logged_for_debugging_only_and_its_orders_and_failures_always(
    recorder, metrics, log_writer, caplog
):
    asked = (("GET", "/console/try", "200", 0), ("GET", "/console/", "503", 1), ("POST", "/console/leave", "303", 1))
    for level, more in ((logging.INFO, 0), (logging.DEBUG, 1)):
        caplog.set_level(level, logger="endeavour.access")
        for method, route, status, lines in asked:
            log_writer.lines.clear()
            recorder.end(RequestContext("id", method, route, 0.0, route=route, status=status))
            recorder.flush()

            assert len(log_writer.lines) == max(lines, more), (level, route)
    assert metrics.read()[0]["http_requests", "/console/try", "200"] == 2


def test_dropped_lines_are_counted(recorder, metrics, log_writer):
    for dropped in (5, 7):
        log_writer.dropped = dropped
        recorder.flush()

    assert metrics.read()[0]["log_lines_dropped",] == 7


def test_requests_are_in_flight_until_they_are_answered(recorder, metrics):
    context = begin(recorder)
    recorder.flush()
    assert [state["in_flight"] for state in metrics.read()[1]] == [1]

    recorder.end(context)
    recorder.flush()
    assert [state["in_flight"] for state in metrics.read()[1]] == [0]


def test_counts_that_are_not_taken_are_reported_with_the_next(recorder, metrics, mocker):
    recorder.end(begin(recorder))
    mocker.patch.object(MetricsAggregator, "add", autospec=True, side_effect=TimeoutError)
    with pytest.raises(TimeoutError):
        recorder.flush()
    mocker.stopall()

    recorder.end(begin(recorder))
    recorder.flush()

    assert metrics.read()[0][HEALTH] == 2


def test_requests_of_many_threads_are_all_kept(recorder, metrics):
    def answer(_):
        recorder.end(begin(recorder))
        recorder.flush()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(answer, range(400)))

    assert metrics.read()[0][HEALTH] == 400
    assert metrics.read()[1][0]["in_flight"] == 0


def test_features_beyond_a_report_are_counted_together(recorder, metrics):
    names = [f"x{number}" for number in range(MAX_FEATURE_SERIES + 6)]
    for context in (begin(recorder), begin(recorder)):
        context.row_counts = RowCounts({"city": 2}, dict.fromkeys(names, 1))
        recorder.end(context)
    recorder.flush()

    sums, _ = metrics.read()

    assert (sums["unseen_levels", "city"], sums["filled_values", "x0"]) == (4, 2)
    assert sums["filled_values", "(other)"] == 2 * (6 + 1)
    assert sum(series[0] == "filled_values" for series in sums) == MAX_FEATURE_SERIES
