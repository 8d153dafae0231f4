"""What clients meet at the load balancer, and what they do not."""

import contextlib
import json
import re
import socket

import orjson
import pytest

from tests.entrypoints.serving.program import answer, wait_until
from tests.stack.asking import problem, send
from tests.stack.engine import docker

pytestmark = pytest.mark.stack

SERVICES = ("nginx", "web-1", "web-2", "mlflow", "postgres")


def test_bundled_model_answers_while_nothing_has_been_trained(bundled):
    assert {status for status, _, _ in bundled} == {200}
    assert {headers["x-model-source"] for _, headers, _ in bundled} == {"bundled"}
    assert orjson.loads(bundled[0][2])["result"] == pytest.approx(340.57, abs=0.01)


def test_services_can_do_no_more_than_they_must_and_have_no_password_in_their_environment(stack, secrets):
    password = (secrets / "postgres_password").read_text()
    for service in SERVICES:
        state = stack.state(service)
        host = state["HostConfig"]

        assert host["ReadonlyRootfs"], service
        assert host["CapDrop"] == ["ALL"], service
        assert sorted(host["CapAdd"] or []) == (
            ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"] if service == "postgres" else []
        )
        assert "no-new-privileges:true" in host["SecurityOpt"], service
        assert 0 < host["PidsLimit"] <= 256, service
        assert host["Memory"] > 0, service
        assert host["RestartPolicy"]["Name"] == "unless-stopped", service
        assert password not in json.dumps(state["Config"]), service


def test_only_the_load_balancer_and_mlflows_page_are_published_and_only_on_this_machine(stack):
    published = {
        service: [(place["HostIp"], container) for container, places in ports.items() for place in places or []]
        for service in SERVICES
        if (ports := stack.state(service)["NetworkSettings"]["Ports"])
    }

    assert {service: places for service, places in published.items() if places} == {
        "nginx": [("127.0.0.1", "8000/tcp")],
        "mlflow": [("127.0.0.1", "5000/tcp")],
    }


def test_nothing_but_what_clients_are_for_is_passed_on(stack):
    for path in (
        "/metrics",
        "//metrics",
        "/%6detrics",
        "/docs/../metrics",
        "/metrics/",
        "/stream/../metrics",
        "/admin",
    ):
        status, headers, body = send(stack, "GET", path)

        assert (status, headers["content-type"]) == (404, "application/problem+json"), path
        assert problem(body) == (404, "not_found")
        assert headers["x-request-id"] == orjson.loads(body)["request_id"]
        assert headers["x-content-type-options"] == "nosniff"
    for path in ("/", "/livez", "/readyz", "/health", "/model", "/docs", "/openapi.json", "/v2", "/ping"):
        assert send(stack, "GET", path)[0] == 200, path


def test_request_id_of_a_client_reaches_the_answer_and_the_log_of_a_replica(stack):
    _, headers, _ = send(stack, "POST", "/stream", {"X": 0.2}, X_Request_Id="from-a-client.1")

    assert headers["x-request-id"] == "from-a-client.1"
    wait_until(
        lambda: '"request_id":"from-a-client.1"' in stack.compose("logs", "--tail", "200", "web-1", "web-2"), every=1
    )


def test_request_id_that_could_do_harm_is_replaced(stack):
    _, headers, _ = send(stack, "GET", "/livez", X_Request_Id='"} {"')

    assert re.fullmatch("[0-9a-f]{32}", headers["x-request-id"])


def test_body_may_be_as_long_as_the_servers_take_and_no_longer(stack):
    limit = 4 * 1024 * 1024
    start, end = b'{"X": [0.2', b"]}"
    most = start + b" " * (limit - len(start) - len(end)) + end

    assert send(stack, "POST", "/batch", most)[0] == 200
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as raw:
        raw.sendall(b"POST /batch HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (limit + 1))
        status, body = answer(raw)
    assert (status, problem(body)) == (413, (413, "body_too_large"))


def test_chunked_body_arrives_whole_or_is_refused(stack):
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as raw:
        raw.sendall(b"POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        raw.sendall(b'5\r\n{"X":\r\n5\r\n 0.2}\r\n0\r\n\r\n')
        assert answer(raw)[0] == 200
    with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as raw:
        raw.sendall(b"POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n")
        status, body = answer(raw)
    assert (status, problem(body)) == (400, (400, "bad_request"))


def test_what_is_no_request_is_refused_in_the_same_form(stack):
    for start in (
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET /?" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /metrics%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /docs//../../metrics HTTP/1.1\r\nHost: x\r\n\r\n",
        b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/2.0\r\nHost: x\r\n\r\n",
        b"POST /stream HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", stack.port), timeout=10) as raw:
            raw.sendall(start)
            status, body = answer(raw)

        assert (status, problem(body)) == (400, (400, "bad_request")), start[:40]


HOLD = """
import json, socket, sys, time
many, seconds = int(sys.argv[1]), float(sys.argv[2])
held, refused = [], []
for _ in range(many):
    s = socket.create_connection(('nginx', 8000), timeout=20)
    s.sendall(b'POST /stream HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 100\\r\\n\\r\\n{')
    held.append(s)
print('holding', flush=True)
end = time.time() + seconds
while time.time() < end:
    time.sleep(2)
    for s in list(held):
        s.setblocking(False)
        try:
            told = s.recv(65536)
        except BlockingIOError:
            s.setblocking(True)
            s.sendall(b' ')
        else:
            held.remove(s)
            refused.append(told.decode())
print(json.dumps({'held': len(held), 'refused': refused}))
"""


def holders(stack, how_many, bodies, seconds):
    """Start clients with addresses of their own, each of which sends so many bodies a byte at a time."""
    words = ["--detach", "--network", f"{stack.name}_edge", "--entrypoint", "python"]
    image = stack.variables["ENDEAVOUR_SERVE_IMAGE"]
    return [docker("run", *words, image, "-c", HOLD, str(bodies), str(seconds)).strip() for _ in range(how_many)]


def ended(containers):
    """Return what each of them was told in the end."""
    try:
        for container in containers:
            docker("wait", container)
        return [json.loads(docker("logs", container).splitlines()[-1]) for container in containers]
    finally:
        docker("rm", "--force", "--volumes", *containers)


def test_256_stalled_bodies_hold_up_nobody(stack):
    containers = holders(stack, how_many=4, bodies=64, seconds=20)
    wait_until(lambda: all("holding" in docker("logs", container) for container in containers), seconds=60)

    statuses = [send(stack, "POST", "/stream", {"X": 0.2})[0] for _ in range(200)]

    assert statuses == [200] * 200
    assert [told["held"] for told in ended(containers)] == [64] * 4


def test_one_address_may_have_64_requests_at_once(stack):
    (told,) = ended(holders(stack, how_many=1, bodies=80, seconds=4))

    assert told["held"] == 64
    assert len(told["refused"]) == 16
    for text in told["refused"]:
        head, _, body = text.partition("\r\n\r\n")
        assert head.startswith("HTTP/1.1 429 ")
        assert "Retry-After: 1" in head
        assert problem(body.encode()) == (429, "rate_limited")


def test_silent_client_is_left_after_seconds(stack):
    with socket.create_connection(("127.0.0.1", stack.port), timeout=15) as raw:
        raw.sendall(b"POST /stream HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        with contextlib.suppress(ConnectionResetError):
            assert raw.recv(65536) == b""
