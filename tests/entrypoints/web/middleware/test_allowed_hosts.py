"""Without keys, a server on a loopback address answers to names of its own machine alone."""

import pytest

from domain.access.api_key import KeyRing
from entrypoints.settings import VARIABLES
from entrypoints.web.dependencies import WebDependencies
from tests.support.web.dependencies import web_dependencies


@pytest.fixture
def web() -> WebDependencies:
    return web_dependencies(host_names=frozenset({"localhost", "box.local"}))


def ask(client, host, path="/model", **environ):
    response = client.get(path, environ_overrides={"HTTP_HOST": host, **environ})
    return response.status_code, (response.json or {}).get("code")


def test_names_and_addresses_of_this_machine_are_answered(one_feature):
    for host in ("localhost", "LocalHost:8000", "localhost.:8000", "127.8.9.1:8000", "[::1]:8000", "box.local:1"):
        assert ask(one_feature, host) == (200, None), host


def test_other_names_and_addresses_are_refused_with_the_remedy(one_feature):
    hosts = ("evil.example", "localhost.evil.example:8000", "10.0.0.1", "127.0.0.1, evil.example", "[evil]", ":8x@")
    for host in hosts:
        for path in ("/model", "/", "/docs", "/nothing"):
            assert ask(one_feature, host, path) == (421, "wrong_host"), host

    detail = one_feature.get("/model", environ_overrides={"HTTP_HOST": "evil.example"}).json["detail"]
    assert "ENDEAVOUR_ALLOW_ANONYMOUS=true" in detail
    assert "ENDEAVOUR_ALLOW_ANONYMOUS" in VARIABLES


def test_missing_host_and_one_that_the_server_cannot_read_are_answered_over_the_first_protocol_alone(one_feature):
    found = [ask(one_feature, "", SERVER_PROTOCOL=f"HTTP/{number}") for number in ("1.0", "1.1", "2")]

    assert found == [(200, None), (421, "wrong_host"), (421, "wrong_host")]


def test_probes_are_answered_under_every_name(one_feature):
    assert ask(one_feature, "evil.example", "/livez") == (200, None)


def test_once_there_are_keys_these_decide(one_feature, web):
    web.active_keys.ring = KeyRing()

    assert ask(one_feature, "evil.example") == (401, "unauthorized")
