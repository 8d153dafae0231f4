"""Prometheus beside the stack: reads every replica and evaluates the alerts."""

import json

import pytest

from tests.stack.engine import ROOT, docker
from tests.support.program import wait_until

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def prometheus(stack, trained):
    stack.compose("--profile", "observability", "up", "--detach", "--no-build", "--no-deps", "prometheus")
    stack.wait_until_healthy("prometheus")

    def query(expression):
        text = docker(
            "exec", stack.container("prometheus"), "promtool", "query", "instant", "--format=json",
            "http://127.0.0.1:9090", expression,
        )  # fmt: skip
        return [(series["metric"], float(series["value"][1])) for series in json.loads(text)]

    return query


def test_every_replica_and_the_load_balancer_are_scraped(prometheus, trained):
    wait_until(lambda: len(prometheus('up{job=~"web|nginx"} == 1')) == 3, seconds=30, every=1)
    wait_until(lambda: len(prometheus("endeavour_model_info")) == 2, seconds=30, every=1)

    served = {(labels["version"], labels["source"]) for labels, _ in prometheus("endeavour_model_info")}

    assert {labels["instance"] for labels, _ in prometheus('up{job="web"}')} == {"web-1:9100", "web-2:9100"}
    assert served == {(trained["version"], "registry")}
    assert all(
        prometheus(sums)[0][1] > 0 for sums in ("nginx_connections_active", "sum(endeavour_http_requests_total)")
    )


def test_alerts_fire_at_their_time_and_not_before():
    folder = ROOT / "docker" / "prometheus"
    words = ["--rm", "--network", "none", "--entrypoint", "promtool", "--volume", f"{folder}:/etc/prometheus:ro"]

    assert "SUCCESS" in docker("run", *words, "prom/prometheus:v3", "check", "config", "/etc/prometheus/prometheus.yml")
    assert "SUCCESS" in docker("run", *words, "prom/prometheus:v3", "test", "rules", "/etc/prometheus/alerts-test.yml")
