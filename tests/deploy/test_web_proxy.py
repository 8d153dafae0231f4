"""What clients meet in a web pod: nginx with the pod's own file, before a real server."""

import contextlib
import http.client
import os
import signal
import socket
import time

import orjson
import pytest

from tests.deploy.proxy import proxy_of_a_pod
from tests.e2e.load import Load, post
from tests.entrypoints.serving.program import Program, answer, ask, free_port, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("web proxy")]

ROW = {"X": 0.2}
# The server has no keys here and takes any; the proxy passes on no body without one.
KEY = {"X_API_Key": "any"}
KEYED = b"X-API-Key: any\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("server") / "artifacts", trusted_proxies="127.0.0.1")
    program.wait_until_ready()
    yield program
    program.clean_up()


@pytest.fixture
def proxy(server, tmp_path):
    proxy = proxy_of_a_pod(tmp_path, server.port)
    yield proxy
    proxy.stop()


def through(port, method, path, body=None, **headers):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=15)) as connection:
        return ask(connection, method, path, body, **{**KEY, **headers})


def stalled(port):
    """Return a connection on which a request has begun and does not go on."""
    client = socket.create_connection(("127.0.0.1", port), timeout=15)
    client.sendall(b"POST /stream HTTP/1.1\r\nHost: localhost\r\nX-API-Key: any\r\nContent-Length: 20\r\n\r\n{")
    return client


def test_predictions_pass_with_the_request_id_of_the_client(server, proxy):
    status, headers, body = through(proxy.port, "POST", "/stream", ROW, X_Request_Id="mine-1")

    assert (status, headers["x-request-id"]) == (200, "mine-1")
    assert body == server.ask("POST", "/stream", ROW)[2]


def test_an_id_that_could_not_stand_in_a_log_is_replaced(proxy):
    _, headers, _ = through(proxy.port, "POST", "/stream", ROW, X_Request_Id="two words")

    assert len(headers["x-request-id"]) == 32


@pytest.mark.slow
def test_no_request_fails_while_workers_are_killed(server, proxy):
    with Load(proxy.port, [post("/stream", b'{"X": 0.2}', KEYED)], anew=10) as load:
        for _ in range(2):
            wait_for_more(load, 500)
            replace_a_worker(server)
            # A second death of the same slot within seconds would end the server: ADR 10.
            time.sleep(6)
            wait_for_more(load, 500)

    assert load.report.failures == []
    assert load.report.statuses.keys() == {200}


def wait_for_more(load, requests):
    goal = load.answers + requests
    wait_until(lambda: load.answers > goal, seconds=60)


def replace_a_worker(server):
    victim = server.workers()[0]
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: victim not in server.workers() and len(server.workers()) == 2)


def test_a_body_that_the_server_would_refuse_is_refused_before_it_is_read(proxy):
    with contextlib.closing(socket.create_connection(("127.0.0.1", proxy.port), timeout=15)) as client:
        client.sendall(b"POST /batch HTTP/1.1\r\nHost: localhost\r\nX-API-Key: any\r\nContent-Length: 4194305\r\n\r\n")
        status, body = answer(client)

    assert (status, orjson.loads(body)["code"]) == (413, "body_too_large")


def test_a_body_of_the_largest_size_reaches_the_server(proxy):
    body = orjson.dumps({"X": [0.2]}).ljust(4 * 1024 * 1024)

    status, _, _ = through(proxy.port, "POST", "/batch", body)

    assert status == 200


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/./metrics", "/%6detrics"])
def test_metrics_are_not_there(proxy, path):
    status, _, body = through(proxy.port, "GET", path)

    assert (status, orjson.loads(body)["code"]) == (404, "not_found")


def test_probes_are_on_a_port_of_their_own(proxy):
    assert through(proxy.port, "GET", "/proxyz")[0] == 404
    assert through(proxy.probes, "POST", "/stream", ROW)[0] == 404
    assert through(proxy.probes, "GET", "/proxyz")[0] == 204


def test_a_refusal_says_what_the_server_would_say(server, proxy):
    mine, theirs = (through(port, "GET", "/nowhere") for port in (proxy.port, server.port))
    status, headers, body = through(proxy.port, "GET", "/metrics")
    problem = orjson.loads(body)

    assert mine[0] == theirs[0] == status
    assert problem.keys() == orjson.loads(theirs[2]).keys()
    assert {problem[name] for name in ("type", "title", "code")} == {
        orjson.loads(theirs[2])[name] for name in ("type", "title", "code")
    }
    assert (problem["status"], problem["request_id"]) == (status, headers["x-request-id"])


@pytest.mark.parametrize(
    "request_",
    [b"GET / HTTP/1.1\r\n\r\n", b"GET /%b HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"a" * 9000)],
    ids=["no host", "a long path"],
)
def test_what_is_no_request_is_refused(proxy, request_):
    with contextlib.closing(socket.create_connection(("127.0.0.1", proxy.port), timeout=15)) as client:
        client.sendall(request_)
        status, body = answer(client)

    assert (status, orjson.loads(body)["code"], orjson.loads(body)["status"]) == (400, "bad_request", 400)


def test_without_a_server_the_proxy_lives_and_the_pod_is_not_ready(tmp_path):
    proxy = proxy_of_a_pod(tmp_path, free_port())
    try:
        status, headers, body = through(proxy.port, "POST", "/stream", ROW)
        ready, _, _ = through(proxy.probes, "GET", "/readyz")
        lives, _, _ = through(proxy.probes, "GET", "/proxyz")
    finally:
        proxy.stop()

    assert (status, orjson.loads(body)["code"], headers["retry-after"]) == (503, "unavailable", "1")
    assert (ready, lives) == (502, 204)


def test_what_was_accepted_is_answered_when_the_pod_ends(proxy):
    with contextlib.closing(stalled(proxy.port)) as client:
        through(proxy.port, "POST", "/stream", ROW)
        proxy.finish()
        wait_until(lambda: refused(proxy.port))
        client.sendall(b'"X": 0.2'.ljust(18) + b"}")
        status, _ = answer(client)

    assert status == 200
    assert proxy.process.wait(10) == 0


def refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return True
    return False
