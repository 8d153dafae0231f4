from dataclasses import replace

import numpy as np

from adapters.memory.drift_log import InMemoryDriftLog
from application.monitoring.watch_drift import WatchDrift
from domain.model.distributions import Distributions
from domain.model.errors import CorruptModel
from tests.support.examples import a_version
from tests.support.monitoring import NOW

VERSION = a_version("7")
VERSION = replace(VERSION, distributions=Distributions.of(VERSION.model, np.linspace(0, 1, 80)[:, np.newaxis], 0))


def test_rows_of_the_kept_champion_are_compared_and_without_one_those_of_the_bundled_version():
    log = InMemoryDriftLog()
    log.add("7", 3, {0: 3, VERSION.distributions.size - 1: 3}, NOW)

    for watch in (WatchDrift(lambda: VERSION, a_version(), log), WatchDrift(lambda: None, VERSION, log)):
        report = watch()
        assert (report.version, report.rows, report.window.looks) == ("7", 3, 1)
        assert [drift.rows for drift in report.columns] == [3, 3]


def test_rows_of_another_version_are_not_the_champions():
    log = InMemoryDriftLog()
    log.add("6", 3, {0: 3}, NOW)

    report = WatchDrift(lambda: VERSION, None, log)()

    assert (report.rows, report.window) == (0, None)


def test_host_without_a_champion_or_its_distributions_has_no_report():
    def broken():
        raise CorruptModel("7", "half a file")

    for champion in (lambda: None, lambda: a_version("7"), broken):
        assert WatchDrift(champion, None, InMemoryDriftLog())() is None
