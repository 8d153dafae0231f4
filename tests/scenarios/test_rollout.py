"""Rollouts from the command line over a real server: one that ends in a promotion, and one that is aborted."""

import json
from datetime import UTC, datetime

import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from adapters.prometheus.replica_counts import PrometheusReplicaCounts
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage, a_model
from tests.support.load import Load, post
from tests.support.program import run_command, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SLOPE = 938.0
# Ticks follow every second. Evaluations on a busy machine are slow in both models, which no limit of this test notices.
PLAN = {"steps": [50], "shadow_seconds": 2, "step_seconds": [2], "watch_seconds": 2, "ttl_seconds": 6, "slow_ms": 1000}


@pytest.fixture
def store(artifacts):
    return FileModelStore(artifacts / "weights", CsvWeights())


@pytest.fixture
def champion(store):
    name = store.save(ModelVersion("", a_model(SLOPE), a_lineage())).name
    store.promote(name, replacing=None, at=datetime.now(UTC))
    return name


@pytest.fixture
def command(artifacts, tmp_path):
    """Run `endeavour rollout` with the server at `port` as the only replica."""
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({**PLAN, "answer_ms": 10_000}))

    def run(port, *words, check=True):
        words = [str(plan) if word == "PLAN" else word for word in words]
        return run_command(
            "rollout", *words, check=check, ENDEAVOUR_STORE="csv", ENDEAVOUR_DATA_DIR=artifacts, ENDEAVOUR_PORT=port
        )

    return run


def test_counts_of_a_real_server_are_read(ready, store, champion, command):
    challenger = store.save(ModelVersion("", a_model(SLOPE + 1), a_lineage())).name
    program = ready()
    replicas = PrometheusReplicaCounts([f"http://localhost:{program.port}"])
    outside = replicas.read()

    started = command(program.port, "start", challenger, "--plan", "PLAN", "--yes", "--detach", "--json")
    wait_until(lambda: replicas.read()[0].ready)
    asked = [program.ask("POST", "/stream", {"X": 0.2}) for _ in range(20)]
    wait_until(lambda: replicas.read()[0].answers - outside[0].answers == 20)

    (report,) = replicas.read()
    assert [status for status, _, _ in asked] == [200] * 20
    assert (outside[0].problem, outside[0].rollout, outside[0].ready) == ("", "", False)
    assert (report.problem, report.rollout, report.weight) == ("", json.loads(started.stdout)["rollout"], 0)
    assert report.started == outside[0].started


def test_rollout_promotes_a_good_challenger_and_aborts_a_biased_one_without_a_failed_request(
    ready, store, champion, command
):
    biased = a_model(SLOPE + 2 * a_lineage().scores.rmse / 0.2)
    good, bad = (store.save(ModelVersion("", model, a_lineage())).name for model in (a_model(SLOPE + 1), biased))
    program = ready()

    with Load(program.port, [post("/stream", b'{"X": 0.2}')], clients=2) as load:
        aborted = command(program.port, "start", bad, "--plan", "PLAN", "--yes", check=False)
        after_abort = store.history().champion
        refused = command(program.port, "start", bad, "--plan", "PLAN", "--yes", check=False)
        promoted = command(program.port, "start", good, "--plan", "PLAN", "--yes", "--json")
        idle = command(program.port, "status", check=False)

    assert (aborted.returncode, after_abort) == (6, champion), aborted
    assert "differences" in aborted.stdout
    assert refused.returncode == 4
    assert json.loads(promoted.stdout)["outcome"] == "promoted"
    assert store.history().champion == good
    assert (idle.returncode, idle.stdout) == (4, "")
    assert (load.report.failures, set(load.report.statuses)) == ([], {200})
    assert {version for version, _ in load.report.bodies} == {champion, good}
