"""Serving while the registry fails: no prediction fails or waits because of it, and answers name their source.

The outcome of each answer is tested in `tests/application/registry_sync`, and each fault of the network in
`tests/adapters/mlflow/test_champion_http`; here processes meet. Ids are those of docs/failure-modes.md.
"""

import contextlib
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Self
from unittest import mock
from uuid import uuid4

import mlflow
import orjson
import pytest

from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.names import CHAMPION
from adapters.mlflow.rollout_store import MlflowRolloutStore
from adapters.mlflow.store import MlflowModelStore
from domain.delivery.plan import RolloutPlan
from domain.delivery.rollout import Rollout
from domain.errors import StoreUnavailable
from domain.model.model_version import ModelVersion
from tests.support import fault_proxy
from tests.support.examples import NOON, a_lineage, a_model
from tests.support.fault_proxy import FaultProxy, black_hole
from tests.support.load import Load, post
from tests.support.program import Program, command_line, wait_until
from tests.support.rollouts import a_canary

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

POLL, TTL = 0.2, 3.0
# A request that waited for the registry would take its deadline of 2 s. Half of it leaves room for a busy machine.
MAX_MILLISECONDS = 1000
REFUSED, SILENT, DRIPPING, BLACK_HOLE = ("refused", "silent", "dripping", "black hole")
AT_THE_ENDS = {BLACK_HOLE: "was refused|was lost", DRIPPING: "ends .*early|was lost|not JSON"}
TIMED_OUT = "no complete answer within 2 s"
slow = pytest.mark.slow


@dataclass
class Registry:
    """A registered model in a real MLflow server, behind a proxy."""

    store: MlflowModelStore
    connection: MlflowConnection
    proxy: FaultProxy
    name: str

    def save(self, slope: float) -> str:
        """Register a model, and return its version."""
        return self.store.save(ModelVersion("", a_model(slope), a_lineage())).name

    def promote(self, slope: float) -> str:
        """Register a model and put it into production; return its version."""
        version = self.save(slope)
        self.store.promote(version, replacing=self.store.history().champion, at=NOON)
        return version

    def point_to(self, version: str) -> None:
        """Move the alias, and nothing else."""
        with self.connection.client(StoreUnavailable) as client:
            client.set_registered_model_alias(self.name, CHAMPION, version)

    @contextmanager
    def unreachable(self, how: str) -> Iterator[None]:
        """Make the registry unreachable in one of four ways."""
        with contextlib.ExitStack() as faults:
            faults.callback(self.proxy.pass_all)
            if how in (REFUSED, BLACK_HOLE):
                self.proxy.refuse()
            if how == BLACK_HOLE:
                faults.enter_context(black_hole(self.proxy.port))
            if how in (SILENT, DRIPPING):
                self.proxy.fail(fault_proxy.hang if how == SILENT else fault_proxy.drip)
            yield


@pytest.fixture(scope="module")
def registry(mlflow_server, tmp_path_factory):
    name, folder = f"endeavour-{uuid4().hex[:8]}", tmp_path_factory.mktemp("registry")
    with mock.patch.dict(os.environ), FaultProxy.before(mlflow_server.uri) as proxy:
        connection = MlflowConnection(mlflow_server.uri, artifacts=folder / "scratch", experiment=name)
        store = MlflowModelStore(connection, lock=folder / "promotion.lock", model=name)
        yield Registry(store, connection, proxy, name)
    mlflow.set_tracking_uri(None)


@pytest.fixture
def canary(registry, tmp_path):
    """The store of a rollout, and its state: a version answers half of all requests beside the champion."""
    store = MlflowRolloutStore(registry.connection, lock=tmp_path / "lock", model=registry.name)
    champion, challenger = (registry.store.load(name) for name in (registry.promote(1.0), registry.save(2.0)))
    plan = RolloutPlan(steps=(50,), ttl_seconds=TTL)
    return store, replace(a_canary(champion, challenger), plan=plan, stage=1)


@dataclass
class Controller:
    """Writes the next beat of a rollout four times a second inside its context, while no test holds `writing`."""

    store: MlflowRolloutStore
    rollout: Rollout
    over: threading.Event = field(default_factory=threading.Event)
    writing: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self.store.write(self.rollout, replacing=0)
        self.pool = ThreadPoolExecutor(1)
        self.done = self.pool.submit(self.beat)
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.pool.shutdown()
        self.done.result()

    def beat(self) -> None:
        while not self.over.wait(0.25):
            with self.writing:
                before = self.rollout
                self.rollout = replace(before, generation=before.generation + 1, beat=before.beat + 1)
                self.store.write(self.rollout, replacing=before.generation)


