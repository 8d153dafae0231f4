"""Files of the stack against the program, without a container engine."""

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from prometheus_client.parser import text_string_to_metric_families

from domain.delivery.rollout import Action
from entrypoints.container import Container
from entrypoints.observability.metrics.exposition import exposition
from entrypoints.web.app import create_app
from entrypoints.web.wire.error_codes import CODES

ROOT = Path(__file__).parent.parent
NGINX = (ROOT / "docker" / "nginx" / "templates" / "endeavour.conf.template").read_text(encoding="utf-8")
ALERTS = (ROOT / "docker" / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
DASHBOARD = (ROOT / "docker" / "grafana" / "dashboards" / "endeavour.json").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
HIDDEN = {"/metrics"}


def test_load_balancer_passes_on_every_route_but_those_that_are_hidden(tmp_path, monkeypatch):
    monkeypatch.setenv("ENDEAVOUR_DATA_DIR", str(tmp_path))
    passed = [re.compile(pattern) for pattern in re.findall(r'^    location ~ "(.*)" \{$', NGINX, re.MULTILINE)]
    rules = {rule.rule for rule in create_app(Container().web_dependencies()).url_map.iter_rules()}

    once, _ = passed
    hidden = {rule for rule in rules if not any(pattern.match(rule) for pattern in passed)}

    assert hidden == HIDDEN
    orders = {*(f"/rollout/{action}" for action in Action), "/rollout/orders", "/console/order"}
    assert {"/feedback", *orders & rules} <= {rule for rule in rules if once.match(rule)}
    assert not any(once.match(path) for path in ("/stream", "/rollout", "/console/rollout", "/rollout/orders/1"))


def test_errors_of_the_load_balancer_are_problems_with_known_codes():
    answers = re.findall(r"return (\d+) '(\{.*\})';", NGINX)

    problems = {(int(status), json.loads(text)["code"]) for status, text in answers}

    assert all(json.loads(text)["status"] == int(status) for status, text in answers)
    listed = {(status, code) for status, codes in CODES.items() for code in codes}
    assert problems - listed == {(400, "bad_request"), (503, "unavailable")}
    errors = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    assert all(f"`{code}`" in errors for _, code in problems)


def test_bodies_that_wait_in_the_load_balancer_fit_its_memory():
    service = COMPOSE["services"]["nginx"]
    largest = int(re.search(r":-(\d+)", service["environment"]["ENDEAVOUR_MAX_BODY_BYTES"])[1])
    at_once = int(re.search(r"limit_conn bulk (\d+);", NGINX)[1])
    (room,) = (int(place[1]) for place in map(re.compile(r"/tmp:size=(\d+)m").match, service["tmpfs"]) if place)  # noqa: S108  # the container's own

    assert largest * at_once < room * 1024 * 1024


def test_no_client_of_the_stack_asks_a_proxy_for_mlflow():
    environments = [service.get("environment", {}) for service in COMPOSE["services"].values()]
    clients = [each for each in environments if "MLFLOW_TRACKING_URI" in each]

    assert len(clients) == 4
    assert all(urlsplit(each["MLFLOW_TRACKING_URI"]).hostname == each["no_proxy"] for each in clients)


def exposed():
    """Return the names of all series that the server exposes."""
    text, _ = exposition({}, [], None, "")
    families = list(text_string_to_metric_families(text.decode()))
    counters = {f"{family.name}_total" for family in families if family.type == "counter"}
    return {family.name for family in families} | counters | {"endeavour_http_request_duration_seconds_bucket"}


def test_metrics_of_alerts_and_dashboard_exist():
    for text in (ALERTS, DASHBOARD):
        asked = set(re.findall(r"\bendeavour_\w+", text))

        assert len(asked) > 4
        assert asked <= exposed()


def test_every_alert_is_explained_and_tried():
    names = {rule["alert"] for group in yaml.safe_load(ALERTS)["groups"] for rule in group["rules"]}
    tried = set(re.findall(r"alertname: (\w+)", (ROOT / "docker" / "prometheus" / "alerts-test.yml").read_text()))

    assert names == tried
    assert all(f"| `{name}` |" in OPERATIONS for name in names)


def test_every_published_port_is_explained_and_on_this_machine_by_default():
    published = [
        place
        for file in sorted(ROOT.glob("docker-compose*.yml"))
        for service in yaml.safe_load(file.read_text())["services"].values()
        for place in service.get("ports", [])
    ]

    assert len(published) == 4
    for place in published:
        assert place.startswith(("127.0.0.1:", "${ENDEAVOUR_ADVERTISED_ADDRESS:-127.0.0.1}:"))
        assert re.search(r":-(\d+)\}:\d+$", place)[1] in OPERATIONS


def test_every_service_is_hardened_and_bounded_and_names_its_volumes():
    for name, service in COMPOSE["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "cap_add" not in service or name == "postgres", name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["pids_limit"], name
        assert service["mem_limit"], name
        assert service["restart"], name
        # Those of our own images are in the Dockerfile.
        assert "build" in service or "healthcheck" in service, name
        # A volume without a name would be left behind.
        assert all(":" in volume for volume in service.get("volumes", ())), name


def test_dask_cluster_of_the_stack_is_hardened_and_has_data_and_scored_files_only():
    dask = yaml.safe_load((ROOT / "docker-compose.dask.yml").read_text(encoding="utf-8"))

    assert dask["networks"] == {"dask": {"internal": True}}
    for name in ("dask-scheduler", "dask-worker"):
        service = dask["services"][name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service.keys() >= {"pids_limit", "mem_limit", "restart", "healthcheck"}
        assert (service["networks"], service["secrets"]) == (["dask"], ["dask.pem"])
        places = (":/data:ro", ":/var/lib/endeavour/scored")
        assert all(volume.endswith(places) for volume in service.get("volumes", ()))
        assert "ports" not in service
        assert not any("MLFLOW" in variable for variable in service["environment"])


def test_replicas_listen_on_a_network_where_nginx_alone_sends_requests():
    members = {name: one for name, one in COMPOSE["services"].items() if "front" in one.get("networks", ())}

    assert members.keys() == {"nginx", "web-1", "web-2"}
    for name in ("web-1", "web-2"):
        host = members[name]["environment"]["ENDEAVOUR_HOST"]
        assert [network for network, one in members[name]["networks"].items() if host in str(one)] == ["front"]


def test_secrets_are_made_once_closed_to_others_and_never_committed(tmp_path):
    folder, make = tmp_path / "secrets", ROOT / "docker" / "secrets.sh"
    folder.mkdir(mode=0o755)
    subprocess.run([make, folder], check=True)
    first = {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}

    subprocess.run([make, folder], check=True)

    assert {path.name: path.read_text() for path in folder.iterdir() if path.is_file()} == first
    assert folder.stat().st_mode & 0o077 == 0
    assert first["postgres_password"] in first["pg_service.conf"]
    assert json.loads(first["s3.json"])["identities"][0]["credentials"][0]["secretKey"] in first["s3_credentials"]
    assert {file["file"] for file in COMPOSE["secrets"].values()} <= {
        f"${{ENDEAVOUR_SECRETS:-./secrets}}/{name}" for name in first
    }
    assert "secrets/" in (ROOT / ".gitignore").read_text().splitlines()
