"""The server under load; `make test-slow SOAK=1` runs 1,000 promotions and a million requests."""

import os
import signal
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from adapters.files.csv_weights import CsvWeights
from adapters.files.model_store import FileModelStore
from adapters.files.rollout_store import FileRolloutStore
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Phase
from domain.model.model_version import ModelVersion
from tests.support.examples import a_lineage, a_model
from tests.support.load import Load, post
from tests.support.program import wait_until
from tests.support.rollouts import a_rollout

pytestmark = pytest.mark.e2e

ONE = post("/stream", b'{"X": 0.2}')
# granian's for requests, and the few of the worker's own.
MAX_THREADS = 64 + 16
# Allocated by a worker that has made each page of the console.
MAX_WORKER_MB = 90
CONSOLE_PAGES = ("", "model", "try", "monitoring", "rollout", "versions")
# One request in ten is wrong, each in another way.
MIXED = [ONE] * 18 + [post("/stream", b'{"X": "0.2"}'), post("/batch", b'{"X": [[1, 2]]}')]


@pytest.fixture
def program(ready):
    return ready(log_level="WARNING")


@pytest.mark.parametrize(
    ("promotions", "requests"), [(20, 2_000), pytest.param(1_000, 200_000, marks=pytest.mark.soak)]
)
def test_no_request_fails_or_sees_half_a_model_while_models_are_promoted(program, tmp_path, promotions, requests):
    store = FileModelStore(tmp_path / "artifacts" / "weights", CsvWeights())
    names = [store.save(ModelVersion("", a_model(slope), a_lineage())).name for slope in range(10)]
    expected = {name: float(store.load(name).model.predict([[0.2]])[0]) for name in names}
    champion = names[0]
    store.promote(champion, replacing=None, at=datetime.now(UTC))
    wait_until(lambda: program.served() == {(champion, "registry")})

    with Load(program.port, [ONE]) as load:
        for number in range(promotions):
            replaced, champion = champion, names[(number + 1) % len(names)]
            store.promote(champion, replacing=replaced, at=datetime.now(UTC))
            time.sleep(0.1)
        promoted = time.monotonic()
        wait_until(lambda: program.served() == {(champion, "registry")})
        delay = time.monotonic() - promoted
        wait_until(lambda: load.answers > requests, seconds=300)

    assert load.report.failures == []
    assert set(load.report.statuses) == {200}
    assert load.report.answers >= requests
    received = {(name, orjson.loads(body)["result"]) for name, body in load.report.bodies}
    assert received <= set(expected.items())
    assert len(received) > 1
    assert delay < 3


@pytest.mark.parametrize(
    ("rollouts", "requests"),
    [pytest.param(3, 5_000, marks=pytest.mark.slow), pytest.param(100, 200_000, marks=pytest.mark.soak)],
)
def test_no_request_fails_or_has_a_body_of_two_models_while_rollouts_pass_their_steps(
    program, tmp_path, rollouts, requests
):
    root = tmp_path / "artifacts" / "weights"
    store = FileModelStore(root, CsvWeights())
    states = FileRolloutStore(root, store)
    versions = [store.save(ModelVersion("", a_model(slope), a_lineage())) for slope in range(10)]
    expected = {version.name: float(version.model.predict([[0.2]])[0]) for version in versions}
    store.promote(versions[0].name, replacing=None, at=datetime.now(UTC))
    wait_until(lambda: program.served() == {(versions[0].name, "registry")})

    with Load(program.port, [ONE]) as load:
        for number in range(rollouts):
            pass_steps(store, states, versions[number % 10], versions[(number + 1) % 10])
        wait_until(lambda: load.answers > requests, seconds=600)

    assert load.report.failures == []
    assert set(load.report.statuses) == {200}
    assert load.report.answers >= requests
    received = {(name, orjson.loads(body)["result"]) for name, body in load.report.bodies}
    assert received <= set(expected.items())
    assert len(received) == min(rollouts + 1, 10)


