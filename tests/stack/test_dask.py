"""Stack with a Dask cluster: training on its workers, losses of its parts, and what its networks let through."""

import dataclasses
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import orjson
import pytest

from tests.stack.engine import Stack, docker, inspected
from tests.support.program import requested, wait_until
from tests.support.tables import write_parquet

pytestmark = pytest.mark.stack

ROWS, FILES = 1_000_000, 3
# Six passes over the table, which take seconds.
OPTIONS = ("--target", "y", "--terms", "splines", "--penalty", "0", "--tol", "1e-15", "--max-passes", "6", "--json")
TRAIN = ("train", "train", "--data", "/data/*.parquet", *OPTIONS)
# Its dependencies run already, or were stopped by a test.
JOB = ("run", "--rm", "-T", "--no-deps")
SCHEDULER = "dask-scheduler:8786"
# Prints those of its arguments, HOST:PORT, to which a connection opens.
REACH = """
import socket, sys
for place in sys.argv[1:]:
    host, port = place.rsplit(':', 1)
    try:
        socket.create_connection((host, int(port)), 1).close()
        print(place)
    except OSError:
        pass
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of Parquet files, which are a piece each."""
    folder, random = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    for number in range(FILES):
        features = random.normal(size=(4, ROWS)).astype(np.float32)
        target = np.sin(features[0]) + features[1] ** 2 + features[2]
        columns = {f"x{index}": column for index, column in enumerate(features)} | {"y": target}
        write_parquet(folder / f"part-{number}.parquet", columns)
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def dask(stack: Stack, data: Path) -> Iterator[Stack]:
    """The stack with a scheduler and two workers, whose trainings register a model that nothing serves."""
    files = (*stack.files, "docker-compose.dask.yml")
    variables = {**stack.variables, "ENDEAVOUR_DATA": str(data), "ENDEAVOUR_MODEL_NAME": "on-dask"}
    dask = dataclasses.replace(stack, files=files, variables=variables)
    dask.compose("up", "--detach", "--no-build", "--no-deps", "dask-scheduler", "dask-worker")
    wait_until(lambda: reached(dask.containers("dask-worker")[0], SCHEDULER), seconds=60, every=0.5)
    stack.wait_until_healthy("mlflow")
    yield dask
    dask.compose("rm", "--stop", "--force", "dask-worker", "dask-scheduler")
    docker("network", "rm", f"{stack.name}_dask")


@pytest.fixture(scope="module")
def version(dask: Stack) -> str:
    """The version of a training that nothing disturbed."""
    name: str = dask.endeavour(*TRAIN[1:])["version"]
    return name


@contextmanager
def in_training(dask: Stack) -> Iterator[Future[CompletedProcess[str]]]:
    """Start a training, and give its end as a future once its workers are in a pass."""
    with ThreadPoolExecutor(1) as thread:
        training = thread.submit(dask.ended, *JOB, *TRAIN)
        wait_until(lambda: training.done() or "RUNNING" in runs(dask), seconds=120, every=0.2)
        time.sleep(0.5)
        assert "RUNNING" in runs(dask), training.result()
        yield training


def model(dask: Stack) -> str:
    """Return the name of the model that the trainings register."""
    return dask.variables["ENDEAVOUR_MODEL_NAME"]


def runs(dask: Stack) -> list[str]:
    """Return the states of the model's runs, the newest first."""
    status, found = mlflow(dask, "GET", f"experiments/get-by-name?experiment_name={model(dask)}")
    if status == 404:
        return []
    query = {"experiment_ids": [found["experiment"]["experiment_id"]]}
    return [run["info"]["status"] for run in mlflow(dask, "POST", "runs/search", query)[1].get("runs", [])]


