import logging

import pytest

from domain.errors import StoreUnavailable
from domain.mirror_report import MirrorReport, RegistryState
from entrypoints.serving import mirror
from entrypoints.serving.mirror import pause, reporting


@pytest.fixture
def reported(caplog):
    caplog.set_level(logging.INFO, logger=mirror.__name__)
    return lambda: [(record.message, getattr(record, "why", "")) for record in caplog.records]


def test_only_changes_are_reported(reported):
    answers = iter(["", "", "it refuses", "it refuses", "it is silent", "", ""])
    ask = reporting(lambda: MirrorReport(None, RegistryState.DOWN, next(answers), None, 0.0))

    problems = [ask() for _ in range(7)]

    assert problems == ["", "", "it refuses", "it refuses", "it is silent", "", ""]
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

    assert ask()
    assert ask()
    assert len(reported()) == 1


@pytest.mark.parametrize(
    ("poll", "failures", "longest"), [(2.0, 0, 2.2), (2.0, 1, 4.4), (2.0, 2, 5.5), (2.0, 10_000, 5.5), (60.0, 9, 66.0)]
)
def test_pause_grows_with_failures_up_to_seconds(poll, failures, longest):
    taken = [pause(poll, failures) for _ in range(200)]

    assert max(taken) <= longest
    assert min(taken) >= longest * 0.9 / 1.1 - 1e-9
    assert len(set(taken)) > 100
