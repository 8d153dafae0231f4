"""Orders by the pages of the console: two workers, a controller of its own, and what both make of a person's forms."""

import contextlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from unittest import mock

import mlflow
import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.ledger import FileLedger
from adapters.files.model_store import FileModelStore
from adapters.files.session_secret import FileSessionSecret
from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.store import MlflowModelStore
from adapters.prometheus.replica_counts import PrometheusReplicaCounts
from domain.access.api_key import Role
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage, a_model
from tests.support.keys import Keys
from tests.support.program import INHERITED, free_port, run_command, wait_until
from tests.support.web.console_visit import ConsoleVisit

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SLOPE = 938.0
# Ticks follow every second. The step does not end by itself within the test.
PLAN = {"steps": [50], "shadow_seconds": 0, "step_seconds": [600], "ttl_seconds": 6, "slow_ms": 1000, "min_answers": 1}


@pytest.fixture
def store(artifacts):
    store = FileModelStore(artifacts / "weights", CsvWeights())
    for slope in (SLOPE, SLOPE + 1):
        store.save(ModelVersion("", a_model(slope), a_lineage()))
    store.promote(store.versions()[0], replacing=None, at=datetime.now(UTC))
    return store


@pytest.fixture
def keys(artifacts):
    return Keys(artifacts)


@pytest.fixture
def visit(artifacts, store, keys, ready):
    """An operator at a server with two workers, whose metrics a controller reads."""
    key, metrics = keys.add("night", Role.OPERATE, Role.PREDICT), free_port()
    program = ready(workers=2, metrics_address=f"127.0.0.1:{metrics}")
    variables = {
        "ENDEAVOUR_STORE": "csv",
        "ENDEAVOUR_DATA_DIR": str(artifacts),
        "ENDEAVOUR_REPLICAS": f"http://127.0.0.1:{metrics}",
    }
    visit = ConsoleVisit(program.port, key)
    visit.program, visit.variables, visit.key = program, variables, key
    with controller(variables):
        yield visit


@contextlib.contextmanager
def controller(variables):
    """Run `endeavour rollout run` inside the context."""
    words = [sys.executable, "-m", "entrypoints", "rollout", "run"]
    process = subprocess.Popen(words, env=INHERITED | variables, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


def roles(visit):
    answers = [visit.program.ask("POST", "/stream", {"X": 0.2}, X_API_Key=visit.key) for _ in range(30)]
    assert {status for status, _, _ in answers} == {200}
    return {headers.get("x-model-role") for _, headers, _ in answers}


def shows(visit, path, words):
    return lambda: words in visit.page(path)


def test_person_aborts_a_rollout_by_its_page_and_it_is_in_the_ledger(visit, store, artifacts, tmp_path):
    champion, challenger = store.versions()
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({**PLAN, "answer_ms": 10_000}))
    run_command("rollout", "start", challenger, "--plan", str(plan), "--yes", "--detach", **visit.variables)
    wait_until(lambda: "challenger" in roles(visit), seconds=60, every=0.2)

    fields = visit.form("abort", "rollout?act=abort")
    answers = [visit.send("order", {**fields, "reason": "too slow"}) for _ in range(2)]
    place = answers[0][1]["location"]
    # The host itself needs no controller for that.
    wait_until(lambda: "challenger" not in roles(visit), seconds=2, every=0.1)
    wait_until(shows(visit, place, "is done."), seconds=15, every=0.2)
    wait_until(shows(visit, "rollout", "No rollout."), seconds=15, every=0.2)

    ends = [entry for entry in FileLedger(artifacts / "weights").entries() if entry.event == "aborted"]
    assert {(status, headers["location"]) for status, headers, _ in answers} == {
        (303, f"rollout?order={fields['order']}")
    }
    assert store.history().champion == champion
    (end,) = ends
    assert (end.why.startswith("night (key "), end.why.endswith("asked to abort: too slow.")) == (True, True)
    assert [order["id"] for order in end.verdicts["orders"]] == [fields["order"]]