def digests(dask: Stack) -> dict[str, str]:
    """Return the digests of the model's versions, by name."""
    status, found = mlflow(dask, "GET", f"model-versions/search?filter=name%3D'{model(dask)}'")
    assert status == 200
    tags = {version["version"]: version["tags"] for version in found.get("model_versions", [])}
    return {name: tag["value"] for name, several in tags.items() for tag in several if tag["key"] == "endeavour.digest"}


def mlflow(dask: Stack, method: str, call: str, body: object = None) -> tuple[int, Any]:
    """Return the status and the answer of a call of MLflow's interface."""
    status, _, answer = requested(dask.page, method, f"/api/2.0/mlflow/{call}", body)
    return status, orjson.loads(answer)


def assert_no_cluster(done: CompletedProcess[str], place: str, why: str) -> None:
    """Require exit code 8, nothing printed, and one message; compose may print the names of services beside it."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("endeavour: ")]
    assert done.returncode == 8, done.stderr
    assert "{" not in done.stdout
    assert "Traceback" not in done.stderr
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith(f"endeavour: the cluster at {place} cannot be used: {why}")


def reached(container: str, *places: str) -> list[str]:
    """Return those of the addresses HOST:PORT to which the container can open a connection."""
    return docker("exec", container, "python", "-c", REACH, *places).split()


def test_cluster_has_no_published_port_and_reaches_no_registry(dask):
    networks = inspected(dask.container("mlflow"))["NetworkSettings"]["Networks"].values()
    registry = [f"{network['IPAddress']}:5000" for network in networks]
    members = [*dask.containers("dask-scheduler"), *dask.containers("dask-worker")]

    assert len(members) == 3
    assert registry
    for container in members:
        assert not any(inspected(container)["NetworkSettings"]["Ports"].values())
        assert reached(container, SCHEDULER, *registry) == [SCHEDULER]


def test_model_is_the_same_when_a_worker_is_killed_in_the_middle_of_the_training(dask, version):
    # Under another name, because weights that are in production already are not registered again.
    disturbed = dataclasses.replace(dask, variables={**dask.variables, "ENDEAVOUR_MODEL_NAME": "disturbed"})
    worker = dask.containers("dask-worker")[0]

    with in_training(disturbed) as training:
        docker("kill", worker)
        assert "RUNNING" in runs(disturbed)
    docker("start", worker)

    assert training.result().returncode == 0
    assert [*digests(disturbed).values()] == [digests(dask)[version]]


def test_workers_score_a_file_each_into_the_volume_of_the_job(dask, version):
    words = ("train", "predict", "--data", "/data", "--output", "/var/lib/endeavour/scored/on-dask", "--json")

    scored = dask.ended(*JOB, *words)

    assert scored.returncode == 0, scored.stderr
    facts = orjson.loads(scored.stdout)
    assert (facts["version"], facts["rows"], facts["files"]) == (version, FILES * ROWS, FILES)
    assert docker("exec", dask.containers("dask-worker")[0], "cat", "/var/lib/endeavour/scored/on-dask/_SUCCESS")


def test_client_without_certificates_is_refused(dask):
    before, plain = digests(dask), f"tcp://{SCHEDULER}"
    without = [word for name in ("CA", "CERT", "KEY") for word in ("-e", f"ENDEAVOUR_DASK_TLS_{name}=")]

    done = dask.ended(*JOB, *without, *TRAIN, "--dask", plain)

    assert_no_cluster(done, plain, "no scheduler answers there within 10 s, or it takes encrypted connections only")
    assert digests(dask) == before


def test_training_without_a_scheduler_registers_nothing(dask):
    before, place = digests(dask), f"tls://{SCHEDULER}"

    with in_training(dask) as training:
        docker("stop", "--time", "5", dask.container("dask-scheduler"))
    later = dask.ended(*JOB, *TRAIN)

    assert_no_cluster(training.result(), place, "the connection to the scheduler was lost")
    # A container that has ended has no name in its network.
    assert_no_cluster(later, place, "its host name is not known")
    assert runs(dask)[0] == "FAILED"
    assert digests(dask) == before
