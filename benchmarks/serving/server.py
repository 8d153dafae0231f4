"""Server under measurement: a program of its own, its processes, and the environment that it is installed in."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from benchmarks.report import ROOT
from benchmarks.serving.client import NotAnswered, ask_once

# `mlflow models serve` takes 20 s to start on two idle cores.
START_SECONDS, STOP_SECONDS, LOOK_EVERY_SECONDS = 180.0, 15.0, 0.002
# Variables of the calling shell that would change a server.
FOREIGN = ("ENDEAVOUR_", "MLFLOW_", "MLSERVER_")
PROC, TICKS = Path("/proc"), os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port on which no program listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a program of the benchmark and return its output."""
    variables = _variables(environment or {})
    return subprocess.run(command, check=True, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603  # ours


def python_with(name: str, requirements: Path, *project: str) -> str:
    """Return the interpreter of the environment .venv-`name`, which is made anew when its requirements change."""
    folder = ROOT / f".venv-{name}"
    interpreter, done = str(folder / "bin/python"), folder / "done"
    if not (done.exists() and done.read_text() == requirements.read_text()):
        pip = (interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run([sys.executable, "-m", "venv", "--clear", str(folder)])
        run([*pip, "--only-binary", ":all:", "--require-hashes", "--requirement", str(requirements)])
        if project:
            run([*pip, "--no-deps", "--no-build-isolation", "--editable", *project])
        done.write_text(requirements.read_text())
    return interpreter


class Server:
    """A program that answers `request` at `port`; its output goes to a file beside `folder`."""

    def __init__(
        self, command: Sequence[str], port: int, request: bytes, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.port, self.request, self.log = port, request, folder.with_suffix(f".{port}.log")
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(  # noqa: S603  # the program to measure
                command, env=_variables(environment), cwd=ROOT, stdout=out, stderr=out, start_new_session=True
            )

    def __enter__(self) -> Self:
        try:
            self.wait_until_answering()
        except NotAnswered:
            self.__exit__()
            raise
        return self

    def wait_until_answering(self) -> None:
        """Ask until the server answers; raise `NotAnswered` if it ends or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                ask_once(self.port, self.request)
            except (OSError, NotAnswered) as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise NotAnswered(f"{error}\n{self.log.read_text()[-2000:]}") from error
                time.sleep(LOOK_EVERY_SECONDS)
            else:
                return

    def __exit__(self, *_: object) -> None:
        """End all its processes."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def cpu_seconds(self) -> float:
        """Return the time that its processes have spent on the cores."""
        stats = [(folder / "stat").read_text().rpartition(")")[2].split() for folder in self._processes()]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS

    def megabytes(self) -> float:
        """Return the memory of all its processes, with shared pages counted once."""
        return sum(_megabytes(folder / "smaps_rollup", "Pss") for folder in self._processes())

    def workers(self) -> dict[int, float]:
        """Return the resident megabytes of the children that are copies of the first process."""
        first = PROC / str(self.process.pid)
        children = [PROC / pid for pid in (first / f"task/{first.name}/children").read_text().split()]
        copies = [child for child in children if (child / "cmdline").read_bytes() == (first / "cmdline").read_bytes()]
        return {int(child.name): _megabytes(child / "status", "VmRSS") for child in copies}

    def _processes(self) -> list[Path]:
        return [PROC / pid for pid in run(["ps", "-o", "pid=", "-s", str(self.process.pid)]).split()]


def _variables(more: Mapping[str, str]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return {**inherited, "OPENBLAS_NUM_THREADS": "1", **more}


def _megabytes(file: Path, name: str) -> float:
    return int(re.findall(rf"^{name}:\s+(\d+)", file.read_text(), re.MULTILINE)[0]) * 1024 / 1e6
