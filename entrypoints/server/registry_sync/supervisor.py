"""Supervisor of the registry sync: the parent process starts it, counts its polls, and restarts it when it exits."""

import contextlib
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.files.sync_status import sync_status_path
from domain.errors import EndeavourError
from domain.ports import LastKnownGood
from entrypoints.server.registry_sync.process import CONFIRMED, FAILED

log = logging.getLogger(__name__)

# Importing the MLflow client takes some 5 s on two slow cores.
MAX_START_SECONDS = 30.0
MAX_END_SECONDS = 5.0
RESTART_AFTER_SECONDS = 5.0
DIED = "died"


@contextmanager
def running_sync(count: Callable[[str], None]) -> Iterator["SyncProcess"]:
    """Keep a sync process running inside the context.

    Parameters
    ----------
    count : callable
        Called with the outcome of each poll, and with `DIED` when the process has exited.
    """
    with sync_status_path() as path:
        sync = SyncProcess(str(path), count)
        try:
            yield sync
        finally:
            sync.stop()


class SyncProcess:
    """Child process that publishes its reports to the file `status_path`, and the thread that supervises it."""

    def __init__(self, status_path: str, count: Callable[[str], None]) -> None:
        self.status_path = status_path
        self._count = count
        self._polled, self._stopping = threading.Event(), threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._supervisor = threading.Thread(target=self._supervise, name="sync supervisor", daemon=True)
        self._supervisor.start()

    @property
    def has_polled(self) -> bool:
        """True from the end of the first poll, or of the first process."""
        return self._polled.is_set()

    def wait_for_champion(self, local_copy: LastKnownGood) -> None:
        """Return at once if `local_copy` has a champion to serve, else after the first poll.

        A warning is logged if the first poll takes longer than `MAX_START_SECONDS`.
        """
        with contextlib.suppress(EndeavourError):
            if local_copy.champion() is not None:
                return
        if not self._polled.wait(MAX_START_SECONDS):
            log.warning("first_sync_timed_out", extra={"seconds": MAX_START_SECONDS})

    def stop(self) -> None:
        """Terminate the process, and return when it has exited."""
        self._stopping.set()
        self._terminate()
        self._supervisor.join(MAX_END_SECONDS)
        if self._supervisor.is_alive() and self._process:
            self._process.kill()
            self._supervisor.join()

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            try:
                outcome: dict[str, object] = {"exit_code": self._run()}
            except OSError as error:  # the host has no memory or no process to spare
                outcome = {"why": str(error)}
            self._polled.set()
            if not self._stopping.is_set():
                self._count(DIED)
                log.error("registry_sync_exited", extra=outcome | {"restart_in_seconds": RESTART_AFTER_SECONDS})
                self._stopping.wait(RESTART_AFTER_SECONDS)

    def _run(self) -> int:
        """Run the sync process to its end, and return its exit code."""
        command = [sys.executable, "-m", "entrypoints.server.registry_sync.process", str(os.getpid()), self.status_path]
        # The parent's import path: the child has no current folder on its own (`entrypoints.main`).
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        with subprocess.Popen(  # noqa: S603  # our own module
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
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
