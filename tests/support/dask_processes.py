"""A Dask cluster whose scheduler and workers are processes of their own, which tests kill."""

import gc
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from distributed import Client

from tests.support.certificates import Certificates
from tests.support.program import INHERITED, free_port, refuses, wait_until

ROOT = Path(__file__).parents[2]


@dataclass
class Processes:
    """A scheduler and its workers; with certificates, over TLS only."""

    port: int
    log: Path
    certificates: Certificates | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{'tls' if self.certificates else 'tcp'}://127.0.0.1:{self.port}"

    def scheduler(self, code: Path = ROOT) -> subprocess.Popen[bytes]:
        """Start the scheduler, and wait until it listens."""
        words = ["--host", self.address.rpartition(":")[0], "--port", str(self.port), "--no-dashboard"]
        process = self._start("scheduler", words, code)
        wait_until(lambda: not refuses(self.port), 30)
        return process

    def worker(self, code: Path = ROOT, memory: str = "2GiB") -> subprocess.Popen[bytes]:
        """Start a worker of one thread that runs the packages in the folder `code`."""
        words = [self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", memory]
        return self._start("worker", [*words, "--local-directory", str(self.log.parent)], code)

    def wait_for_workers(self, count: int) -> None:
        """Wait until so many workers are connected to the scheduler."""
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=30)

    def kill(self) -> None:
        """Kill what is left of the cluster."""
        for process in self.started:
            process.kill()
            process.wait()

    def _start(self, role: str, words: Sequence[str], code: Path) -> subprocess.Popen[bytes]:
        # A Dask process ignores warnings: its libraries' are not this project's.
        command = [sys.executable, "-m", f"distributed.cli.dask_{role}", *words, *self._tls()]
        path = os.pathsep.join((str(code), str(ROOT)))
        environment = INHERITED | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"} | self.variables
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, cwd=code, env=environment, stdout=log, stderr=log)
        self.started.append(process)
        return process

    def _tls(self) -> list[str]:
        if self.certificates is None:
            return []
        pair = str(self.certificates.pair)
        return ["--tls-ca-file", str(self.certificates.authority), "--tls-cert", pair, "--tls-key", pair]


def without_package(folder: Path) -> Path:
    """Make a folder that hides the package, which may be installed, from a process that runs there."""
    (folder / "bare").mkdir()
    (folder / "bare/adapters.py").write_text("raise ModuleNotFoundError(name=__name__)\n")
    return folder / "bare"


def other_release(folder: Path) -> Path:
    """Make a folder with another release of the package."""
    for package in ("domain", "adapters", "tests"):
        shutil.copytree(ROOT / package, folder / "other" / package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "other/domain/added.py").write_text("# of another release\n")
    return folder / "other"


@contextmanager
def dask_processes(
    folder: Path,
    workers: int = 0,
    certificates: Certificates | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Processes]:
    """Run a scheduler and so many workers, and kill what is left of them at the end."""
    processes = Processes(free_port(), folder / "dask.log", certificates, variables)
    try:
        processes.scheduler()
        for _ in range(workers):
            processes.worker()
        yield processes
    finally:
        processes.kill()
        with warnings.catch_warnings():
            # Dask leaves the sockets of a lost connection to the collector, which may run in another test.
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


def wait_for_idle_workers(client: Client) -> None:
    """Wait until no task is with a worker or held in one's memory."""
    wait_until(lambda: not any(client.processing().values()) and not any(client.has_what().values()), 10)
