"""Rollouts in the stack: through the load balancer, on two replicas, with shortened steps, under load."""

import contextlib
import json
import time
from dataclasses import replace

import orjson
import pytest

from tests.stack.asking import served
from tests.stack.engine import Stack
from tests.support.load import Load, post
from tests.support.program import requested, wait_until
from tests.support.web.console_visit import ConsoleVisit

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

PLAN = {
    "steps": [1, 50],
    "shadow_seconds": 5,
    "step_seconds": [3],
    "watch_seconds": 5,
    "min_answers": 20,
    "ttl_seconds": 10,
    # Two models on two busy cores are slow by chance.
    "slow_ms": 1000,
    "answer_ms": 10_000,
}
# One step, long enough to stop services in it.
LONG_PLAN = {**PLAN, "steps": [50], "step_seconds": [20]}
# One step that a person ends.
WATCHED_PLAN = {**LONG_PLAN, "step_seconds": [600]}
ROWS = [post("/stream", b'{"X": %.2f}' % (number / 100)) for number in range(-10, 11, 4)]
# Saves a version that predicts `bias` more than the champion, or infinity for each positive feature.
SAVE = """
import dataclasses, sys
from domain.model.linear_model import LinearModel
from entrypoints.container import Container
store = Container().store()
champion = store.champion()
model = champion.model
if sys.argv[1] == 'overflow':
    coefficients, intercept = [1.7e308], 1.75e308
else:
    coefficients, intercept = model.coefficients, model.intercept + float(sys.argv[1])
changed = LinearModel(coefficients, intercept, model.encoding, model.target_transform)
version = dataclasses.replace(champion, model=changed, reference_predictions=None, moments=None)
print('version', store.save(version).name)
"""

# Weight that a replica gives the challenger, 0 without a rollout.
WEIGHT = """
import urllib.request
lines = urllib.request.urlopen('http://127.0.0.1:9100/metrics').read().decode().splitlines()
print(*[line.split()[1] for line in lines if line.startswith('endeavour_rollout_weight ')] or [0])
"""
# Servers that start without the file of keys need none again.
REMOVE_KEYS = """
import pathlib
for name in ('keys.json', 'console.secret'):
    pathlib.Path('/var/lib/endeavour/keys', name).unlink()
"""
REPLICAS = ("web-1", "web-2")


@pytest.fixture(scope="module")
def rollouts(stack, trained, tmp_path_factory):
    """The stack with a running controller, and plans that jobs read in /data."""
    folder = tmp_path_factory.mktemp("data")
    for name, plan in (("plan", PLAN), ("long", LONG_PLAN), ("watched", WATCHED_PLAN)):
        (folder / f"{name}.json").write_text(json.dumps(plan))
    folder.chmod(0o755)
    with_plan = replace(stack, variables={**stack.variables, "ENDEAVOUR_DATA": str(folder)})
    with_plan.compose("--profile", "rollout", "up", "--detach", "--no-build", "--no-recreate", "rollout")
    yield with_plan
    with_plan.compose("--profile", "rollout", "rm", "--stop", "--force", "rollout")
    # Other modules compare what is served with what was trained.
    stack.wait_until_healthy("mlflow")
    stack.endeavour("promote", trained["version"])
    wait_until(lambda: served(stack) == {(trained["version"], "registry")}, seconds=20, every=0.5)


@pytest.fixture
def visit(rollouts):
    """An operator at the console behind the load balancer; the stack needs no keys afterwards."""
    words = ("add", "night-ops", "--role", "operate", "--role", "predict")
    key = rollouts.compose("run", "--rm", "-T", "keys", *words).split()[-1]
    wait_until(lambda: {requested(rollouts.port, "GET", "/model")[0] for _ in range(20)} == {401}, seconds=10)
    visit = ConsoleVisit(rollouts.port, key)
    visit.key = key
    yield visit
    rollouts.compose("run", "--rm", "-T", "--entrypoint", "python", "keys", "-c", REMOVE_KEYS)
    rollouts.compose("up", "--detach", "--no-build", "--no-deps", "--force-recreate", "--timeout", "20", *REPLICAS)
    rollouts.wait_until_healthy(*REPLICAS)
    wait_until(lambda: {requested(rollouts.port, "GET", "/model")[0] for _ in range(20)} == {200}, seconds=30)


def weights(stack: Stack) -> set[float]:
    """Return the weights, of 10,000, that the replicas give the challenger."""
    return {float(stack.python(replica, WEIGHT)) for replica in REPLICAS}


@contextlib.contextmanager
def unbroken_load(stack: Stack):
    """Send requests inside the context; each must be answered 200."""
    with Load(stack.port, ROWS, clients=2) as load:
        yield load
    assert load.report.failures == []
    assert load.report.statuses.keys() == {200}
    assert load.report.answers > 100


def saved(stack: Stack, change: str) -> str:
    text = stack.compose("run", "--rm", "-T", "--entrypoint", "python", "train", "-c", SAVE, change)
    return text.split("version ")[1].split()[0]


def start(stack: Stack, version: str, plan: str = "plan") -> None:
    """Start a rollout, and return when a replica applies it."""
    stack.endeavour("rollout", "start", version, "--plan", f"/data/{plan}.json", "--detach", "--yes")
    wait_until(lambda: state(stack).get("challenger") == version, seconds=30)


