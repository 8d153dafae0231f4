import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.dask.cluster import DaskCluster
from domain.data.pieces import added_in_tree
from domain.errors import ClusterUnavailable, InvalidParameter
from tests.support.dask_jobs import Die, Fail, NumbersFrom, SumOf, Sums
from tests.support.dask_processes import Processes, dask_processes, other_release, wait_for_idle_workers

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("dask")]


def jobs(count: int) -> list[NumbersFrom]:
    return [NumbersFrom(10 * number) for number in range(count)]


def connected(processes: Processes, workers: int) -> DaskCluster:
    processes.wait_for_workers(workers)
    return DaskCluster(processes.address)


def expected(count: int) -> Sums:
    return added_in_tree([job(SumOf()) for job in jobs(count)])


def test_total_has_the_bits_of_a_fixed_tree(cluster):
    for count in (1, 2, 8, 9, 70):
        assert cluster.rounds().run(SumOf(), jobs(count)) == expected(count)


def test_large_work_reaches_every_job_and_is_never_that_of_an_earlier_round(cluster):
    for letter in (b"a", b"b"):
        work = SumOf(ballast=letter * 200_000)

        assert cluster.rounds().run(work, jobs(10)) == added_in_tree([job(work) for job in jobs(10)])


def test_progress_counts_the_rows_of_every_piece_once(cluster):
    seen: list[int] = []

    cluster.rounds().run(SumOf(), jobs(20), seen.append)

    assert sum(seen) == 200


def test_error_of_a_piece_arrives_as_it_was_raised_and_ends_the_round(cluster):
    with pytest.raises(InvalidParameter) as caught:
        cluster.rounds().run(Fail(40), jobs(20))

    assert (caught.value.name, caught.value.value, caught.value.allowed) == ("first", 40, "another number")
    wait_for_idle_workers(cluster.rounds().client)


def test_error_in_the_progress_leaves_idle_workers(cluster):
    def stop(_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cluster.rounds().run(SumOf(0.05), jobs(30), stop)

    wait_for_idle_workers(cluster.rounds().client)


@pytest.mark.slow
def test_total_is_equal_with_three_workers_and_after_one_was_killed_and_another_joined(tmp_path: Path):
    with dask_processes(tmp_path, workers=3) as processes, connected(processes, 3) as cluster:
        quiet = cluster.rounds().run(SumOf(), jobs(40))

        def change() -> None:
            processes.started[1].kill()
            processes.worker()

        changed = threading.Timer(0.3, change)
        changed.start()
        total = cluster.rounds().run(SumOf(0.05), jobs(100))
        changed.join()

        assert processes.started[1].wait(5) == -9
    assert (quiet, total) == (expected(40), expected(100))


@pytest.mark.slow
def test_round_ends_when_workers_die_of_a_job_or_one_of_another_release_has_joined(tmp_path: Path):
    with DaskCluster("local:1") as cluster:
        with pytest.raises(ClusterUnavailable, match="all workers that tried one part died") as caught:
            cluster.rounds().run(Die(), jobs(2))
        assert "if it is memory, give them more" in caught.value.remedy

    with dask_processes(tmp_path, workers=1) as processes, connected(processes, 1) as cluster:
        rounds = cluster.rounds()
        processes.worker(other_release(tmp_path))
        processes.wait_for_workers(2)

        with pytest.raises(ClusterUnavailable, match=r"worker tcp://127\.0\.0\.1:\d+ has another release"):
            rounds.run(SumOf(0.05), jobs(40))


@pytest.mark.slow
def test_round_ends_when_the_cluster_is_lost(tmp_path: Path):
    def lost(index: int, patience: float) -> str:
        with dask_processes(tmp_path, workers=1) as processes, connected(processes, 1) as cluster:
            rounds = replace(cluster.rounds(), patience=patience)
            killed = threading.Timer(0.5, processes.started[index].kill)
            killed.start()
            with pytest.raises(ClusterUnavailable) as caught:
                rounds.run(SumOf(0.1), jobs(40))
            assert caught.value.place == processes.address
            with pytest.raises(ClusterUnavailable):  # a second round fails as the first one does
                rounds.run(SumOf(0.0), jobs(1))
        return caught.value.why

    assert lost(0, 60) == "the connection to the scheduler was lost"
    assert lost(1, 3) == "there was no worker for 3 s"


@pytest.mark.slow
def test_worker_that_is_stopped_in_a_round_is_named(tmp_path: Path):
    with dask_processes(tmp_path, workers=2) as processes, connected(processes, 2) as cluster:
        rounds = replace(cluster.rounds(), patience=3)
        stopped = threading.Timer(0.5, processes.started[1].send_signal, (signal.SIGSTOP,))
        stopped.start()

        with pytest.raises(ClusterUnavailable, match=r"on one worker no question is answered within 10 s: tcp://"):
            rounds.run(SumOf(0.05), jobs(40))
