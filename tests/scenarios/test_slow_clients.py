"""Clients that send a body slowly, or never read an answer."""

import contextlib

import orjson
import pytest

from tests.support.program import wait_until

pytestmark = pytest.mark.e2e

HEAD = b"POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n{"
# More clients than both workers have places (BACKPRESSURE); each has more to read than the kernel's buffers hold.
CLIENTS, REQUESTS = 400, 8
BUNDLE = b"GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"


def predict(program):
    return program.ask("POST", "/stream", {"X": 0.2})


def test_p06_stalled_bodies_delay_no_other_client_and_too_many_of_them_are_refused(ready):
    program = ready(workers=1)
    with contextlib.ExitStack() as stalled:

        def stall(count):
            for _ in range(count):
                stalled.enter_context(program.socket()).sendall(HEAD)

        stall(40)
        assert {predict(program)[0] for _ in range(10)} == {200}
        stall(30)
        wait_until(lambda: predict(program)[0] == 503)
        _, headers, refused = predict(program)
        assert orjson.loads(refused)["code"] == "overloaded"
        assert int(headers["retry-after"]) > 0
        assert program.is_answering()

    wait_until(lambda: predict(program)[0] == 200)


@pytest.mark.slow
def test_stalled_body_does_not_keep_the_server_from_ending(ready):
    program = ready(workers=1)
    with program.socket() as raw:
        raw.sendall(HEAD)
        program.ask("GET", "/health")

        assert program.end(seconds=12) == 0


@pytest.mark.slow
def test_p05_unread_answers_block_the_server_for_seconds_at_most(ready):
    program = ready()
    with contextlib.ExitStack() as clients:
        for _ in range(CLIENTS):
            clients.enter_context(program.socket()).sendall(BUNDLE * REQUESTS)

        wait_until(program.is_answering, seconds=60)