def pass_steps(store, states, champion, challenger):
    """Write the states of a rollout of three steps as its controller does, and promote the challenger."""
    digests = {"champion_digest": champion.model.digest, "challenger_digest": challenger.model.digest}
    first = a_rollout(champion.name, challenger.name, RolloutPlan(steps=(5, 25, 50)))
    state = replace(first, **digests, id=f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{challenger.name}")
    for stage in (0, 0, 1, 2, 3):
        phase = Phase.CANARY if stage else Phase.SHADOW
        state = replace(state, phase=phase, stage=stage, beat=state.beat + 1, generation=state.generation + 1)
        states.write(state, replacing=0 if state.generation == 2 else state.generation - 1)
        time.sleep(0.6)  # a worker looks twice a second
    store.promote(challenger.name, replacing=champion.name, at=datetime.now(UTC))
    states.remove(state)


@pytest.mark.parametrize(
    ("warm_up", "requests"), [(2_000, 5_000), pytest.param(50_000, 1_000_000, marks=pytest.mark.soak)]
)
def test_memory_files_and_threads_of_a_worker_do_not_grow(program, warm_up, requests):
    with Load(program.port, MIXED) as load:
        wait_until(lambda: load.answers > warm_up, seconds=120)
        before = {pid: footprint(pid) for pid in program.workers()}
        wait_until(lambda: load.answers > warm_up + requests, seconds=1_200)
        after = {pid: footprint(pid) for pid in program.workers()}

    assert load.report.failures == []
    assert set(load.report.statuses) == {200, 400, 422}
    assert set(after) == set(before)
    for pid, (memory, files, threads) in after.items():
        # A short run allocates some of its pools and caches for the first time.
        assert memory - before[pid][0] < (1.0 if warm_up > 10_000 else 2.0), "MB"
        # Connections come and go, and with them the threads that granian keeps for a while.
        assert abs(files - before[pid][1]) <= 8
        assert threads <= MAX_THREADS


# Twelve hours of a page that is read every five seconds are 8,640 reads.
@pytest.mark.parametrize(
    "reads", [pytest.param(600, marks=pytest.mark.slow), pytest.param(8_640, marks=pytest.mark.soak)]
)
def test_console_that_is_shown_for_hours_grows_no_worker(program, reads):
    def read(times):
        with program.connection() as connection:
            for number in range(times):
                connection.request("GET", f"/console/{CONSOLE_PAGES[number % len(CONSOLE_PAGES)]}")
                assert connection.getresponse().read().startswith(b"<!doctype html>")

    # Both workers make each page some times.
    for _ in range(40):
        read(len(CONSOLE_PAGES))
    before = {pid: footprint(pid) for pid in program.workers()}
    for _ in range(reads // 60):
        read(60)

    for pid in program.workers():
        memory, _, threads = footprint(pid)
        # An allocator keeps pages of its own, also without growth.
        assert memory - before[pid][0] < 3.0, "MB"
        assert memory < MAX_WORKER_MB
        assert threads <= MAX_THREADS


@pytest.mark.parametrize("kills", [pytest.param(1, marks=pytest.mark.slow), pytest.param(10, marks=pytest.mark.soak)])
def test_killed_worker_fails_only_its_requests_in_flight(program, kills):
    with Load(program.port, [ONE]) as load:
        for _ in range(kills):
            (victim, _), begun = program.workers(), load.answers
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda victim=victim: len(set(program.workers()) - {victim}) == 2)
            # granian takes two kills of one worker within 5.5 s for a loop, and ends.
            time.sleep(6)
            assert load.answers > begun

    assert len(load.report.failures) <= 4 * kills
    assert set(load.report.statuses) == {200}


def footprint(pid: int) -> tuple[float, int, int]:
    """Return the megabytes that a process allocated, and its open files and threads.

    Pages of mapped files are left out, because the kernel drops and reads them as other processes need memory.
    """
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    allocated = sum(int(status[name].split()[0]) for name in ("RssAnon", "VmSwap"))
    return allocated / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())), int(status["Threads"])
