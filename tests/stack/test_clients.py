"""Who a client is, as the replicas see it from behind the load balancer; and TLS on the way there."""

import contextlib
import dataclasses
import http.client
import ssl
from collections import Counter

import pytest

from tests.stack.asking import ROW, send
from tests.stack.conftest import new_stack
from tests.stack.engine import docker
from tests.support.certificates import certificates
from tests.support.program import ask, wait_until

pytestmark = pytest.mark.stack

BURST = 5
ASK = """
import urllib.request as u
r = u.Request('http://nginx:8000/stream', b'{"X": 0.2}', {'Content-Type': 'application/json'})
print(u.urlopen(r).status)
"""
PORTS = """
import socket
for port in (8000, 9100):
    try:
        socket.create_connection(('web-1', port), 3).close()
        print(port, 'open')
    except OSError:
        print(port, 'closed')
"""


@pytest.fixture(scope="module")
def limited(images, secrets):
    stack = new_stack(images, secrets, ENDEAVOUR_RATE_LIMIT_PER_SECOND="0.001", ENDEAVOUR_RATE_LIMIT_BURST=str(BURST))
    try:
        stack.compose("up", "--detach", "--no-build", "nginx")
        wait_until(lambda: stack.health("nginx") == "healthy", seconds=90, every=1)
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "5", check=False)


def test_rate_is_counted_by_the_address_that_the_load_balancer_saw(limited):
    claimed = [f"203.0.113.{number}" for number in range(40)]

    statuses = Counter(
        send(limited, "POST", "/stream", ROW, X_Forwarded_For=address, Forwarded=f"for={address}")[0]
        for address in claimed
    )
    words = ["--rm", "--network", f"{limited.name}_edge", "--entrypoint", "python"]
    elsewhere = docker("run", *words, limited.variables["ENDEAVOUR_SERVE_IMAGE"], "-c", ASK)

    # Each of the two replicas counts for itself.
    assert statuses == {200: 2 * BURST, 429: 40 - 2 * BURST}
    assert elsewhere.strip() == "200"


@pytest.mark.parametrize("network", ["registry", "monitoring"])
def test_services_beside_nginx_reach_no_port_on_which_an_address_could_be_forged(limited, network):
    words = ["--rm", "--network", f"{limited.name}_{network}", "--entrypoint", "python"]

    told = docker("run", *words, limited.variables["ENDEAVOUR_SERVE_IMAGE"], "-c", PORTS)

    assert told.splitlines() == ["8000 closed", "9100 open"]


def test_load_balancer_speaks_tls_with_the_certificate_in_the_folder_of_secrets(limited, secrets, tmp_path):
    made = certificates(tmp_path, "localhost")
    (secrets / "tls").mkdir()
    (secrets / "tls").chmod(0o755)
    for name in ("cert.pem", "key.pem"):
        (secrets / "tls" / name).write_bytes(made.pair.read_bytes())
        (secrets / "tls" / name).chmod(0o444)
    secure = dataclasses.replace(limited, files=(*limited.files, "docker-compose.tls.yml"))

    secure.compose("up", "--detach", "--no-build", "--no-deps", "nginx")
    wait_until(lambda: secure.health("nginx") == "healthy", seconds=60, every=1)

    context = ssl.create_default_context(cafile=str(made.authority))
    with contextlib.closing(http.client.HTTPSConnection("localhost", secure.port, context=context)) as connection:
        assert ask(connection, "GET", "/livez")[0] == 200