@pytest.fixture
def serve(registry, ready):
    """A function that starts a server; the servers of a test share a folder."""
    settings = {"store": "mlflow", "model_name": registry.name, "registry_poll_seconds": POLL}
    return partial(ready, environment={"MLFLOW_TRACKING_URI": registry.proxy.uri}, **settings)


def wait_for(program: Program, version: str, source: str) -> None:
    wait_until(lambda: program.served(12) == {(version, source)}, every=0.05)


def registry_status(program: Program) -> dict[str, object]:
    return orjson.loads(program.ask("GET", "/model")[2])["registry"]


@contextmanager
def loaded(program: Program) -> Iterator[None]:
    """Send predictions inside the context; none fails and none waits."""
    with Load(program.port, [post("/stream", b'{"X": 0.2}')], clients=1) as load:
        yield
    assert load.report.failures == []
    assert set(load.report.statuses) == {200}
    assert load.report.within(0.999) < MAX_MILLISECONDS


@pytest.mark.parametrize("how", [SILENT, pytest.param(BLACK_HOLE, marks=slow)])
@pytest.mark.parametrize(("starts", "seconds"), [(1, 10), pytest.param(50, 2, marks=pytest.mark.soak)])
def test_c01_server_starts_from_its_copy_while_the_registry_is_unreachable(registry, serve, how, starts, seconds):
    """The target of 2 s is for a machine at rest."""
    version, taken = registry.promote(1.0), []
    wait_for(first := serve(), version, "registry")
    first.end()

    with registry.unreachable(how):
        for _ in range(starts):
            began = time.monotonic()
            program = serve()
            taken.append(time.monotonic() - began)
            assert program.served() == {(version, "cache")}
            wait_until(lambda: registry_status(program)["state"] == "unreachable")  # noqa: B023  # called at once
            program.end()

    assert max(taken) < seconds, sorted(taken)


def test_c02_server_with_nothing_to_serve_is_alive_and_not_ready_until_a_champion_appears(registry, serve):
    version = registry.promote(1.0)

    with registry.unreachable(REFUSED):
        # The bundled model is for another name than the registry's model has here.
        program = serve(lines=1)
        status, headers, body = program.ask("POST", "/stream", {"X": 0.2})
        assert (status, orjson.loads(body)["code"]) == (503, "no_model")
        assert int(headers["retry-after"]) > 0
        assert [program.ask("GET", path)[0] for path in ("/livez", "/readyz", "/health")] == [200, 503, 503]
        assert b"the registry: " in program.ask("GET", "/model")[2]

    # Each worker refreshes its own model.
    wait_until(lambda: {program.ask("GET", "/readyz")[0] for _ in range(12)} == {200}, every=0.05)
    wait_for(program, version, "registry")


@pytest.mark.parametrize("how", [BLACK_HOLE, pytest.param(DRIPPING, marks=slow)])
@pytest.mark.parametrize("seconds", [0, pytest.param(60, marks=pytest.mark.soak)])
def test_c04_unreachable_registry_delays_no_request(registry, serve, how, seconds):
    champion = registry.promote(1.0)
    wait_for(program := serve(), champion, "registry")

    with loaded(program):
        with registry.unreachable(how):
            wait_for(program, champion, "cache")
            wait_until(lambda: TIMED_OUT in str(registry_status(program)["reason"]))
            time.sleep(seconds)
        wait_for(program, champion, "registry")
    # A poll that meets the proxy as it begins or ends to fail has another reason. Only changes are logged.
    reasons = [str(line["why"]) for line in program.logged("registry_unreachable")]
    assert all(before != after for before, after in pairwise(reasons))
    assert [TIMED_OUT in reason for reason in reasons if not re.search(AT_THE_ENDS[how], reason)] == [True]
    assert program.logged("registry_recovered")


