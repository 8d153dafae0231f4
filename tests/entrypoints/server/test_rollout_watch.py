"""Rollout watch: each look is reported, and one that fails is followed by the next."""

import pytest

from domain.errors import StoreUnavailable
from entrypoints.server import rollout_watch
from entrypoints.server.rollout_watch import watched_rollout
from tests.support.program import wait_until
from tests.support.rollouts import a_rollout


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(rollout_watch, "LOOK_SECONDS", 0.001)


def test_rollout_is_reported_also_after_a_failure_and_after_none():
    looks, reported = iter([StoreUnavailable("the store", "away"), None]), []

    def read():
        look = next(looks, a_rollout())
        if isinstance(look, Exception):
            raise look
        return look

    with watched_rollout(read, reported.append):
        wait_until(lambda: len(reported) > 1)

    assert reported[0] == a_rollout()
