from dataclasses import replace
from functools import partial

import numpy as np

from adapters.memory.drift_log import InMemoryDriftLog
from application.monitoring.watch_drift import WatchDrift
from domain.model.distributions import Distributions
from domain.model.errors import CorruptModel
from domain.model.linear_model import LinearModel
from tests.support.examples import a_version
from tests.support.monitoring import NOW

VERSION = a_version("7")
VERSION = replace(VERSION, distributions=Distributions.of(VERSION.model, np.linspace(0, 1, 80)[:, np.newaxis], 0))

MODEL = LinearModel(np.linspace(-1, 1, 10), 0.0, tuple(f"x{place}" for place in range(10)))


def test_rows_of_the_kept_champion_are_compared_and_without_one_those_of_the_bundled_version():
    log = InMemoryDriftLog()
    log.add("7", 3, {0: 3, VERSION.distributions.size - 1: 3}, NOW)

    for watch in (WatchDrift(lambda: VERSION, a_version(), log), WatchDrift(lambda: None, VERSION, log)):
        report = watch()
        assert (report.version, report.rows, report.window.looks) == ("7", 3, 1)
        assert [drift.rows for drift in report.columns] == [3, 3]


def test_shift_after_a_quiet_time_is_found_within_two_thousand_rows():
    found, runs, batch = [], 0, 64
    for quiet in (0, 1_500, 4_000, 24_100):
        for seed in range(10):
            random = np.random.default_rng(seed)
            training = Distributions.of(MODEL, random.normal(size=(1_100, 10)), seed)
            version, log = replace(VERSION, model=MODEL, distributions=training), InMemoryDriftLog()
            watch = WatchDrift(partial(replace, version), None, log)
            runs += 1
            for rows in range(batch, quiet + 2_000, batch):
                values = random.normal(size=(batch, 10))
                values[:, 3] += 0.5 * (rows > quiet)
                counts = training.count(values, MODEL.predict(values))
                log.add("7", batch, {place: int(counts[place]) for place in counts.nonzero()[0].tolist()}, NOW)
                if rows > quiet and watch().drifted:
                    found.append(rows - quiet)
                    break

    assert len(found) >= 0.95 * runs, f"found in {len(found)} of {runs} runs, after {sorted(found)} rows"


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
