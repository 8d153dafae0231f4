"""Monitoring routes: status, figures, versions and changes of a host as JSON."""

from dataclasses import replace

import orjson
import pytest

from adapters.memory.drift_history import InMemoryDriftHistory
from adapters.memory.model_store import InMemoryRegistryState
from adapters.memory.traffic_log import InMemoryTrafficLog
from adapters.memory.version_catalog import InMemoryVersionCatalog
from application.monitoring.list_versions import ListVersions
from application.monitoring.show_figures import ShowFigures
from application.serving.current_model import CurrentModel
from domain.delivery.sync_report import RegistryState, RegistryStatus
from domain.monitoring.catalog import Catalog, ListedVersion
from domain.monitoring.drift_series import DriftLevel
from domain.monitoring.errors import FiguresUnavailable
from entrypoints.web.app import create_app
from tests.support.examples import NOON, a_model, a_version
from tests.support.monitoring import NOW, traffic
from tests.support.rollouts import a_served_rollout, in_rollout
from tests.support.web.dependencies import monitoring, served_models, web_dependencies

CATALOG = Catalog(
    at=NOON, versions=(ListedVersion.of(a_version("2")), ListedVersion(name="1", problem="broken")), champion="2"
)


@pytest.fixture
def current_model():
    return CurrentModel()


@pytest.fixture
def log():
    log = InMemoryTrafficLog()
    log.begin(NOW - 3600)
    log.add({"7": traffic(300, failed=1, rows=900, labels=2, absolute_errors=7.0), "8": traffic(2)}, NOW - 90)
    return log


@pytest.fixture
def client(current_model, log):
    history = InMemoryDriftHistory()
    history.keep(DriftLevel(1, 0.25), NOW - 1)
    use_cases = monitoring(current_model, log, CATALOG, lambda: NOW, drift_history=history)
    return create_app(web_dependencies(current_model=current_model, **use_cases)).test_client()


def test_status_has_the_condition_and_what_it_is_judged_by(client, current_model):
    current_model.replace(served_models(a_model()))

    status = client.get("/status").json

    assert status["condition"] == {
        "kind": "well",
        "sentence": "Healthy. Version 7 serves.",
        "reason": "1 of 302 requests failed in the last 5 minutes.",
        "next": "",
        "since": None,
    }
    assert (status["at"], status["scope"]["name"]) == (NOON.isoformat(), "web-1")
    assert status["traffic"]["answered"] == 302
    assert status["traffic"]["p50_seconds"] == pytest.approx(0.00075)
    assert status["scope"]["sentence"].startswith("web-1 only")
    assert (status["fleet"]["hosts"], status["fleet"]["silent"], status["fleet"]["answered"]) == (1, [], 302)
    (version,) = status["versions"]
    assert (version["name"], version["role"], version["share"], version["rows"]) == ("7", "champion", 1.0, 900)
    assert version["scores"]["r2"] == 0.4726
    assert status["changes"][0]["sentence"] == "The server on web-1 was started."
    assert (status["rollout"], status["registry"]) == (None, None)


def test_status_without_a_model_is_answered(client):
    response = client.get("/status")

    assert (response.status_code, response.json["condition"]["kind"]) == (200, "bad")
    assert response.json["versions"] == []


def test_status_has_the_rollout_and_the_registry(current_model, log):
    current_model.replace(in_rollout(a_model(), a_served_rollout(a_model(900.0), 500)))
    use_cases = monitoring(current_model, log, unix_time=lambda: NOW)
    state = RegistryStatus(RegistryState.OK, "", 1.5, "the disk is full")
    use_cases["report_status"] = replace(use_cases["report_status"], registry_status=lambda: state)
    client = create_app(web_dependencies(current_model=current_model, **use_cases)).test_client()

    status = client.get("/status").json

    assert status["registry"] == {"state": "ok", "reason": "", "seconds": 1.5}
    assert status["copy_problem"] == "the disk is full"
    assert (status["rollout"]["challenger"], status["rollout"]["weight"]) == ("2", 1.0)
    assert [version["share"] for version in status["versions"]] == [0.95, 0.05]


def test_figures_are_lists_by_period(client):
    hour, day = client.get("/figures").json, client.get("/figures?minutes=1440").json

    seven, eight = hour["versions"]
    assert (seven["name"], seven["answered"][-2:], seven["rows"][-2]) == ("7", [300, 0], 900)
    assert (eight["p99_seconds"], len(eight["answered"])) == ([None] * 60, 60)
    assert (seven["labels"][-2:], seven["mae"][-2:], eight["mae"][-1]) == ([2, 0], [3.5, None], None)
    assert (hour["drift"]["drifted"][-1], hour["drift"]["excess_psi"][-2:]) == (1, [None, 0.25])
    assert (hour["held_out_mae"], hour["other_hosts"], day["drift"]["drifted"][-1]) == (None, None, 1)
    assert (hour["period_seconds"], day["period_seconds"], len(day["versions"][0]["failed"])) == (60, 900, 96)


@pytest.mark.parametrize("minutes", ["", "61", "060", "x", "-60"])
def test_other_minutes_are_refused(client, minutes):
    response = client.get(f"/figures?minutes={minutes}")

    body = orjson.loads(response.data)
    assert (response.status_code, body["code"]) == (400, "invalid_parameter")
    assert body["errors"] == [{"place": "minutes", "detail": "must be 60 or 1440"}]


def test_versions_are_listed_with_their_roles(client):
    page = client.get("/versions").json

    assert [(version["name"], version["role"], version["problem"]) for version in page["versions"]] == [
        ("2", "champion", ""),
        ("1", "", "broken"),
    ]
    assert client.get("/versions?before=2").json["versions"][0]["name"] == "1"
    for unknown in ("x", "-1", "%00"):
        refused = client.get(f"/versions?before={unknown}")
        assert (refused.status_code, refused.json["code"]) == (400, "invalid_parameter")


def test_changes_are_listed(client):
    (change,) = client.get("/changes").json["changes"]

    assert (change["what"], change["host"]) == ("server_started", "web-1")


def test_what_cannot_be_read_is_503_without_the_reason(current_model, log, mocker):
    use_cases = monitoring(current_model, log)
    away = InMemoryVersionCatalog(state=InMemoryRegistryState(reachable=False))
    use_cases["list_versions"] = ListVersions(away, lambda: current_model.models)
    mocker.patch.object(ShowFigures, "__call__", side_effect=FiguresUnavailable("the ring", "/secret/path"))
    client = create_app(web_dependencies(current_model=current_model, **use_cases)).test_client()

    for path in ("/figures", "/versions"):
        response = client.get(path)
        assert (response.status_code, orjson.loads(response.data)["code"]) == (503, "unreadable")
        assert b"secret" not in response.data
        assert b"reach" not in response.data
