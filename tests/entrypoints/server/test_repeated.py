"""Repeated jobs: a failure of one time is followed by the next, and the end waits for none that has not begun."""

import time

from domain.errors import StoreUnavailable
from entrypoints.server.repeated import repeated
from tests.support.program import wait_until


def test_job_is_repeated_after_failures_until_the_context_ends(caplog):
    runs = []

    def job():
        runs.append(len(runs))
        if len(runs) == 1:
            raise StoreUnavailable("the store", "away")
        if len(runs) == 2:
            raise ZeroDivisionError

    with repeated("look", job, 0.001):
        wait_until(lambda: len(runs) > 3)
    ended = len(runs)

    assert [(record.message, record.job) for record in caplog.records] == [("background_job_failed", "look")]
    assert len(runs) == ended


def test_long_pause_does_not_delay_the_end():
    began = time.monotonic()
    with repeated("look", lambda: None, 3600.0):
        pass

    assert time.monotonic() - began < 60
