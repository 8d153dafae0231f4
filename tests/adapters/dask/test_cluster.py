import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.dask.cluster import DaskCluster
from adapters.dask.tls import TlsFiles
from domain.errors import ClusterUnavailable
from tests.support.certificates import Certificates, certificates
from tests.support.dask_jobs import NumbersFrom, SumOf
from tests.support.dask_processes import Processes, dask_processes, other_release, without_package
from tests.support.program import free_port

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("dask")]


def refusal(place: str, tls: TlsFiles | None = None) -> ClusterUnavailable:
    with DaskCluster(place, tls) as cluster, pytest.raises(ClusterUnavailable) as caught:
        cluster.rounds()
    assert str(caught.value).startswith(f"the cluster at {place} cannot be used: ")
    return caught.value


@pytest.mark.slow
def test_cluster_without_a_scheduler_is_refused_within_15_s():
    began = time.monotonic()

    assert refusal(f"tcp://127.0.0.1:{free_port()}").why.startswith("no scheduler answers there within 10 s")
    assert time.monotonic() - began < 15
    assert refusal("tcp://host.invalid:8786").why == "its host name is not known"


@pytest.mark.slow
def test_cluster_without_workers_is_refused_within_15_s(tmp_path: Path):
    with dask_processes(tmp_path) as processes:
        began = time.monotonic()

        assert refusal(processes.address).why == "the scheduler has no worker"
        assert time.monotonic() - began < 15


@pytest.mark.slow
def test_worker_that_cannot_read_the_rows_is_named(tmp_path: Path):
    bare, other = without_package(tmp_path), other_release(tmp_path)

    def found(**worker: object) -> str:
        with dask_processes(tmp_path, workers=1) as processes:
            processes.worker(**worker)
            processes.wait_for_workers(2)
            return refusal(processes.address).why

    for worker, why in (
        ({"code": bare}, "on one worker the package is missing: tcp://127.0.0.1:"),
        ({"code": other}, "on one worker another release is installed: tcp://127.0.0.1:"),
        ({"memory": "256MiB"}, "on one worker the memory limit is below 512 MiB: tcp://127.0.0.1:"),
    ):
        assert found(**worker).startswith(why)


@pytest.mark.slow
def test_all_faults_of_workers_are_named_at_once_and_a_stopped_one_by_its_address(tmp_path: Path):
    with dask_processes(tmp_path, workers=1) as processes:
        processes.worker(other_release(tmp_path))
        processes.worker(memory="256MiB")
        processes.wait_for_workers(3)
        both = refusal(processes.address).why
        processes.started[1].send_signal(signal.SIGSTOP)
        stopped = refusal(processes.address)

    assert "on one worker another release is installed: tcp://127.0.0.1:" in both
    assert "; on one worker the memory limit is below 512 MiB: tcp://127.0.0.1:" in both
    assert stopped.why.startswith("on one worker no question is answered within 10 s: tcp://127.0.0.1:")
    assert stopped.remedy == "end or restart them"


@pytest.mark.slow
def test_scheduler_without_the_package_is_refused(tmp_path: Path):
    processes = Processes(free_port(), tmp_path / "log")
    try:
        processes.scheduler(without_package(tmp_path))
        processes.worker()

        assert refusal(processes.address).why == "the scheduler lacks the package"
    finally:
        processes.kill()


@pytest.mark.slow
def test_cluster_over_tls_refuses_clients_without_its_certificates(tmp_path: Path):
    def files(of: Certificates) -> TlsFiles:
        return TlsFiles(of.authority, of.pair, of.pair)

    (tmp_path / "other").mkdir()
    ours, others = certificates(tmp_path, "127.0.0.1"), certificates(tmp_path / "other", "127.0.0.1")

    with dask_processes(tmp_path, workers=1, certificates=ours) as processes:
        with DaskCluster(processes.address, files(ours)) as cluster:
            assert cluster.rounds().run(SumOf(), [NumbersFrom(0)]).count == 10
        stranger = refusal(processes.address, files(others))
        assert stranger.why.endswith("or it refuses the certificate")
        assert stranger.remedy == "check ENDEAVOUR_DASK_TLS_CA, _CERT and _KEY"
        plain = refusal(processes.address.replace("tls:", "tcp:"))
        assert plain.why.endswith("or it takes encrypted connections only")


def test_local_cluster_takes_no_plain_connections(cluster):
    host, port = cluster.rounds().client.scheduler.address.removeprefix("tls://").split(":")

    with socket.create_connection((host, int(port)), timeout=5) as plain:
        plain.sendall(b"\x00" * 64)
        answer = b""
        with suppress(ConnectionResetError):
            answer = plain.recv(1024)

    assert answer[:1] in (b"", b"\x15")  # closed, or an alert of TLS