@slow
def test_c14_and_c19_sync_process_that_stops_or_is_killed_is_replaced_and_its_copy_serves(registry, serve):
    versions = [registry.promote(1.0)]
    wait_for(program := serve(), versions[0], "registry")

    with loaded(program):
        (sync,) = program.registry_syncs()
        os.kill(sync, signal.SIGSTOP)
        wait_for(program, versions[0], "cache")
        os.kill(sync, signal.SIGCONT)
        wait_for(program, versions[0], "registry")
        for delay in (0.0, 0.1):
            versions.append(registry.promote(2.0 + delay))
            time.sleep(delay)
            (sync,) = program.registry_syncs()
            os.kill(sync, signal.SIGKILL)
            wait_until(lambda: program.registry_syncs() not in ([], [sync]))  # noqa: B023  # called at once
        wait_for(program, versions[-1], "registry")
    status = Path(command_line(program.registry_syncs()[0]).split()[-1])
    assert status.exists()
    program.end(signal.SIGKILL)
    wait_until(lambda: not status.parent.exists())

    with registry.unreachable(REFUSED):
        ((version, source),) = serve().served()
    assert (version in versions, source) == (True, "cache")


@slow
def test_any_version_is_compared_while_the_registry_is_away(registry, serve):
    other, champion = registry.promote(1.0), registry.promote(2.0)
    wait_for(program := serve(), champion, "registry")
    wait_until(lambda: program.ask("GET", f"/effects?version={other}")[0] == 200)

    with registry.unreachable(REFUSED):
        wait_for(program, champion, "cache")
        _, _, body = program.ask("GET", f"/effects?version={other}")
        unknown, _, _ = program.ask("GET", "/effects?version=none")

    compared = orjson.loads(body)
    assert (compared["version"], compared["other"]["version"], unknown) == (other, champion, 404)
    assert compared["difference"]["largest"] > 0


@slow
def test_c15_two_servers_of_one_host_keep_one_copy_between_them(registry, serve):
    program, second = serve(lines=1), serve(lines=1)

    for slope in (2.0, 3.0, 4.0):
        version = registry.promote(slope)
        wait_for(program, version, "registry")
        wait_for(second, version, "registry")
    program.end(), second.end()

    with registry.unreachable(REFUSED):
        assert serve().served() == {(version, "cache")}


@pytest.mark.parametrize(("promotions", "spare"), [(3, 3.0), pytest.param(50, 1.0, marks=pytest.mark.soak)])
def test_promotion_is_served_by_all_workers_within_the_poll_and_a_second(registry, serve, promotions, spare):
    """The short form has two seconds more, for a machine that is busy."""
    poll, delays = 1.0, []
    names = [registry.promote(slope) for slope in (2.0, 1.0)][::-1]
    wait_for(program := serve(registry_poll_seconds=poll), names[0], "registry")

    with loaded(program):
        for number in range(promotions):
            registry.point_to(names[(number + 1) % 2])
            began = time.monotonic()
            wait_for(program, names[(number + 1) % 2], "registry")
            delays.append(time.monotonic() - began)

    assert max(delays) < poll + spare, sorted(delays)


def weights(program: Program) -> list[object]:
    """Return the weight that each worker has logged last."""
    return list({line["pid"]: line["weight"] for line in program.logged("rollout_weight_changed")}.values())


@slow
@pytest.mark.parametrize("how", [BLACK_HOLE, SILENT, "no beat"])
def test_r04_challenger_has_no_traffic_a_second_after_the_ttl_of_the_last_beat_that_a_host_saw(
    registry, canary, serve, how
):
    program, (_, rollout), answered_at = serve(), canary, []

    def is_over() -> bool:
        if rollout.challenger in versions(program):
            answered_at.append(time.monotonic())
        return weights(program) == [0, 0]

    with loaded(program), Controller(*canary) as controller:
        wait_until(lambda: weights(program) == [5000, 5000], seconds=30)
        with controller.writing if how == "no beat" else registry.unreachable(how):
            began = time.monotonic()
            wait_until(is_over, seconds=30)
            assert versions(program) == {rollout.champion}
        wait_until(lambda: versions(program) == {rollout.champion, rollout.challenger}, seconds=30)

    assert 0 < answered_at[-1] - began < TTL + 1


def versions(program: Program) -> set[str]:
    return {version for version, _ in program.served()}


@slow
def test_challenger_that_arrives_damaged_is_refused_and_leaves_the_champion_alone(registry, canary, serve):
    store, rollout = canary
    wait_for(program := serve(), rollout.champion, "registry")

    registry.proxy.fail(fault_proxy.changed(lambda body: body.replace(b"2", b"3")), fault_proxy.ARTIFACT)
    with loaded(program), Controller(*canary):
        wait_until(lambda: len(program.logged("challenger_refused")) == 2)
        registry.proxy.pass_all()
        wait_until(lambda: store.read().rollout.beat > rollout.beat + 4)
        assert registry_status(program)["state"] == "ok"
        assert program.served() == {(rollout.champion, "registry")}
    assert weights(program) == []
