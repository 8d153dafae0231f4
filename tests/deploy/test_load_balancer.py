"""Load balancer of the stack: TLS, pages of other origins, and its bounds on one client."""

import contextlib
import http.client
import re
import shutil
import socket
import ssl

import orjson
import pytest

from tests.support.certificates import certificates
from tests.support.deploy.proxy import STACK, proxy_of_the_stack
from tests.support.program import ask, requested

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("web proxy")]

ROW = {"X": 0.2}
SHOP = "https://shop.example"
OPERATIONS = STACK.parents[1] / "docs" / "operations.md"


@pytest.fixture
def start(server, tmp_path):
    """A function that starts the load balancer for clients without keys."""
    with contextlib.ExitStack() as running:

        def started(**words):
            proxy = proxy_of_the_stack(tmp_path, server.port, ADVERTISED_ADDRESS="127.0.0.1", **words)
            return running.enter_context(proxy)

        yield started


def with_tls(proxy, context):
    with contextlib.closing(http.client.HTTPSConnection("localhost", proxy.port, timeout=15, context=context)) as there:
        return ask(there, "POST", "/stream", ROW)


@pytest.fixture
def certified(start, tmp_path):
    """The load balancer with a certificate for `localhost`, and the path of its authority."""
    made = certificates(tmp_path, "localhost")
    (tmp_path / "tls").mkdir()
    for name in ("cert.pem", "key.pem"):
        shutil.copy(made.pair, tmp_path / "tls" / name)
    return start(), made.authority


def test_client_that_verifies_the_certificate_is_answered_and_clear_text_is_refused(certified):
    proxy, authority = certified

    status, _, _ = with_tls(proxy, ssl.create_default_context(cafile=str(authority)))
    refused, _, problem = requested(proxy.port, "POST", "/stream", ROW)

    assert (status, refused, orjson.loads(problem)["code"]) == (200, 400, "bad_request")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_protocols_are_refused(certified):
    proxy, _ = certified
    old = ssl._create_unverified_context()  # noqa: S323  # no handshake comes so far
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1

    with pytest.raises((ssl.SSLError, ConnectionError)):
        with_tls(proxy, old)


def test_page_of_an_origin_that_the_operator_allows_may_read_answers(start):
    (at_the_top, in_the_server) = re.findall(r"```nginx\n(.*?)```", OPERATIONS.read_text(encoding="utf-8"), re.DOTALL)
    first, size = "map $upstream_http_x_request_id $own_id {", "    client_max_body_size 4194304;\n"
    proxy = start(extra={first: at_the_top + first, size: size + in_the_server})

    preflight = requested(proxy.port, "OPTIONS", "/stream", Origin=SHOP)
    answers = [requested(proxy.port, "POST", "/stream", body, Origin=SHOP) for body in (ROW, {"X": "a"})]
    stranger = requested(proxy.port, "POST", "/stream", ROW, Origin="https://evil.example")

    assert [status for status, _, _ in (preflight, *answers, stranger)] == [204, 200, 400, 200]
    assert {headers["access-control-allow-origin"] for _, headers, _ in (preflight, *answers)} == {SHOP}
    assert "X-API-Key" in preflight[1]["access-control-allow-headers"]
    assert "access-control-allow-origin" not in stranger[1]


def test_client_that_sends_more_requests_a_second_than_it_may_is_refused(start):
    proxy = start(MAX_RATE="1")

    answers = [requested(proxy.port, "POST", "/stream", ROW) for _ in range(12)]

    assert [status for status, _, _ in answers[:2]] == [200] * 2
    status, headers, problem = answers[-1]
    assert (status, headers["retry-after"], orjson.loads(problem)["code"]) == (429, "1", "rate_limited")


@pytest.mark.slow
def test_one_address_may_have_64_requests_at_once_and_silent_ones_are_left(start):
    proxy, head = start(), b"POST /stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", proxy.port), 30)) for _ in range(80)]
        for client in clients:
            client.sendall(head)
        answers = []
        for client in clients:
            with contextlib.suppress(ConnectionResetError):
                answers.append(client.recv(65_536))

    refused = [answer for answer in answers if answer]
    assert len(refused) == 16
    assert all(answer.startswith(b"HTTP/1.1 429 ") and b"Retry-After: 1" in answer for answer in refused)