def state(stack: Stack) -> dict:
    """Return the rollout as a replica has it, {} without one."""
    status, _, body = requested(stack.port, "GET", "/rollout")
    assert status in (200, 404)
    return orjson.loads(body) if status == 200 else {}


def last_end(stack: Stack) -> dict:
    return stack.endeavour("rollout", "history")[-1]


def roles(stack: Stack, times: int = 40) -> set[str | None]:
    answers = [requested(stack.port, "POST", "/stream", {"X": 0.02}) for _ in range(times)]
    assert {status for status, _, _ in answers} == {200}
    return {headers.get("x-model-role") for _, headers, _ in answers}


def test_good_challenger_goes_from_one_percent_to_everyone(rollouts):
    version = saved(rollouts, "0.5")

    with unbroken_load(rollouts) as load:
        start(rollouts, version)
        wait_until(lambda: state(rollouts).get("weight") == 1, seconds=60, every=0.5)
        wait_until(lambda: {"champion", "challenger"} <= roles(rollouts), seconds=60, every=0.1)
        wait_until(lambda: not state(rollouts), seconds=180, every=0.5)

    end = last_end(rollouts)
    assert (end["challenger"], end["outcome"]) == (version, "promoted")
    assert roles(rollouts) == {None}
    assert version in {served for served, _ in load.report.bodies}
    assert requested(rollouts.port, "POST", "/stream", {"X": 0.2})[1]["x-model-version"] == version


def test_challenger_that_overflows_is_aborted_before_it_has_answered(rollouts):
    version = saved(rollouts, "overflow")

    with unbroken_load(rollouts) as load:
        start(rollouts, version)
        wait_until(lambda: not state(rollouts), seconds=90, every=0.5)

    end = last_end(rollouts)
    assert (end["challenger"], end["outcome"]) == (version, "aborted")
    assert version not in {served for served, _ in load.report.bodies}


def test_challenger_whose_errors_are_larger_is_aborted_by_feedback(rollouts):
    # 0.4 of the hold-out RMSE: less than a difference that counts as one.
    version = saved(rollouts, "20")

    with unbroken_load(rollouts):
        start(rollouts, version)
        end = time.monotonic() + 120
        while state(rollouts) and time.monotonic() < end:
            for _ in range(50):
                _, headers, body = requested(rollouts.port, "POST", "/stream", {"X": 0.02}, X_Feedback="1")
                champion = orjson.loads(body)["result"] - 20 * (headers["x-model-version"] == version)
                label = {"token": headers["x-feedback-token"], "y": champion}
                assert requested(rollouts.port, "POST", "/feedback", label)[0] == 202

    aborted = last_end(rollouts)
    assert (aborted["challenger"], aborted["outcome"]) == (version, "aborted")
    assert "error" in aborted["why"]


def test_traffic_of_the_challenger_ends_with_the_controller_and_with_the_registry_and_comes_back(rollouts):
    version = saved(rollouts, "0.6")

    with unbroken_load(rollouts):
        start(rollouts, version, "long")
        for service, end in (("rollout", "kill"), ("mlflow", "stop")):
            wait_until(lambda: "challenger" in roles(rollouts), seconds=180, every=0.5)

            rollouts.compose("--profile", "rollout", end, service)

            wait_until(lambda: "challenger" not in roles(rollouts), seconds=PLAN["ttl_seconds"] + 5, every=0.5)
            assert roles(rollouts, times=200) == {"champion"}
            rollouts.compose("--profile", "rollout", "start", service)
        wait_until(lambda: not state(rollouts), seconds=300, every=0.5)

    ended = last_end(rollouts)
    assert (ended["challenger"], ended["outcome"]) == (version, "promoted")


def test_person_aborts_a_rollout_behind_the_load_balancer_and_both_replicas_follow_within_15_seconds(rollouts, visit):
    version = saved(rollouts, "0.7")
    row = post("/stream", b'{"X": 0.02}', f"X-API-Key: {visit.key}\r\n".encode())

    with Load(rollouts.port, [row], clients=2) as load:
        rollouts.endeavour("rollout", "start", version, "--plan", "/data/watched.json", "--detach", "--yes")
        wait_until(lambda: weights(rollouts) == {5000.0}, seconds=180, every=0.5)
        fields = visit.form("abort", "rollout?act=abort")
        answers = [visit.send("order", {**fields, "reason": "too slow"}) for _ in range(4)]
        wait_until(lambda: weights(rollouts) == {0.0}, seconds=15, every=0.5)
        wait_until(lambda: "No rollout." in visit.page("rollout"), seconds=15, every=0.5)

    end = last_end(rollouts)
    assert (load.report.failures, set(load.report.statuses)) == ([], {200})
    assert {(status, headers["location"]) for status, headers, _ in answers} == {
        (303, f"rollout?order={fields['order']}")
    }
    assert (end["challenger"], end["outcome"]) == (version, "aborted")
    assert "asked to abort: too slow" in end["why"]
    assert [order["id"] for order in end["verdicts"]["orders"]] == [fields["order"]]
