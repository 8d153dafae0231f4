"""Stuck workers are replaced; workers of a server that was stopped as a whole are kept."""

import os
import signal
import time

import pytest

from tests.support.program import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# The server matches an expression that takes 2**60 steps for this body, and holds the interpreter for that time.
HOLDING = b"a" * 60
QUICKLY = """
import re
from entrypoints.server import watchdog
from entrypoints.web.wire import json_body

watchdog.LOOK_SECONDS, watchdog.BEAT_SECONDS = 0.1, 0.05
json_body._reject_too_many_rows = lambda raw, *_: re.match(rb"(?:a|a)*b", raw)
"""
# A worker is killed after so many seconds without a heartbeat.
SECONDS = 3.0


def stop(program):
    for worker in program.workers():
        os.kill(worker, signal.SIGSTOP)


def hold_the_interpreter(program):
    with program.socket() as raw:
        raw.sendall(b"POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60\r\n\r\n" + HOLDING)
        raw.settimeout(0.5)
        with pytest.raises(TimeoutError):
            raw.recv(1)


@pytest.mark.parametrize(("stick", "count"), [(stop, 2), (hold_the_interpreter, 1)])
def test_p02_stuck_workers_are_replaced_and_requests_are_answered_again(ready, stick, count):
    program = ready(workers=count, before=QUICKLY)
    workers = set(program.workers())

    stick(program)

    wait_until(lambda: len(set(program.workers()) - workers) == count)
    wait_until(program.is_answering)
    assert {stuck["pid"] for stuck in program.logged("worker_stuck")} == workers


def test_worker_of_a_server_that_was_stopped_as_a_whole_is_kept(ready):
    program = ready(before=QUICKLY)
    workers = program.workers()

    os.killpg(program.process.pid, signal.SIGSTOP)
    time.sleep(SECONDS + 1)
    os.killpg(program.process.pid, signal.SIGCONT)

    time.sleep(0.5)
    assert program.is_answering()
    assert program.workers() == workers
    assert program.logged("worker_stuck") == []
