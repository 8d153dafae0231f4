"""Server under measurement: a program of its own with its processes, and the client that loads it."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from benchmarks.report import ROOT

START_SECONDS, STOP_SECONDS, ANSWER_SECONDS = 180.0, 15.0, 60.0  # `mlflow models serve` takes 20 s on two idle cores
LENGTH = re.compile(rb"\AHTTP/1.1 200 .*?\r\ncontent-length: *(\d+).*?\r\n\r\n", re.IGNORECASE | re.DOTALL)
PROC = Path("/proc")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def variables(more: Mapping[str, str]) -> dict[str, str]:
    """Return those of the calling shell that do not change a server, and `more`."""
    foreign = ("ENDEAVOUR_", "MLFLOW_", "MLSERVER_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return {**inherited, "OPENBLAS_NUM_THREADS": "1", **more}


class Connection:
    """A connection to a server, and the part of the answer that has arrived."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.close, self.answer, self.begins, self.ends = self.socket.close, bytearray(), 0, 0

    def ask(self, request: bytes) -> None:
        self.answer, self.ends = bytearray(), 0
        self.socket.sendall(request)

    def is_answered(self) -> bool:
        """Read once, and return whether the answer is whole; raise `ConnectionError` if it is not 200."""
        data = self.socket.recv(65_536)
        self.answer += data
        if not self.ends and (head := LENGTH.match(self.answer)):
            self.begins, self.ends = head.end(), head.end() + int(head[1])
        if not data or (not self.ends and b"\r\n\r\n" in self.answer):
            raise ConnectionError(self.answer[:500].decode(errors="replace"))
        return 0 < self.ends <= len(self.answer)


def ask_once(port: int, request: bytes) -> bytes:
    """Return the body of the answer to `request`, sent on a connection of its own."""
    with contextlib.closing(Connection(port)) as connection:
        connection.ask(request)
        while not connection.is_answered():
            pass
        return bytes(connection.answer[connection.begins :])


def load(port: int, request: bytes, connections: int, warm_up: float, seconds: float) -> tuple[float, int]:
    """Return the answers a second after `warm_up` seconds, one at least, and the number of all answers."""
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(contextlib.closing(Connection(port))) for _ in range(connections)]
        by_number, poll = {each.socket.fileno(): each for each in opened}, select.poll()
        for number, connection in by_number.items():
            poll.register(number, select.POLLIN)
            connection.ask(request)
        began, counted, altogether = time.perf_counter() + warm_up, 0, 0
        while (now := time.perf_counter()) < began + seconds or not counted:
            for number, _ in poll.poll(ANSWER_SECONDS * 1000):
                if by_number[number].is_answered():
                    altogether += 1
                    counted += now >= began
                    by_number[number].ask(request)
        return counted / (time.perf_counter() - began), altogether


class Server:
    """A program that answers requests for one row, and for many if it can, at `port`; its output goes to `log`."""

    def __init__(
        self, command: Sequence[str], port: int, requests: Sequence[bytes], log: Path, more: Mapping[str, str]
    ) -> None:
        self.port, self.requests, self.log, environment = port, requests, log, variables(more)
        with log.open("wb") as out:
            self.process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=out, stderr=out, process_group=0)

    def __enter__(self) -> Self:
        """Wait until the server answers; end it and raise `ConnectionError` if it takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                ask_once(self.port, self.requests[0])
            except OSError as refused:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.__exit__()
                    raise ConnectionError(self.log.read_text()[-2000:]) from refused
                time.sleep(0.002)
            else:
                return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def cpu_seconds(self) -> float:
        """Return the time that its processes have spent on the cores."""
        stats = [(folder / "stat").read_text().rpartition(")")[2].split() for folder in self._processes()]
        return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """Return the memory of all its processes, with shared pages counted once."""
        return sum(_megabytes(folder / "smaps_rollup", "Pss") for folder in self._processes())

    def workers(self) -> dict[int, float]:
        """Return the resident megabytes of the children that are copies of the first process."""
        first, folders = PROC / str(self.process.pid), self._processes()
        copies = [one for one in folders if (one / "cmdline").read_bytes() == (first / "cmdline").read_bytes()]
        return {int(copy.name): _megabytes(copy / "status", "VmRSS") for copy in copies if copy != first}

    def _processes(self) -> list[Path]:
        pids = subprocess.check_output(["pgrep", "--pgroup", str(self.process.pid)], text=True)
        return [PROC / pid for pid in pids.split()]


def _megabytes(file: Path, name: str) -> float:
    return int(re.findall(rf"^{name}:\s+(\d+)", file.read_text(), re.MULTILINE)[0]) * 1024 / 1e6
