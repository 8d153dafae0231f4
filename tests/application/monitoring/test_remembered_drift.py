import numpy as np
import pytest

from adapters.memory.drift_log import InMemoryDriftLog
from application.monitoring.remembered_drift import SECONDS, RememberedDrift
from application.monitoring.report_drift import ReportDrift
from domain.delivery.errors import NoModelLoaded
from domain.monitoring.facts import NONE_DRIFTED, Drifted
from tests.application.monitoring.test_watch_drift import VERSION
from tests.support.examples import NOON
from tests.support.monitoring import NOW


@pytest.fixture
def log():
    return InMemoryDriftLog()


def drift(log: InMemoryDriftLog) -> None:
    """Add rows that are all beyond the training rows."""
    values = np.full((300, 1), 5.0)
    counts = VERSION.distributions.count(values, VERSION.model.predict(values)).tolist()
    log.add("7", 300, {place: count for place, count in enumerate(counts) if count}, NOW)


def test_columns_are_compared_again_once_in_a_while(log, mocker):
    clock = mocker.Mock(return_value=5.0)
    drifted = RememberedDrift(ReportDrift(lambda: VERSION, log), clock)

    assert drifted() == NONE_DRIFTED
    drift(log)
    log.mark({0}, NOW)
    clock.return_value += SECONDS - 1
    assert drifted() == NONE_DRIFTED
    clock.return_value += 1
    assert drifted() == Drifted(("bmi", "(prediction)"), NOON)


def test_nothing_has_drifted_without_a_model(log):
    def none():
        raise NoModelLoaded

    assert RememberedDrift(ReportDrift(none, log), lambda: 0.0)() == NONE_DRIFTED
