import logging

import pytest

from domain.errors import StoreUnavailable
from domain.mirror_report import MirrorReport, RegistryState
from entrypoints.serving import mirror
from entrypoints.serving.mirror import FAILURES, pause, reporting


@pytest.fixture
def reported(caplog):
    caplog.set_level(logging.INFO, logger=mirror.__name__)
    return lambda: [(record.message, getattr(record, "why", "")) for record in caplog.records]


def test_only_changes_are_reported(reported):
    reasons = ["", "", "it refuses", "it refuses", "it is silent", "", ""]
    answers = iter(reasons)

    def mirror():
        reason = next(answers)
        return MirrorReport(None, RegistryState.DOWN if reason else RegistryState.OK, reason, None, 0.0)

    ask = reporting(mirror)

    assert [ask() for _ in reasons] == [RegistryState.DOWN if reason else RegistryState.OK for reason in reasons]
    assert reported() == [
        ("registry_lost", "it refuses"),
        ("registry_lost", "it is silent"),
        ("registry_found", ""),
    ]


@pytest.mark.parametrize("error", [StoreUnavailable("the copy", "disk full"), ZeroDivisionError()])
def test_no_failure_ends_the_mirror(reported, error):
    def fail():
        raise error

    ask = reporting(fail)

    assert ask() is RegistryState.DOWN
    assert ask() is RegistryState.DOWN
    assert len(reported()) == 1


def test_c11_champion_that_waits_for_a_word_is_no_failure_of_the_registry_and_told_once(reported):
    changed = RegistryState.FEATURES_CHANGED
    ask = reporting(lambda: MirrorReport(None, changed, "`endeavour promote 5 …`", 0.0, 0.0))

    assert (ask(), ask()) == (changed, changed)
    assert reported() == [("champion_refused", "`endeavour promote 5 …`")]
    assert changed not in FAILURES


@pytest.mark.parametrize(
    ("poll", "failures", "longest"), [(2.0, 0, 2.2), (2.0, 1, 4.4), (2.0, 2, 5.5), (2.0, 10_000, 5.5), (60.0, 9, 66.0)]
)
def test_pause_grows_with_failures_up_to_seconds(poll, failures, longest):
    taken = [pause(poll, failures) for _ in range(200)]

    assert max(taken) <= longest
    assert min(taken) >= longest * 0.9 / 1.1 - 1e-9
    assert len(set(taken)) > 100
