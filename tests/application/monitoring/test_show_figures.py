"""ShowFigures: complete periods of an hour or a day, by version."""

from datetime import timedelta

import pytest

from adapters.memory.traffic_log import InMemoryTrafficLog
from application.monitoring.show_figures import ShowFigures
from tests.support.examples import NOON
from tests.support.monitoring import NOW, traffic


@pytest.fixture
def log():
    log = InMemoryTrafficLog()
    log.begin(NOW - 7200)
    log.add({"7": traffic(3, rows=30), "8": traffic(1)}, NOW - 90)
    log.add({"7": traffic(2)}, NOW - 30)
    log.add({"7": traffic(100)}, NOW + 20)
    return log


@pytest.fixture
def show_figures(log):
    return ShowFigures(log, lambda: NOW + 30, "web-1")


def test_hour_has_complete_minutes(show_figures):
    figures = show_figures()

    assert (figures.period_seconds, figures.host, figures.since) == (60, "web-1", NOON - timedelta(hours=2))
    assert (figures.at, figures.first) == (NOON + timedelta(seconds=30), NOON - timedelta(hours=1))
    assert figures.sums == {"7": traffic(5, rows=30), "8": traffic(1)}
    assert [*figures.total.column("answered")][-3:] == [0, 4, 2]
    assert len(figures.versions["8"]) == 60


def test_day_has_quarters_of_an_hour(show_figures):
    figures = show_figures(1440)

    assert (figures.period_seconds, figures.first) == (900, NOON - timedelta(days=1))
    assert len(figures.versions["7"]) == 96
    assert [*figures.versions["7"].column("rows")][-1] == 30


def test_server_that_was_never_asked_has_no_total():
    figures = ShowFigures(InMemoryTrafficLog(), lambda: NOW, "web-1")()

    assert (figures.total, figures.sums) == (None, {})
