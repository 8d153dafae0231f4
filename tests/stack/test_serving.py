"""Load balancer and services of the stack, as clients and the engine see them."""

import json

import orjson
import pytest

from tests.stack.asking import problem, send
from tests.support.program import wait_until

pytestmark = pytest.mark.stack

SERVICES = ("nginx", "web-1", "web-2", "mlflow", "postgres")


def test_bundled_model_answers_while_nothing_has_been_trained(bundled):
    assert {status for status, _, _ in bundled} == {200}
    assert {headers["x-model-source"] for _, headers, _ in bundled} == {"bundled"}
    assert orjson.loads(bundled[0][2])["result"] == pytest.approx(340.57, abs=0.01)


def test_services_have_no_password_in_their_environment(stack, secrets):
    password = (secrets / "postgres_password").read_text()

    assert [name for name in SERVICES if password in json.dumps(stack.state(name)["Config"])] == []


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


def test_routes_for_clients_are_passed_on_and_others_are_not_found(stack):
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