def test_person_promotes_and_rolls_back_by_hand_once(visit, store, artifacts):
    champion, other = store.versions()
    promote = visit.form("promote", f"versions?act=promote&version={other}")
    _, headers, _ = visit.send("order", {**promote, "reason": "it is better"})
    wait_until(shows(visit, headers["location"], "is done."), seconds=30, every=0.2)
    back = visit.form("rollback", "versions?act=rollback")

    _, headers, _ = visit.send("order", back)
    wait_until(shows(visit, headers["location"], "is done."), seconds=30, every=0.2)
    stale, _, _ = visit.send("order", {**promote, "order": "0" * 32, "seen": f"champion:{other}", "reason": "late"})

    assert stale == 409
    assert [(change.action, change.version) for change in store.history().changes[1:]] == [
        ("promote", other),
        ("rollback", champion),
    ]
    entries = FileLedger(artifacts / "weights").entries()[-2:]
    assert [entry.why.partition(" (order ")[0] for entry in entries] == ["it is better", "no reason given"]
    assert all(entry.actor.startswith("night (key ") for entry in entries)


def test_revoked_key_ends_its_session_within_seconds(visit, keys):
    assert "What you can do" not in visit.page("rollout")
    keys.revoke(visit.key)

    wait_until(lambda: visit.send("order", {"to": "rollout"})[0] == 401, seconds=3, every=0.2)
    status, _, body = visit.send("order", {"to": "rollout"})

    assert status == 401
    assert b"nothing was done" in body


@pytest.fixture
def registry(mlflow_server, tmp_path):
    """A registered model with two versions, the first of which is in production."""
    name = "console-orders"
    with mock.patch.dict(os.environ):
        connection = MlflowConnection(mlflow_server.uri, artifacts=tmp_path / "scratch", experiment=name)
        store = MlflowModelStore(connection, lock=tmp_path / "lock", model=name)
        for slope in (SLOPE, SLOPE + 1):
            store.save(ModelVersion("", a_model(slope), a_lineage()))
        store.promote(store.versions()[0], replacing=None, at=datetime.now(UTC))
        challenger = store.versions()[1]
    mlflow.set_tracking_uri(None)
    return challenger, {
        "store": "mlflow",
        "model_name": name,
        "environment": {"MLFLOW_TRACKING_URI": mlflow_server.uri},
    }


@pytest.mark.soak  # the stack's test of the same takes less
def test_two_hosts_share_a_session_and_an_order_and_end_the_traffic_within_15_seconds(
    registry, ready, tmp_path, mlflow_server
):
    challenger, settings = registry
    keys, ports = Keys(tmp_path / "keys"), [free_port(), free_port()]
    key = keys.add("night", Role.OPERATE, Role.PREDICT)
    FileSessionSecret(tmp_path / "keys" / "console.secret").make(b"\x01" * 32)
    hosts = [
        ready(
            artifacts=tmp_path / f"host-{port}",
            api_keys_file=keys.path,
            metrics_address=f"127.0.0.1:{port}",
            registry_poll_seconds=2,
            **settings,
        )
        for port in ports
    ]
    variables = {
        "MLFLOW_TRACKING_URI": mlflow_server.uri,
        "ENDEAVOUR_MODEL_NAME": settings["model_name"],
        "ENDEAVOUR_DATA_DIR": str(tmp_path / "controller"),
        "ENDEAVOUR_REPLICAS": ",".join(f"http://127.0.0.1:{port}" for port in ports),
    }
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({**PLAN, "ttl_seconds": 30, "answer_ms": 10_000}))
    replicas = PrometheusReplicaCounts([f"http://127.0.0.1:{port}" for port in ports])

    def weights():
        """Send requests, which are the evidence, and return the weights of the hosts."""
        for host in 20 * hosts:
            assert host.ask("POST", "/stream", {"X": 0.2}, X_API_Key=key)[0] == 200
        return {report.weight for report in replicas.read()}

    with controller(variables):
        run_command("rollout", "start", challenger, "--plan", str(plan), "--yes", "--detach", **variables)
        wait_until(lambda: weights() == {5000}, seconds=120, every=0.2)
        visit = ConsoleVisit(hosts[0].port, key)
        fields = {**visit.form("abort", "rollout?act=abort"), "reason": "too slow"}

        first = visit.send("order", fields)[0]
        visit.port = hosts[1].port
        second = visit.send("order", fields)[0]
        assert (first, second) == (303, 303)
        wait_until(lambda: weights() == {0}, seconds=15, every=0.1)
        wait_until(shows(visit, "rollout", "No rollout."), seconds=15, every=0.2)

    (end,) = json.loads(run_command("rollout", "history", "--json", **variables).stdout)
    assert (end["outcome"], len(end["verdicts"]["orders"])) == ("aborted", 1)
