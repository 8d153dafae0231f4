"""ShowFigures: complete periods of an hour or a day, by version."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.drift_history import InMemoryDriftHistory
from adapters.memory.traffic_log import InMemoryTrafficLog
from application.monitoring.show_figures import ShowFigures
from application.serving.current_model import CurrentModel
from domain.monitoring.drift_series import DriftLevel
from tests.support.examples import NOON, a_version
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
    history = InMemoryDriftHistory()
    history.keep(DriftLevel(1, 0.25), NOW - 1000)
    history.keep(DriftLevel(2, 0.125), NOW - 870)
    others = InMemoryTrafficLog()
    others.add({"": traffic(50)}, NOW - 90)
    return ShowFigures(log, others, history, lambda: a_version("7"), lambda: NOW + 30, "web-1")


def test_hour_has_complete_minutes(show_figures):
    figures = show_figures()

    assert (figures.period_seconds, figures.host, figures.since) == (60, "web-1", NOON - timedelta(hours=2))
    assert (figures.at, figures.first) == (NOON + timedelta(seconds=30), NOON - timedelta(hours=1))
    assert figures.sums == {"7": traffic(5, rows=30), "8": traffic(1)}
    assert [*figures.total.column("answered")][-3:] == [0, 4, 2]
    assert [*figures.of_all_hosts.column("answered")][-3:] == [0, 54, 2]
    assert figures.others.total() == traffic(50)
    assert len(figures.versions["8"]) == 60
    assert figures.drift.drifted[-17:-15] == (1, None)
    assert figures.drift.excess_psi[-16:-14] == (None, 0.125)
    assert figures.held_out_mae == a_version().lineage.scores.mae


def test_day_has_periods_of_15_minutes_up_to_the_last_complete_one(show_figures):
    figures = show_figures(1440)

    assert (figures.period_seconds, figures.first) == (900, NOON - timedelta(days=1))
    assert len(figures.versions["7"]) == 96
    assert [*figures.versions["7"].column("rows")][-1] == 30
    assert (figures.drift.drifted[-2:], figures.drift.excess_psi[-2:]) == ((1, 2), (0.25, 0.125))

    later = replace(show_figures, unix_time=lambda: NOW + 330)
    assert later(1440).sums == later().sums
    assert later().sums["7"].answered == 105


def test_server_without_a_model_that_was_never_asked_has_no_figures():
    current = CurrentModel()
    figures = ShowFigures(
        InMemoryTrafficLog(),
        InMemoryTrafficLog(),
        InMemoryDriftHistory(),
        lambda: current.models.champion.version,
        lambda: NOW,
        "web-1",
    )()

    assert (figures.total, figures.of_all_hosts, figures.sums, figures.held_out_mae) == (None, None, {}, None)
    assert figures.drift.drifted == (None,) * 60
