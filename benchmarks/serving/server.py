"""A server under measurement: a program of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.serving import processes
from benchmarks.serving.client import NotAnswered, ask_once

ROOT = Path(__file__).parents[2]
# `mlflow models serve` takes 20 s on two idle cores.
START_PATIENCE, END_PATIENCE = 180.0, 15.0
LOOK_EVERY = 0.002
# What could reach a program from the shell that measures.
FOREIGN = ("ENDEAVOUR_", "MLFLOW_", "MLSERVER_")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One program that listens on `port`.

    Parameters
    ----------
    command : sequence of str
    port : int
    log : Path
        Where everything goes that it says, its access log included.
    environment : mapping of str to str, optional
        Beside that of this process.
    cwd : Path, optional
    """

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        self.port, self.log, self._command = port, log, list(command)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
        with log.open("wb") as out:
            self._process = subprocess.Popen(  # noqa: S603  # what the benchmark is about
                command,
                env={**inherited, "OPENBLAS_NUM_THREADS": "1", **(environment or {})},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_answering(self, request: bytes) -> bytes:
        """Return the first good answer to `request`."""
        deadline = time.monotonic() + START_PATIENCE
        while True:
            try:
                return ask_once(self.port, request)
            except (OSError, NotAnswered) as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    said = self.log.read_text(errors="replace")[-2000:]
                    raise NotAnswered(f"{self._command} did not start: {error}\n{said}") from error
                time.sleep(LOOK_EVERY)

    @property
    def pids(self) -> list[int]:
        """Of all its processes."""
        return processes.of_session(self._process.pid)

    @property
    def workers(self) -> list[int]:
        """Of the processes that it has forked."""
        return processes.workers_of(self._process.pid)

    def stop(self) -> None:
        """End it, whatever state it is in."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_PATIENCE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
