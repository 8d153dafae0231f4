"""Interleavings: several controllers that sleep, die and return do no harm, and each guard is needed for that."""

import logging

import pytest

from application.rollout import control_rollout
from tests.support.rollout_interleavings import Guards, World


@pytest.fixture(autouse=True)
def _without_log():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", [range(10_000), range(10_000, 20_000)], ids=["first half", "second half"])
def test_r05_controllers_that_sleep_die_and_return_do_no_harm(seeds):
    problems = {seed: found for seed in seeds if (found := World(seed).run())}

    assert problems == {}


@pytest.mark.parametrize("missing", Guards)
def test_run_without_one_guard_does_harm(missing, mocker):
    if missing is Guards.LOOK:
        mocker.patch.object(control_rollout, "supersession", return_value="")

    assert any(World(seed, Guards.ALL & ~missing).run() for seed in range(3_000))
