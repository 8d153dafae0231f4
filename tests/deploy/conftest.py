"""Server without keys, and the proxies of a pod and of the stack in front of servers."""

import contextlib

import pytest

from tests.support.deploy.proxy import proxy_of_a_pod, proxy_of_the_stack
from tests.support.program import Program


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Program(tmp_path_factory.mktemp("server") / "artifacts", trusted_proxies="127.0.0.1") as program:
        yield program


@pytest.fixture(params=[proxy_of_a_pod, proxy_of_the_stack], ids=["pod", "stack"])
def start(request):
    """A function that starts one of the two proxies in front of a server; the proxy ends with the test."""
    with contextlib.ExitStack() as running:

        def started(*arguments, **words):
            return running.enter_context(request.param(*arguments, **words))

        yield started


@pytest.fixture
def proxy(start, server, tmp_path):
    return start(tmp_path, server.port)
