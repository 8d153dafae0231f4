"""Supervisor of the mirror: the parent process starts it, counts its polls, and starts it again if it dies."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.files.sync_status import sync_status_path
from entrypoints.server.registry_sync.process import CONFIRMED, FAILED

log = logging.getLogger(__name__)

# Importing the MLflow client takes some 5 s on two slow cores.
MAX_START_SECONDS = 30.0
MAX_END_SECONDS = 5.0
RESTART_AFTER_SECONDS = 5.0
DIED = "died"


@contextmanager
def running_sync(count: Callable[[str], None]) -> Iterator["SyncProcess"]:
    """Keep a mirror running inside the context.

    Parameters
    ----------
    count : callable
        Called with the outcome of each poll, and with `DIED` when the mirror dies.
    """
    with sync_status_path() as board:
        mirror = SyncProcess(str(board), count)
        try:
            yield mirror
        finally:
            mirror.stop()


class SyncProcess:
    """Child process that posts reports about the registry to the file `board`, with a thread that supervises it."""

    def __init__(self, board: str, count: Callable[[str], None]) -> None:
        self.board = board
        self._count = count
        self._polled, self._stopping = threading.Event(), threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._supervisor = threading.Thread(target=self._supervise, name="mirroring", daemon=True)
        self._supervisor.start()

    def wait_for_first_poll(self) -> None:
        """Return after the first poll, or when the mirror has died or needs longer than `MAX_START_SECONDS`."""
        if not self._polled.wait(MAX_START_SECONDS):
            log.warning("first_sync_timed_out", extra={"seconds": MAX_START_SECONDS})

    def stop(self) -> None:
        """End the process, and return when it has ended."""
        self._stopping.set()
        self._terminate()
        self._supervisor.join(MAX_END_SECONDS)
        if self._supervisor.is_alive() and self._process:
            self._process.kill()
            self._supervisor.join()

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            code = self._run()
            self._polled.set()
            if not self._stopping.is_set():
                self._count(DIED)
                log.error(
                    "registry_sync_exited", extra={"exit_code": code, "restart_in_seconds": RESTART_AFTER_SECONDS}
                )
                self._stopping.wait(RESTART_AFTER_SECONDS)

    def _run(self) -> int:
        """Run the mirror to its end, and return its exit code."""
        words = [sys.executable, "-m", "entrypoints.server.registry_sync.process", str(os.getpid()), self.board]
        # The parent's import path: the child has no current folder on its own (`entrypoints.main`).
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(  # noqa: S603  # our own module
            words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        ) as self._process:
            if self._stopping.is_set():  # `stop` has found no process, or the one before
                self._terminate()
            for line in self._process.stdout or ():
                if (outcome := line.strip()) in (CONFIRMED, FAILED):
                    self._count(outcome)
                    self._polled.set()
        return self._process.returncode

    def _terminate(self) -> None:
        if self._process:
            self._process.terminate()
