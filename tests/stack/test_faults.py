"""Faults of the stack: clients are answered while parts of it are away."""

import json
import time

import pytest

from tests.stack.asking import served
from tests.stack.engine import docker
from tests.support.load import Load, post
from tests.support.program import wait_until

pytestmark = pytest.mark.stack

REPLICAS = ("web-1", "web-2")


def restart(stack, service):
    """End a replica as an upgrade does, and start it anew."""
    stack.compose("up", "--detach", "--no-build", "--no-deps", "--force-recreate", "--timeout", "20", service)
    stack.wait_until_healthy(*REPLICAS)


def crash(stack, service):
    """Kill a replica's server; the engine starts it again."""
    before = stack.state(service)["RestartCount"]
    stack.kill(service, "server")
    wait_until(lambda: stack.state(service)["RestartCount"] > before, seconds=30, every=0.5)
    stack.wait_until_healthy(*REPLICAS)


def test_no_request_fails_while_workers_and_replicas_die_and_are_replaced(stack, trained):
    before = [stack.container(service) for service in REPLICAS]

    with Load(stack.port, [post("/stream", b'{"X": 0.2}')], clients=8) as load:
        wait_until(lambda: load.answers > 1000, seconds=60)
        stack.kill("web-1", "workers[0]")
        time.sleep(3)
        stack.kill("web-2", "workers[0]")
        time.sleep(3)
        crash(stack, "web-1")
        restart(stack, "web-1")
        restart(stack, "web-2")
        goal = load.answers + 1000
        wait_until(lambda: load.answers > goal, seconds=60)

    report = load.report
    print(f"{report.answers} answers, 99 % within {report.within(0.99)} ms, all within {max(report.milliseconds)} ms")  # noqa: T201  # for the log of the run
    assert report.failures == []
    assert set(report.statuses) == {200}
    assert {version for version, _ in report.bodies} == {trained["version"]}
    assert len(report.bodies) == 1
    assert not set(before) & {stack.container(service) for service in REPLICAS}


def test_predictions_go_on_without_mlflow_and_postgres_with_the_source_cache(stack, trained):
    database = stack.container("postgres")

    with Load(stack.port, [post("/stream", b'{"X": 0.2}')], clients=1) as load:
        stack.compose("stop", "mlflow", "postgres")
        # The database has ended orderly, with nothing to recover at the next start.
        assert json.loads(docker("inspect", database))[0]["State"]["ExitCode"] == 0
        wait_until(lambda: served(stack) == {(trained["version"], "cache")}, seconds=30, every=0.5)
        # A replica starts without a registry too.
        restart(stack, "web-2")
        assert served(stack) == {(trained["version"], "cache")}

        stack.compose("start", "postgres", "mlflow")
        wait_until(lambda: served(stack) == {(trained["version"], "registry")}, seconds=180, every=1)

    assert load.report.failures == []
    assert set(load.report.statuses) == {200}


def test_everything_that_crashes_is_started_again(stack, trained):
    for service in ("postgres", "nginx", "mlflow"):
        before = stack.state(service)["RestartCount"]
        pid = stack.state(service)["State"]["Pid"]
        assert pid
        # The first process is killed from outside: inside, it receives only signals that it has a handler for.
        docker(
            "run", "--rm", "--pid", "host", "--user", "0", "--cap-add", "KILL", "--entrypoint", "python",
            stack.variables["ENDEAVOUR_SERVE_IMAGE"], "-c", f"import os; os.kill({pid}, 9)",
        )  # fmt: skip
        wait_until(lambda name=service, count=before: stack.state(name)["RestartCount"] > count, seconds=30, every=0.5)
    stack.wait_until_healthy("postgres", "nginx", "mlflow")

    wait_until(lambda: served(stack) == {(trained["version"], "registry")}, seconds=30, every=1)
