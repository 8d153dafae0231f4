"""Proxies of a pod and of the stack in front of a real server: nginx with their own files."""

import contextlib
import os
import signal
import socket
import time

import orjson
import pytest

from tests.support.deploy.proxy import proxy_of_a_pod
from tests.support.load import Load, post
from tests.support.program import answer, free_port, refuses, requested, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("web proxy")]

ROW = {"X": 0.2}
# The server has no keys here and takes any; the proxy passes on no body without one.
KEY = {"X_API_Key": "any"}
HEAD = b"POST /%b HTTP/1.1\r\nHost: localhost\r\nX-API-Key: any\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture
def pod(server, tmp_path):
    with proxy_of_a_pod(tmp_path, server.port) as proxy:
        yield proxy


def test_predictions_pass_with_the_request_id_of_the_client_if_a_log_may_have_it(server, proxy):
    status, headers, body = requested(proxy.port, "POST", "/stream", ROW, X_Request_Id="mine-1", **KEY)
    _, others, _ = requested(proxy.port, "POST", "/stream", ROW, X_Request_Id="two words", **KEY)

    assert (status, headers["x-request-id"]) == (200, "mine-1")
    assert body == server.ask("POST", "/stream", ROW)[2]
    assert len(others["x-request-id"]) == 32


def test_metrics_are_not_found_and_the_problem_is_that_of_the_server(server, proxy):
    expected = orjson.loads(requested(server.port, "GET", "/none")[2])
    for path in ("/metrics", "//metrics", "/./metrics", "/%6detrics", "/docs/../metrics", "/metrics/", "/proxyz"):
        status, headers, body = requested(proxy.port, "GET", path, **KEY)
        problem = orjson.loads(body)

        assert (status, headers["content-type"]) == (404, "application/problem+json"), path
        assert problem == expected | {"detail": problem["detail"], "request_id": headers["x-request-id"]}


@pytest.mark.slow
def test_no_request_fails_while_workers_are_killed(server, pod):
    def wait_for_more(load, requests):
        goal = load.answers + requests
        wait_until(lambda: load.answers > goal, seconds=60)

    with Load(pod.port, [post("/stream", b'{"X": 0.2}', b"X-API-Key: any\r\n")], anew=10) as load:
        for _ in range(2):
            wait_for_more(load, 500)
            victim = server.workers()[0]
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda victim=victim: victim not in server.workers() and len(server.workers()) == 2)
            # A second death of the same slot within seconds would end the server: ADR 10.
            time.sleep(6)
            wait_for_more(load, 500)

    assert load.report.failures == []
    assert load.report.statuses.keys() == {200}


def test_probes_are_on_a_port_of_their_own(pod):
    assert requested(pod.probes, "POST", "/stream", ROW)[0] == 404
    assert requested(pod.probes, "GET", "/proxyz")[0] == 204


def test_without_a_server_the_proxy_lives_and_the_pod_is_not_ready(tmp_path):
    with proxy_of_a_pod(tmp_path, free_port()) as proxy:
        assert [requested(proxy.probes, "GET", path)[0] for path in ("/readyz", "/proxyz")] == [502, 204]


def test_an_accepted_request_is_answered_when_the_pod_ends(pod):
    with contextlib.closing(socket.create_connection(("127.0.0.1", pod.port), timeout=15)) as client:
        client.sendall(HEAD % (b"stream", 20) + b"{")
        requested(pod.port, "POST", "/stream", ROW, **KEY)
        pod.finish()
        wait_until(lambda: refuses(pod.port))
        client.sendall(b'"X": 0.2'.ljust(18) + b"}")
        status, _ = answer(client)

    assert status == 200
    assert pod.process.wait(10) == 0
