"""Proxies of a pod and of the stack under slow, malformed and poisonous requests."""

import contextlib
import http.client
import shutil
import socket
import subprocess

import orjson
import pytest
from prometheus_client.parser import text_string_to_metric_families

from domain.access.api_key import Role
from tests.support.deploy.proxy import proxy_of_a_pod, proxy_of_the_stack
from tests.support.fault_proxy import FaultProxy, hang
from tests.support.keys import Keys
from tests.support.program import Program, answer, free_port, requested, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("hostile clients")]

ROW = {"X": 0.2}
LONG = 4 * 1024 * 1024
# The mount ends with the process.
SMALL_DISK = 'mount -t tmpfs -o size=256k tmpfs "$0" && exec "$@"'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with keys: `key` is for predictions, `metrics_key` for metrics."""
    artifacts = tmp_path_factory.mktemp("server") / "artifacts"
    keys = Keys(artifacts)
    issued = [keys.add(role.value, role) for role in (Role.PREDICT, Role.METRICS)]
    with Program(artifacts, trusted_proxies="127.0.0.1") as program:
        program.key, program.metrics_key = issued
        yield program


def from_address(port, number):
    """Return a connection from one of the many addresses of loopback; number 0 is 127.0.0.1."""
    source = f"127.0.{number // 250}.{1 + number % 250}"
    return socket.create_connection(("127.0.0.1", port), timeout=15, source_address=(source, 0))


def head(path="/stream", length=20, headers=b"X-API-Key: made-up\r\n"):
    return b"POST %b HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n" % (path.encode(), headers, length)


def with_key(key):
    return f"X-API-Key: {key}\r\n".encode()


def refusal(client):
    """Return the response on a socket, and its problem, which has every member."""
    with contextlib.closing(http.client.HTTPResponse(client)) as response:
        response.begin()
        problem = orjson.loads(response.read())
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert problem.keys() == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert problem["type"] == f"urn:endeavour:problem:{problem['code']}"
    assert problem["request_id"] == response.headers["X-Request-Id"]
    return response, problem


def refused(proxy, request):
    """Return status, code and the status in the problem for a request in bytes."""
    with contextlib.closing(from_address(proxy.port, 0)) as client:
        client.sendall(request)
        response, problem = refusal(client)
    return response.status, problem["code"], problem["status"]


def assert_unavailable(response):
    status, headers, body = response
    assert (status, orjson.loads(body)["code"], headers["retry-after"]) == (503, "unavailable", "1")


def test_body_needs_a_key_header_before_it_is_read(server, proxy):
    status, _, body = server.ask("POST", "/stream", ROW)
    expected = orjson.loads(body)
    chunked = b"POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    for request in (head(headers=b""), head("/docs", LONG, b""), head("/livez", 1, b""), chunked):
        with contextlib.closing(from_address(proxy.port, 0)) as client:
            client.sendall(request)
            response, problem = refusal(client)

        assert response.status == status == 401
        assert response.headers.get_all("WWW-Authenticate") == ["Bearer"]
        assert problem == expected | {"request_id": problem["request_id"]}


def test_largest_body_passes_and_a_longer_one_is_refused_unread(server, proxy):
    largest = orjson.dumps({"X": [0.2]}).ljust(LONG)

    assert requested(proxy.port, "POST", "/batch", largest, X_API_Key=server.key)[0] == 200
    assert refused(proxy, head("/batch", LONG + 1, with_key(server.key))) == (413, "body_too_large", 413)


def test_chunked_body_passes_whole_or_is_refused(server, proxy):
    start = b"POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + with_key(server.key) + b"\r\n"
    with contextlib.closing(from_address(proxy.port, 0)) as client:
        client.sendall(start)
        client.sendall(b'5\r\n{"X":\r\n5\r\n 0.2}\r\n0\r\n\r\n')

        assert answer(client)[0] == 200
    assert refused(proxy, start + b"nonsense\r\n") == (400, "bad_request", 400)


def test_bytes_that_are_no_request_are_refused_in_the_same_form(proxy):
    for line in (
        b"GET / HTTP/1.1",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40_000,
        b"GET /?" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x",
        b"GET /metrics%00 HTTP/1.1\r\nHost: x",
        b"GET /%zz HTTP/1.1\r\nHost: x",
        b"GET /docs//../../metrics HTTP/1.1\r\nHost: x",
        b"get / HTTP/1.1\r\nHost: x",
        b"GET / HTTP/2.0\r\nHost: x",
        b"POST /stream HTTP/1.1\r\nHost: x\r\nX-API-Key: any\r\nTransfer-Encoding: gzip",
    ):
        assert refused(proxy, line + b"\r\n\r\n") == (400, "bad_request", 400), line[:40]


def test_requests_without_a_body_pass_without_a_key(proxy):
    assert [requested(proxy.port, "GET", path)[0] for path in ("/livez", "/docs")] == [200, 200]
    assert requested(proxy.port, "GET", "/docs/swagger-ui-bundle.js")[0] == 200


def test_prometheus_reads_the_connections_of_the_load_balancer_on_a_port_of_its_own(server, tmp_path):
    with proxy_of_the_stack(tmp_path, server.port) as proxy:
        status, headers, body = requested(proxy.probes, "GET", "/metrics")

    assert (status, headers["content-type"]) == (200, "text/plain; version=0.0.4")
    (family,) = text_string_to_metric_families(body.decode())
    assert (family.name, family.samples[0].value) == ("nginx_connections_active", 1)


@pytest.mark.parametrize("addresses", [1, 520])
@pytest.mark.parametrize("length", [20, LONG])
def test_520_bodies_that_trickle_leave_other_clients_served(server, proxy, addresses, length):
    with contextlib.ExitStack() as clients:
        for number in range(520):
            client = clients.enter_context(contextlib.closing(from_address(proxy.port, 1 + number % addresses)))
            client.sendall(head(length=length, headers=with_key(server.key)) + b"{")

        statuses = [
            requested(proxy.port, method, path, body, X_API_Key=server.key)[0]
            for method, path, body in (("GET", "/livez", None), ("GET", "/model", None), ("POST", "/stream", ROW))
            for _ in range(5)
        ]

    assert statuses == [200] * 15


def test_long_bodies_with_a_made_up_key_are_refused_unread_and_hold_no_place(server, proxy):
    with contextlib.ExitStack() as clients:
        held = []
        for number in range(1, 521):
            held.append(clients.enter_context(contextlib.closing(from_address(proxy.port, number))))
            held[-1].sendall(head("/batch", LONG) + b"{")

        refusals = [refusal(client) for client in held]
        for client in held:
            client.sendall(b" ")
        long = orjson.dumps({"X": [0.2]}).ljust(900_000)
        status, _, _ = requested(proxy.port, "POST", "/batch", long, X_API_Key=server.key)

    assert {(response.status, problem["code"]) for response, problem in refusals} == {(401, "unauthorized")}
    assert {tuple(response.headers.get_all("WWW-Authenticate")) for response, _ in refusals} == {("Bearer",)}
    assert status == 200


def test_long_body_with_a_key_of_another_role_is_refused_unread(server, proxy):
    assert refused(proxy, head("/batch", LONG, with_key(server.metrics_key))) == (403, "forbidden", 403)


def test_long_body_without_a_server_is_answered_503(start, tmp_path):
    proxy = start(tmp_path, free_port())

    assert_unavailable(requested(proxy.port, "POST", "/batch", bytes(20_000), X_API_Key="any"))


def test_client_with_many_long_bodies_is_asked_to_wait(server, proxy):
    with contextlib.ExitStack() as clients:

        def hold():
            client = clients.enter_context(contextlib.closing(from_address(proxy.port, 0)))
            client.sendall(head("/batch", LONG, with_key(server.key)) + b"{")

        for _ in range(32):
            hold()
        answers = []

        def ask_until_refused():
            hold()  # the answer before may have taken the place of one of the others
            answers.append(requested(proxy.port, "POST", "/batch", long, X_API_Key=server.key))
            return answers[-1][0] != 200

        long = orjson.dumps({"X": [0.2]}).ljust(10_000)
        wait_until(ask_until_refused)

    assert_unavailable(answers[-1])


def test_client_in_a_cluster_is_the_network_that_the_ingress_controller_names(server, tmp_path):
    with contextlib.ExitStack() as clients:
        proxy = clients.enter_context(proxy_of_a_pod(tmp_path, server.port))
        for number in range(1, 129):
            client = clients.enter_context(contextlib.closing(from_address(proxy.port, 0)))
            client.sendall(head(headers=b"X-API-Key: made-up\r\nX-Forwarded-For: 2001:db8:0:1::%x\r\n" % number) + b"{")

        statuses = [
            requested(proxy.port, "POST", "/stream", ROW, X_API_Key=server.key, X_Forwarded_For=address)[0]
            for address in ("2001:db8:0:1::ffff", "203.0.113.9, 2001:db8:0:1::ffff", "2001:db8:0:2::1", "203.0.113.9")
        ]

    assert statuses == [429, 429, 200, 200]


def test_full_disk_is_answered_503(start, server, tmp_path):
    bodies = tmp_path / "bodies"
    bodies.mkdir()
    disk = ["unshare", "--map-root-user", "--mount", "sh", "-c", SMALL_DISK, str(bodies)]
    if not shutil.which("unshare") or subprocess.run([*disk, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    proxy = start(tmp_path, server.port, within=disk)

    assert_unavailable(requested(proxy.port, "POST", "/batch", bytes(LONG), X_API_Key=server.key))
    assert requested(proxy.port, "POST", "/stream", ROW, X_API_Key=server.key)[0] == 200


def lose(handler):
    """Close the connection without an answer."""
    handler.close_connection = True


@pytest.mark.parametrize(
    ("fault", "times"), [(lose, 2), pytest.param(hang, 1, marks=pytest.mark.slow)], ids=["lost", "silent"]
)
def test_request_is_sent_twice_at_most_and_once_if_it_takes_too_long(start, server, tmp_path, fault, times):
    with FaultProxy.before(f"http://127.0.0.1:{server.port}") as poisoned:
        poisoned.fail(fault)
        proxy = start(tmp_path, poisoned.port)

        assert_unavailable(requested(proxy.port, "POST", "/stream", ROW, X_API_Key="any"))
        assert poisoned.asked["/stream"] == times


def test_labels_whose_answer_is_lost_are_not_sent_again(start, server, tmp_path):
    token = server.ask("POST", "/stream", ROW, X_API_Key=server.key, X_Feedback="1")[1]["x-feedback-token"]
    label = {"token": token, "y": 1.0}
    with FaultProxy.before(f"http://127.0.0.1:{server.port}") as poisoned:
        proxy = start(tmp_path, poisoned.port)
        counted = requested(proxy.port, "POST", "/feedback", label, X_API_Key=server.key)
        poisoned.fail(lose)
        lost = requested(proxy.port, "POST", "/feedback", label, X_API_Key=server.key)

    assert (counted[0], orjson.loads(counted[2])["counted"]) == (202, 1)
    assert_unavailable(lost)
    assert poisoned.asked["/feedback"] == 2
    assert_unavailable(requested(proxy.port, "POST", "/feedback", label, X_API_Key=server.key))
    keyless = requested(proxy.port, "POST", "/feedback", label)
    assert (keyless[0], keyless[1]["www-authenticate"]) == (401, "Bearer")


def test_long_lists_of_labels_need_a_key_and_have_a_bound(start, server, tmp_path):
    proxy = start(tmp_path, server.port)
    long, made_up = bytes(LONG), {"X_API_Key": "made-up"}

    assert requested(proxy.port, "POST", "/feedback", long, **made_up)[0] == 401
    assert requested(proxy.port, "POST", "/feedback", long + b" ", **made_up)[0] == 413
