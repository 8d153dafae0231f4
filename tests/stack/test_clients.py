"""Clients of the load balancer: the address that replicas count them by, and TLS."""

import contextlib
import http.client
import ssl
from collections import Counter

import pytest

from tests.stack.asking import ROW
from tests.stack.conftest import new_stack
from tests.stack.engine import ASK, docker
from tests.support.certificates import certificates
from tests.support.program import ask, requested, wait_until

pytestmark = pytest.mark.stack

BURST = 5
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
    with stack.removed():
        stack.start("nginx")
        yield stack


def test_rate_is_counted_by_the_address_that_the_load_balancer_saw(limited):
    forged = [f"203.0.113.{number}" for number in range(40)]

    statuses = Counter(
        requested(limited.port, "POST", "/stream", ROW, X_Forwarded_For=address, Forwarded=f"for={address}")[0]
        for address in forged
    )
    words = ["--rm", "--network", f"{limited.name}_edge", "--entrypoint", "python"]
    elsewhere = docker("run", *words, limited.variables["ENDEAVOUR_SERVE_IMAGE"], "-c", ASK.format(host="nginx"))

    # Each of the two replicas counts for itself.
    assert statuses == {200: 2 * BURST, 429: 40 - 2 * BURST}
    assert elsewhere.startswith("bundled ")


@pytest.mark.parametrize("network", ["registry", "monitoring"])
def test_services_beside_nginx_reach_no_port_on_which_an_address_could_be_forged(limited, network):
    words = ["--rm", "--network", f"{limited.name}_{network}", "--entrypoint", "python"]

    text = docker("run", *words, limited.variables["ENDEAVOUR_SERVE_IMAGE"], "-c", PORTS)

    assert text.splitlines() == ["8000 closed", "9100 open"]


@pytest.fixture
def tls(secrets):
    """The folder of the certificate, which is empty again after the test: with a file in it, every stack speaks TLS."""
    yield secrets / "tls"
    for file in (secrets / "tls").iterdir():
        file.unlink()


def test_load_balancer_names_a_key_that_it_cannot_read_and_speaks_tls_once_it_can(limited, tls, tmp_path):
    made = certificates(tmp_path, "localhost")
    for name, mode in (("cert.pem", 0o444), ("key.pem", 0o400)):
        (tls / name).write_bytes(made.pair.read_bytes())
        (tls / name).chmod(mode)

    limited.compose("up", "--detach", "--no-build", "--no-deps", "--force-recreate", "nginx")
    wait_until(lambda: "secrets/tls/key.pem" in limited.compose("logs", "nginx"), seconds=30, every=1)
    (tls / "key.pem").chmod(0o444)
    limited.wait_until_healthy("nginx")

    context = ssl.create_default_context(cafile=str(made.authority))
    with contextlib.closing(http.client.HTTPSConnection("localhost", limited.port, context=context)) as connection:
        assert ask(connection, "GET", "/livez")[0] == 200
