"""Training on a Dask cluster as a process: the same model on every cluster, interrupted, and after a loss."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from distributed import Client

from tests.scenarios.test_training import finish, read_database, runs_of, start
from tests.support.dask_processes import Processes, dask_processes, wait_for_idle_workers
from tests.support.program import INHERITED, free_port, run_command, wait_until
from tests.support.tables import write_parquet

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.xdist_group("dask")]


@pytest.fixture
def table(tmp_path: Path) -> str:
    """A pattern of two files of 1,200,000 rows, which are two pieces."""
    random = np.random.default_rng(0)
    for number in range(2):
        features = random.normal(size=(4, 1_200_000)).astype(np.float32)
        target = np.sin(features[0]) + features[1] ** 2 + features[2]
        columns = {f"x{index}": column for index, column in enumerate(features)} | {"y": target}
        write_parquet(tmp_path / f"part-{number}.parquet", columns)
    return f"{tmp_path}/part-*.parquet"


def begin(artifacts: Path, table: str, processes: Processes) -> subprocess.Popen[str]:
    """Start a training whose passes take seconds, and wait until the workers are in one."""
    environment = INHERITED | {"ENDEAVOUR_DATA_DIR": str(artifacts), "ENDEAVOUR_DASK": processes.address}
    training = start(environment, "train", "--data", table, "--terms", "splines", "--penalty", "0", "--tol", "1e-15")
    wait_until(lambda: "RUNNING" in runs_of(artifacts).values(), seconds=120)
    time.sleep(0.5)
    return training


def test_model_is_the_same_with_two_workers_here_and_three_elsewhere(tmp_path, table):
    def trained(cluster: str, name: str) -> dict[str, object]:
        words = ("train", "--data", table, "--features", "x0,x1,x2,x3", "--json", "--verbose", "--dask", cluster)
        done = run_command(*words, ENDEAVOUR_DATA_DIR=tmp_path / name, ENDEAVOUR_STORE="csv")
        assert done.stderr == "endeavour: dashboard: the scheduler has none\n"
        facts = json.loads(done.stdout)
        return {name: facts[name] for name in ("intercept", "coefficients", "scores", "relative_excess_loss")}

    with dask_processes(tmp_path, workers=3) as processes:
        processes.wait_for_workers(3)

        assert trained("local:2", "here") == trained(processes.address, "elsewhere")


def test_interrupted_training_leaves_idle_workers_and_registers_nothing(artifacts, tmp_path, table):
    with dask_processes(tmp_path, workers=2) as processes:
        processes.wait_for_workers(2)
        training = begin(artifacts, table, processes)

        training.send_signal(signal.SIGINT)

        assert finish(training)[:2] == (130, "")
        with Client(processes.address, set_as_default=False) as client:
            wait_for_idle_workers(client)
    assert list(runs_of(artifacts).values()) == ["KILLED"]
    assert read_database(artifacts, "select version from model_versions") == []


def test_t09_lost_cluster_fails_the_run_and_registers_nothing(artifacts, tmp_path, table):
    with dask_processes(tmp_path, workers=2) as processes:
        processes.wait_for_workers(2)
        training = begin(artifacts, table, processes)

        processes.started[0].kill()

        code, out, err = finish(training)
    lost = f"endeavour: the cluster at {processes.address} cannot be used: the connection to the scheduler was lost"
    assert (code, out) == (8, "")
    assert err.startswith(lost)
    assert err.count("\n") == 1
    assert list(runs_of(artifacts).values()) == ["FAILED"]
    assert read_database(artifacts, "select version from model_versions") == []


def test_cluster_that_cannot_be_used_is_named_in_one_line(artifacts, tmp_path, table):
    place = f"tcp://127.0.0.1:{free_port()}"
    words = ("train", "--data", table)

    def ended(*more):
        began = time.monotonic()
        done = run_command(*words, *more, check=False, ENDEAVOUR_DATA_DIR=artifacts)
        return done, time.monotonic() - began

    _, seconds_of_start = ended("--dry-run")
    done, seconds = ended("--dask", place)

    assert seconds < seconds_of_start + 20
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (8, "", 1)
    assert place in done.stderr
    assert not artifacts.exists()


def test_faults_of_the_data_are_found_before_the_cluster_is_asked(artifacts, tmp_path, table):
    (tmp_path / "rows.csv").write_text("a,y\n1,2\n")

    for words, named in (
        (("train", "--data", table, "--target", "nope"), "no column 'nope'"),
        (("train", "--data", tmp_path / "rows.csv"), "reads Parquet files only"),
    ):
        place = f"tcp://127.0.0.1:{free_port()}"
        done = run_command(*words, "--dask", place, check=False, ENDEAVOUR_DATA_DIR=artifacts)

        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert named in done.stderr


def test_dask_is_imported_for_a_cluster_only_and_its_extra_is_named(artifacts):
    hidden = "sys.modules.update(dict.fromkeys(('dask', 'distributed')))"
    program = f"import sys; {hidden}; from entrypoints.main import main; main()"
    environment = INHERITED | {"ENDEAVOUR_DATA_DIR": str(artifacts)}

    def ended(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, "train", *words]
        return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)

    assert ended().returncode == 0
    refused = ended("--dask", "local:2")
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "endeavour[train,dask]" in refused.stderr
