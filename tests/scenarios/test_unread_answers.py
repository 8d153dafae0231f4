"""The serving program before clients that ask and do not read."""

import contextlib

import pytest

from tests.support.program import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# More than both workers have places (BACKPRESSURE), each with more to read than the kernel's buffers hold.
CLIENTS, QUESTIONS = 400, 8
BUNDLE = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_answers_that_nobody_reads_shut_the_server_for_seconds_at_most(ready):
    program = ready()
    with contextlib.ExitStack() as clients:
        for _ in range(CLIENTS):
            clients.enter_context(program.socket()).sendall(BUNDLE * QUESTIONS)

        wait_until(lambda: answers(program), seconds=60)


def answers(program):
    try:
        return program.ask("GET", "/livez")[0] == 200
    except OSError:
        return False
