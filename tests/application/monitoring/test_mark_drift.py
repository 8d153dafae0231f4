import logging

import pytest

from adapters.memory.drift_history import InMemoryDriftHistory
from adapters.memory.drift_log import InMemoryDriftLog
from application.monitoring.mark_drift import MarkDrift
from application.monitoring.watch_drift import WatchDrift
from tests.application.monitoring.test_remembered_drift import drift
from tests.application.monitoring.test_watch_drift import VERSION
from tests.support.monitoring import NOW


@pytest.fixture
def log():
    return InMemoryDriftLog()


@pytest.fixture
def history():
    return InMemoryDriftHistory()


def test_new_drift_is_logged_once_and_keeps_its_time(log, history, caplog, mocker):
    clock = mocker.Mock(side_effect=[NOW, NOW + 30])
    watch = WatchDrift(lambda: VERSION, None, log)
    mark = MarkDrift(watch, log, history, clock)
    drift(log)

    with caplog.at_level(logging.WARNING):
        mark()
        mark()

    (record,) = caplog.records
    assert (record.getMessage(), record.version, record.columns) == ("inputs_drifted", "7", "bmi, (prediction)")
    report = watch()
    assert [each.since for each in report.columns] == [NOW, NOW]
    assert report.since == NOW
    levels = history.read(1, NOW + 60)
    assert (levels.drifted, levels.excess_psi) == ((2,), (max(each.excess for each in report.columns),))


def test_nothing_is_marked_before_the_first_row(log, history):
    for watch in (WatchDrift(lambda: None, None, log), WatchDrift(lambda: VERSION, None, log)):
        MarkDrift(watch, log, history, lambda: NOW)()

    assert log.read() is None
    assert history.read(1, NOW + 60).drifted == (None,)
