"""Program that kills the controller of a rollout before each of its writes, and lets another one end the rollout.

Its arguments are `csv` or the address of an MLflow server, and a folder. It raises an error if an end differs from that
of a rollout whose controller lives. It prints how many controllers it killed.
"""

import itertools
import os
import signal
import sys
import time
import traceback
from pathlib import Path

from adapters.files.csv_weights import CsvWeights
from adapters.files.ledger import FileLedger
from adapters.files.model_store import FileModelStore
from adapters.files.rollout_store import FileRolloutStore
from adapters.mlflow.connection import MlflowConnection
from adapters.mlflow.ledger import MlflowLedger
from adapters.mlflow.rollout_store import MlflowRolloutStore
from adapters.mlflow.store import MlflowModelStore
from domain.delivery.rollout import Phase
from tests.support.examples import NOON
from tests.support.rollout_run import ENDS, RolloutRun
from tests.support.rollout_world import RolloutWorld

SECONDS_PER_RUN = 10_000.0
MODEL = "endeavour-kills"
WRITES = (b"POST ", b"PATCH ", b"PUT ", b"DELETE ")


def stores(place: str, folder: Path):
    """Return a store of models, of rollouts and a ledger."""
    if place == "csv":
        models = FileModelStore(folder, CsvWeights())
        return models, FileRolloutStore(folder, models), FileLedger(folder)
    connection, lock = MlflowConnection(place, artifacts=folder, experiment=MODEL), folder / "promotion.lock"
    return [kind(connection, lock=lock, model=MODEL) for kind in (MlflowModelStore, MlflowRolloutStore, MlflowLedger)]


def is_write(event: str, arguments: tuple[object, ...]) -> bool:
    """Return whether an audit event comes before a change of a file or of a registry."""
    if event == "http.client.send":
        return bytes(memoryview(arguments[1])[:8]).startswith(WRITES) if isinstance(arguments[1], bytes) else False
    appends = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & os.O_APPEND)
    return appends or event in ("os.rename", "os.remove", "os.link")


def kill_before(number: int) -> None:
    """Kill this process before the write of this number."""
    writes = itertools.count(1)

    def look(event: str, arguments: tuple[object, ...]) -> None:
        if is_write(event, arguments) and next(writes) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


def in_child(work) -> int:
    """Run `work` in a process of its own, and return its exit code, or minus the signal that killed it."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(place: str, folder: Path) -> None:
    runs = itertools.count(1)
    # After the models are registered, whose times MLflow keeps.
    later = time.time() - NOON.timestamp()

    def world(seconds: float) -> RolloutWorld:
        return RolloutWorld(stores(place, folder), seconds)

    def drive(number: int, began_at: float, fails_from: Phase | None) -> None:
        run = RolloutRun(world(began_at), fails_from).start()
        kill_before(number)
        run.to_the_end()

    def finish(began_at: float, fails_from: Phase | None) -> None:
        run = RolloutRun(world(began_at + 1000), fails_from)
        run.id = f"{RolloutWorld.at(began_at):%Y%m%dT%H%M%SZ}-{run.challenger}"
        run.restart()
        assert run.to_the_end() == ENDS[fails_from], run.to_the_end()
        assert run.world.rollout is None
        run.world.rollouts.reject(run.challenger, "")
        if fails_from is None:
            run.world.store.rollback(at=run.world.now())

    assert in_child(lambda: world(later)) == 0
    killed = 0
    # The second one has all writes of the first but the last; over HTTP, each write takes seconds.
    for fails_from in (None, Phase.WATCH) if place == "csv" else (Phase.WATCH,):
        for number in itertools.count(1):
            began_at = later + SECONDS_PER_RUN * next(runs)
            code = in_child(lambda: drive(number, began_at, fails_from))  # noqa: B023  # it runs at once
            assert code in (0, -signal.SIGKILL)
            assert in_child(lambda: finish(began_at, fails_from)) == 0, (fails_from, number)  # noqa: B023  # the same
            if code == 0:
                break
            killed += 1
    print(killed)  # noqa: T201  # the answer


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
