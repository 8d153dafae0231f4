"""Load balancer and services of the stack, as clients and the engine see them."""

import json

import orjson
import pytest

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
