"""Figures of the serving program: all workers count together, and a restart keeps what they have counted."""

import os
import signal

import orjson
import pytest

from tests.scenarios.test_metrics_and_log import predict, predictions
from tests.support.program import free_port, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def answered(program):
    """Return the requests of the last five minutes, as one of the workers reports them."""
    status, _, body = program.ask("GET", "/status")
    assert status == 200
    return orjson.loads(body)["traffic"]["answered"]


def whats(program):
    """Return what has changed, newest first."""
    return [change["what"] for change in orjson.loads(program.ask("GET", "/changes")[2])["changes"]]


def test_p07_killed_worker_loses_no_figures_and_a_restart_keeps_them(ready):
    program = ready()
    predict(program, 40)
    wait_until(lambda: predictions(program) == 40)
    first, _ = program.workers()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len({line["pid"] for line in program.logged("serving")}) == 3)
    predict(program, 10)
    wait_until(lambda: answered(program) == 50)
    assert {answered(program) for _ in range(20)} == {50}  # either worker reads the same
    wait_until(lambda: "worker_replaced" in whats(program))
    program.clean_up()

    again = ready()

    assert answered(again) == 50
    assert whats(again) == ["server_started", "worker_replaced", "server_started"]


def status(program):
    """Return the status, as one of the workers reports it."""
    return orjson.loads(program.ask("GET", "/status")[2])


def fleet(program):
    return status(program)["fleet"]


def has_read_the_other(program):
    return [bool(replica["version"]) for replica in status(program)["replicas"]] == [True, True]


def test_hosts_that_name_each_other_add_up_and_one_that_is_killed_is_missing(ready, tmp_path):
    ports = free_port(), free_port()
    replicas = ",".join(f"http://127.0.0.1:{port}" for port in ports)
    first, second = (ready(artifacts=tmp_path / f"artifacts-{port}", port=port, replicas=replicas) for port in ports)
    wait_until(lambda: has_read_the_other(first) and has_read_the_other(second), seconds=30)
    predict(first, 30)
    predict(second, 7)

    wait_until(lambda: [fleet(each)["answered"] for each in (first, second)] == [37, 37], seconds=40)

    second.clean_up()
    wait_until(lambda: fleet(first)["silent"] == [f"127.0.0.1:{ports[1]}"], seconds=40)
